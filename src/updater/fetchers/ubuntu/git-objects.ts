import { ClairError } from '../../../errors.ts';
import { type GitRun, gitOutput } from './git.ts';

/** A file in a commit; `object` is the object name of its content. */
export type GitFile = { readonly path: string; readonly object: string };

export type GitBlob = { readonly path: string; readonly bytes: Uint8Array };

/** The maximum size of a file in bytes; the largest tracker file that Clair reads is 57 kB. */
const MAX_BLOB_BYTES = 16 * 1024 * 1024;

/**
 * Parses the output of `git ls-tree -r -z`, which has the form `MODE TYPE OBJECT\tPATH\0` per entry (git-ls-tree(1)).
 * Returns only regular files.
 */
export function listFiles(output: Buffer): readonly GitFile[] {
  return output
    .toString()
    .split('\0')
    .flatMap((entry) => {
      const [, object, path] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
      return object === undefined || path === undefined ? [] : [{ path, object }];
    });
}

/**
 * Yields the content of files in order, from one run of `git cat-file --batch` (git-cat-file(1)).
 *
 * @throws ClairError during iteration: `run.failure` for a missing or unreadable file, `bytes/limit-exceeded`.
 */
export async function* gitBlobs(files: readonly GitFile[], run: GitRun): AsyncGenerator<GitBlob> {
  if (files.length === 0) return;
  const asked = files.map(({ object }) => `${object}\n`);
  const output = new OutputReader(gitOutput(['cat-file', '--batch'], asked, run));
  try {
    for (const { path, object } of files) {
      const head = (await output.line()) ?? 'nothing';
      const [, found, size] = /^([0-9a-f]+) blob (\d+)$/.exec(head) ?? [];
      if (found !== object)
        throw new ClairError(run.failure.code, `${run.failure.text}: unexpected object for ${path}: ${head}`);
      if (Number(size) > MAX_BLOB_BYTES) {
        throw new ClairError('bytes/limit-exceeded', `${path} is larger than ${MAX_BLOB_BYTES} bytes`);
      }
      const bytes = await output.bytes(Number(size));
      if (bytes === undefined) throw new ClairError(run.failure.code, `${run.failure.text}: ${path} ends too early`);
      await output.line();
      yield { path, bytes };
    }
    // Wait until git exits, so that a failure of git is reported.
    await output.line();
  } finally {
    await output.close();
  }
}

class OutputReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Reads a line; undefined at the end. */
  async line(): Promise<string | undefined> {
    let end = this.#held.indexOf(NEWLINE);
    while (end < 0) {
      if (!(await this.#more())) return undefined;
      end = this.#held.indexOf(NEWLINE);
    }
    const line = this.#held.toString('utf8', 0, end);
    this.#held = this.#held.subarray(end + 1);
    return line;
  }

  /** Reads `length` bytes; undefined when fewer bytes are left. */
  async bytes(length: number): Promise<Uint8Array | undefined> {
    while (this.#held.length < length) {
      if (!(await this.#more())) return undefined;
    }
    const bytes = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true) return false;
    this.#held = Buffer.concat([this.#held, value]);
    return true;
  }
}

const NEWLINE = 0x0a;
