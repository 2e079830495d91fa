import { ClairError } from '../../errors.ts';
import { type TemporaryFile, writeTemporaryFile } from '../../updater/feed/temporary-file.ts';
import type { ImageSet } from '../../worker/sources/image-set.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import type { Console } from '../console.ts';

/** The target for standard input, and the reference of an unnamed image from standard input. */
export const STANDARD_INPUT = '-';

/**
 * The size limit of standard input. The limit is needed because Clair must store the whole archive on disk before
 * reading it.
 */
const MAX_BYTES = 64 * 1024 ** 3;

/**
 * Writes standard input to a temporary file, because an archive can list its layers at the end. The caller must remove
 * the file. If the function throws, no file remains.
 *
 * @throws ClairError `cli/usage` for a terminal or empty input; `bytes/limit-exceeded` for more than `maxBytes`; the
 *   abort reason of the signal
 */
export async function readStandardInput(
  console: Pick<Console, 'input' | 'signal'>,
  { isSbom = false, maxBytes = MAX_BYTES }: { readonly isSbom?: boolean; readonly maxBytes?: number } = {},
): Promise<TemporaryFile> {
  return await withStandardInput(
    console,
    isSbom ? 'clair scan sbom:-' : 'clair scan -',
    async (bytes) => await writeTemporaryFile(bytes, 'standard input', maxBytes, console.signal),
  );
}

/**
 * Runs the work with the bytes of standard input, and closes standard input.
 *
 * @param command the command line for messages
 * @throws ClairError `cli/usage` for a terminal or empty input; errors of the work
 */
export async function withStandardInput<Result>(
  { input, signal }: Pick<Console, 'input' | 'signal'>,
  command: string,
  work: (bytes: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  if (input === undefined || input.isTerminal) {
    throw new ClairError('cli/usage', `standard input is not a pipe or file: ${pipeHint(command)}`);
  }
  // A pending read does not react to the signal, so the listener closes the input.
  signal.addEventListener('abort', input.close, { once: true });
  try {
    return await work(await begun(input.bytes, command));
  } finally {
    signal.removeEventListener('abort', input.close);
    input.close();
  }
}

/** Waits for the first bytes, and returns a stream of all bytes. @throws ClairError `cli/usage` for empty input */
async function begun(bytes: AsyncIterable<Uint8Array>, command: string): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const first = await iterator.next();
    if (first.done === true) {
      throw new ClairError('cli/usage', `standard input is empty: ${pipeHint(command)}`);
    }
    if (first.value.length > 0) return continued(first.value, iterator);
  }
}

function pipeHint(command: string): string {
  if (command.endsWith(' sbom:-')) return `pipe an SBOM into it, for example cat SBOM | ${command}`;
  return `pipe an archive into it, for example docker save IMAGE | ${command}`;
}

async function* continued(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Converts an error that names the temporary file to an error that names standard input. */
export function errorOfStandardInput(error: unknown, { path }: TemporaryFile): unknown {
  if (!(error instanceof ClairError) || !error.message.includes(path)) return error;
  return new ClairError(error.code, error.message.replaceAll(path, 'standard input'), { cause: error });
}

/**
 * Returns the images with the name of standard input instead of the name of the temporary file. Closing the images
 * removes the file.
 */
export function imagesOfStandardInput({ images, close }: ImageSet, { path, remove }: TemporaryFile): ImageSet {
  const named = (image: ImageSource): ImageSource => ({
    ...image,
    target: STANDARD_INPUT,
    reference: image.reference === path ? STANDARD_INPUT : image.reference,
  });
  return {
    images: images.map(({ platform, open }) => ({ platform, open: async () => named(await open()) })),
    async close() {
      try {
        await close();
      } finally {
        await remove();
      }
    },
  };
}
