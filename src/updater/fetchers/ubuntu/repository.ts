import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unreadableFile } from '../../../bytes/file-bytes.ts';
import { shownAddress } from '../../../bytes/http/client.ts';
import { ClairError } from '../../../errors.ts';
import { DocumentIntake, type FeedDocument } from '../../feed/document-intake.ts';
import type { FeedDocuments } from '../../feed/many-documents.ts';
import { isFileUrl, localPath } from '../../../bytes/local-path.ts';
import type { FeedValidators, FetchContext } from '../../feed/fetcher.ts';
import { type GitRun, runGit } from './git.ts';
import { gitBlobs, listFiles } from './git-objects.ts';

type Address = {
  /** The address without credentials. */
  readonly url: string;
  readonly shown: string;
  readonly protocol: string;
  readonly secrets: Readonly<Record<string, string>>;
};

/** The timeouts for the query of the newest commit, for a complete clone (about 200 MB), and for local commands. */
const ASK_TIMEOUT_MS = 2 * 60_000;
const FETCH_TIMEOUT_MS = 60 * 60_000;
const LOCAL_TIMEOUT_MS = 15 * 60_000;

/** The ref of the last fetched commit. */
const FETCHED = 'refs/clair/fetched';

/**
 * Returns whether an address is read as a git repository. Repositories are HTTP addresses without the suffix of an
 * archive, document or compression, and local directories with `HEAD` or `.git`.
 */
export async function isRepository(url: string): Promise<boolean> {
  if (!isFileUrl(url)) return !/\.(?:tar|tgz|tbz2?|txz|zip|json|xml|txt|gz|xz|zst|bz2)$/i.test(shownAddress(url));
  const path = localPath(url);
  return (await exists(join(path, 'HEAD'))) || (await exists(join(path, '.git')));
}

/**
 * Opens the files of the newest commit. The hash of the commit is the entity tag of the feed; if the hash is unchanged,
 * nothing is transferred. A bare clone without history stays in `context.cache`, so that only changed files are
 * transferred. Without a cache, the clone is deleted after reading.
 *
 * @param wants returns whether to read the file at a path
 * @throws ClairError immediately or during iteration: `feed/program-missing` without git, `bytes/not-found`,
 * `bytes/unreachable`, `bytes/corrupt`, `feed/empty` for a repository without a commit; the abort reason of the signal.
 */
export async function openRepository(
  url: string,
  wants: (path: string) => boolean,
  context: FetchContext,
): Promise<FeedDocuments> {
  const address = readAddress(url);
  const newest = await newestCommit(address, context.signal);
  if (context.validators?.etag === newest) return { kind: 'not-modified' };
  const validators: { -readonly [Key in keyof FeedValidators]: FeedValidators[Key] } = {};
  const documents = repositoryDocuments(address, wants, context, (commit) => {
    validators.etag = commit;
  });
  return { kind: 'documents', documents, where: address.shown, validators };
}

/**
 * Parses an address. Removes the credentials from the address, because every user of the machine can read command
 * lines.
 */
function readAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:', 'file:'].includes(url.protocol)) {
    throw new ClairError(
      'bytes/not-found',
      `${shownAddress(text)} is not an http:, https: or file: URL of a git repository`,
    );
  }
  const { username, password } = url;
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const secrets = { [`http.${url.origin}.extraHeader`]: `Authorization: Basic ${credentials}` };
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    shown: url.protocol === 'file:' ? localPath(text) : shownAddress(text),
    protocol: url.protocol.slice(0, -1),
    secrets: username === '' && password === '' ? {} : secrets,
  };
}

async function newestCommit(address: Address, signal: AbortSignal | undefined): Promise<string> {
  const run = remoteRun(address, tmpdir(), ASK_TIMEOUT_MS, signal);
  const answer = await runGit(['ls-remote', '--', address.url, 'HEAD'], run).catch((error: unknown) => {
    throw isAbsent(error) ? new ClairError('bytes/not-found', error.message, { cause: error }) : error;
  });
  const [, commit] = /^([0-9a-f]{40,64})\tHEAD$/m.exec(answer.toString()) ?? [];
  if (commit === undefined) throw new ClairError('feed/empty', `${address.shown} is a git repository without commits`);
  return commit;
}

function isAbsent(error: unknown): error is ClairError {
  return (
    error instanceof ClairError &&
    error.code === 'bytes/unreachable' &&
    /repository '[^']*' not found|does not (?:exist|appear to be a git repository)/.test(error.message)
  );
}

async function* repositoryDocuments(
  address: Address,
  wants: (path: string) => boolean,
  context: FetchContext,
  done: (commit: string) => void,
): AsyncGenerator<FeedDocument> {
  const { signal } = context;
  const folder = context.cache ?? (await mkdtemp(join(tmpdir(), 'clair-git-')));
  try {
    const clone = await freshClone(address, folder, signal);
    const local = localRun(clone, address, signal);
    const commit = (await runGit(['rev-parse', FETCHED], local)).toString().trim();
    const intake = new DocumentIntake({ wants, ...(signal && { signal }) });
    const files = listFiles(await runGit(['ls-tree', '-r', '-z', '--full-tree', commit], local));
    for await (const { path, bytes } of gitBlobs(
      files.filter((file) => intake.wants(file.path)),
      local,
    )) {
      yield intake.document(path, `${path} in ${address.shown}`, () => once(bytes));
    }
    done(commit);
  } finally {
    if (context.cache === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Updates or creates the clone in `folder`. The clone may be damaged, or incomplete because a process was killed, so a
 * new clone replaces the clone after any failure.
 */
async function freshClone(address: Address, folder: string, signal: AbortSignal | undefined): Promise<string> {
  const clone = join(folder, 'tracker.git');
  if (await exists(clone)) {
    try {
      await check(clone, address, signal);
      await fetchNewest(clone, address, signal);
      return clone;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ClairError) || error.code === 'feed/program-missing') throw error;
    }
  }
  await rm(clone, { recursive: true, force: true });
  await mkdir(clone, { recursive: true });
  await runGit(['init', '--quiet', '--bare', '--template='], localRun(clone, address, signal));
  await fetchNewest(clone, address, signal);
  return clone;
}

/** Verifies the checksums and the completeness of a clone. */
async function check(clone: string, address: Address, signal: AbortSignal | undefined): Promise<void> {
  const run = localRun(clone, address, signal);
  const entries = await readdir(join(clone, 'objects', 'pack')).catch((error: unknown) => {
    throw unreadableFile(error, clone);
  });
  const packs = entries.filter((name) => name.endsWith('.idx'));
  await runGit(['verify-pack', '--', ...packs.map((name) => join('objects', 'pack', name))], run);
  await runGit(['rev-list', '--objects', '--quiet', FETCHED], run);
}

async function fetchNewest(clone: string, address: Address, signal: AbortSignal | undefined): Promise<void> {
  const quietly = ['--quiet', '--no-tags', '--no-recurse-submodules'];
  const run = remoteRun(address, clone, FETCH_TIMEOUT_MS, signal);
  await runGit(['fetch', ...quietly, '--force', '--depth=1', '--', address.url, `HEAD:${FETCHED}`], run);
}

function remoteRun(
  { shown, protocol, secrets }: Address,
  folder: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): GitRun {
  const failure = { code: 'bytes/unreachable', text: `${shown} could not be fetched` } as const;
  return { folder, protocol, secrets, timeoutMs, failure, ...(signal && { signal }) };
}

function localRun(clone: string, { shown }: Address, signal: AbortSignal | undefined): GitRun {
  const failure = { code: 'bytes/corrupt', text: `the clone of ${shown} in ${clone} could not be read` } as const;
  return { folder: clone, timeoutMs: LOCAL_TIMEOUT_MS, failure, ...(signal && { signal }) };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
