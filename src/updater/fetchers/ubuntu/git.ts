import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asClairError, ClairError, type ErrorCode } from '../../../errors.ts';

/** How git is run: for which repository, and how long. */
export type GitRun = {
  /** Where it is run, and what it takes for the home of its user. */
  readonly folder: string;
  /** The protocol of the one address that it may ask, as `https`; none when it needs no address. */
  readonly protocol?: string;
  /** Configuration that must not be seen in the list of processes: it holds credentials. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  /** What a failure is called, and the code of its error. */
  readonly failure: { readonly code: ErrorCode; readonly text: string };
};

/** The most output of one run that is held; the list of the files of the tracker has some 10 MB. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Of what git says of a failure, its last words. */
const MAX_SAID_CHARACTERS = 500;

/**
 * Runs the program git, without a shell, and gives what it writes.
 *
 * @throws ClairError `feed/program-missing`; the code of `run.failure` when git fails or takes too long, with what it said;
 * `bytes/limit-exceeded` for too much output. The reason of the signal, once git has ended.
 */
export async function runGit(args: readonly string[], run: GitRun): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of gitOutput(args, [], run)) {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES) throw new ClairError('bytes/limit-exceeded', `${run.failure.text}: too much output`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Runs git as {@link runGit} does, gives it `lines` to read, and gives what it writes meanwhile. Whoever stops reading
 * ends it.
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
  // When git ends early, its exit status says why.
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

/** Nothing that lies in a repository or on the machine is run; what git does beside its work it does at once. */
const SETTINGS: readonly string[] = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'credential.helper=',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  'gc.autoDetach=false',
  'gc.pruneExpire=now',
  'maintenance.autoDetach=false',
  // What came over the network stays in packs, which are checked as a whole.
  'fetch.unpackLimit=1',
].flatMap((setting) => ['-c', setting]);

/** What git may know of the environment: where programs are, and how this machine goes out. */
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
    // Without it a clone that is damaged would let git look for a repository in the directories around it.
    GIT_DIR: folder,
    GIT_CONFIG_COUNT: String(Object.keys(secrets).length),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

type End = {
  /** The exit status, or the signal that ended it. */
  readonly status: number | string | null;
  /** Its last words. */
  readonly said: string;
  /** Why it could not be started, or was ended from here. */
  readonly error?: Error;
};

/** Waits for the end of git; never rejects. */
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
  return new ClairError('feed/program-missing', 'the program git, which fetches the tracker of Ubuntu, is not there');
}

/** What git says is partly the server's own words, and ends up in terminals and logs. */
function shownWords(said: string): string {
  return said
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .replaceAll(/\p{Cc}/gu, '\ufffd');
}
