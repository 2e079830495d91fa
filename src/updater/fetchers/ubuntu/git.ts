import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asClairError, ClairError, type ErrorCode } from '../../../errors.ts';

export type GitRun = {
  /** The working directory, and the home directory of git. */
  readonly folder: string;
  /** The only permitted protocol, such as `https`; absent if git must not use the network. */
  readonly protocol?: string;
  /** Configuration with credentials, which must not appear in the process list. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  readonly failure: { readonly code: ErrorCode; readonly text: string };
};

/**
 * The maximum size of the output that {@link runGit} returns, in bytes; the file list of the tracker is about 10 MB.
 */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The maximum number of characters that are kept from the end of the error output. */
const MAX_SAID_CHARACTERS = 500;

/**
 * Runs git without a shell and returns its output.
 *
 * @throws ClairError `feed/program-missing`; the code of `run.failure` with the error output of git if git fails or
 * times out; `bytes/limit-exceeded` for too much output. The abort reason of the signal, after git has exited.
 */
export async function runGit(args: readonly string[], run: GitRun): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of gitOutput(args, [], run)) {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES)
      throw new ClairError(
        'bytes/limit-exceeded',
        `${run.failure.text}: git wrote more than ${MAX_OUTPUT_BYTES} bytes`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Runs git as {@link runGit} does, but writes `lines` to git and yields the output of git at the same time. The end of
 * the iteration terminates git.
 */
export async function* gitOutput(
  args: readonly string[],
  lines: Iterable<string>,
  run: GitRun,
): AsyncGenerator<Uint8Array> {
  run.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(run.timeoutMs);
  const signal = run.signal === undefined ? timeout : AbortSignal.any([run.signal, timeout]);
  const git = spawn('git', [...SETTINGS, ...args], { cwd: run.folder, env: environmentOf(run), signal });
  const ended = endOf(git);
  // Ignore write errors, because if git exits early, its exit status is the error to report.
  const written = pipeline(Readable.from(lines), git.stdin).catch(() => undefined);
  try {
    yield* git.stdout;
    await written;
    const { status, said, error } = await ended;
    if (error !== undefined) throw error;
    if (status !== 0) {
      const reason = said === '' ? `git ended with ${status}` : said;
      throw new ClairError(run.failure.code, `${run.failure.text}: ${reason}`);
    }
  } catch (error) {
    run.signal?.throwIfAborted();
    if (timeout.aborted) {
      throw new ClairError(run.failure.code, `${run.failure.text}: git took more than ${run.timeoutMs / 1000} seconds`);
    }
    throw asClairError(error, run.failure.code, run.failure.text);
  } finally {
    git.kill();
    await ended;
  }
}

/**
 * Settings that disable hooks, helpers and background work, because git must run no code of the repository or the
 * machine.
 */
const SETTINGS: readonly string[] = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'credential.helper=',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  'gc.autoDetach=false',
  'gc.pruneExpire=now',
  'maintenance.autoDetach=false',
  // Keep fetched objects in packs, because `verify-pack` checks only packs.
  'fetch.unpackLimit=1',
].flatMap((setting) => ['-c', setting]);

/** The environment variables that git inherits, for program paths, proxies and certificates. */
const PASSED_ON: readonly string[] = [
  'PATH',
  'TMPDIR',
  'SystemRoot',
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]),
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];

function environmentOf({ folder, protocol, secrets = {} }: GitRun): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const configuration = Object.entries(secrets).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ]);
  return {
    ...Object.fromEntries([...passed, ...configuration]),
    HOME: folder,
    LC_ALL: 'C',
    GIT_ALLOW_PROTOCOL: protocol ?? '',
    // Without this variable, git would search parent directories if the clone is damaged.
    GIT_DIR: folder,
    GIT_CONFIG_COUNT: String(Object.keys(secrets).length),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

type End = {
  /** The exit status, or the signal that ended git. */
  readonly status: number | string | null;
  /** The end of the error output. */
  readonly said: string;
  /** The reason why git could not be started, or why Clair terminated git. */
  readonly error?: Error;
};

/** Waits until the process has ended. Never rejects. */
async function endOf(git: ChildProcessWithoutNullStreams): Promise<End> {
  let said = '';
  let failure: Error | undefined;
  git.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_CHARACTERS);
  });
  return await new Promise((resolve) => {
    const end = (status: End['status']): void =>
      resolve({ status, said: shownWords(said), ...(failure && { error: failure }) });
    git.once('error', (error: NodeJS.ErrnoException) => {
      failure = error.code === 'ENOENT' ? programMissing() : error;
      if (git.pid === undefined) end(null);
    });
    git.once('close', (status, signal) => end(status ?? signal));
  });
}

function programMissing(): ClairError {
  return new ClairError('feed/program-missing', 'the program git is not installed; the feed ubuntu requires git');
}

/**
 * Replaces line breaks and control characters, because error output quotes the server and is printed to terminals and
 * logs.
 */
function shownWords(said: string): string {
  return said
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .replaceAll(/\p{Cc}/gu, '\ufffd');
}
