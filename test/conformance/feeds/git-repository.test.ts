import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { allBytes } from '../../../src/bytes/all-bytes.ts';
import type { FeedDocuments } from '../../../src/updater/feed/many-documents.ts';
import type { FetchContext } from '../../../src/updater/feed/fetcher.ts';
import { ubuntu } from '../../../src/updater/fetchers/ubuntu/fetcher.ts';
import { openRepository } from '../../../src/updater/fetchers/ubuntu/repository.ts';

const TRACKER = fileURLToPath(new URL('../../../src/updater/fetchers/ubuntu/testdata/tracker', import.meta.url));

let folder: string;
let upstream: string;
let cache: string;
let url: string;

/** The program git clones, updates and checks the repository of a feed. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-repository-'));
  upstream = join(folder, 'upstream');
  cache = join(folder, 'cache');
  url = pathToFileURL(upstream).href;
  mkdirSync(upstream);
  git('init', '--quiet');
  commit({ 'active/CVE-1': 'one', 'retired/CVE-2': 'two', 'scripts/x': 'a program' });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the files of a repository', () => {
  it('are those of its newest commit that are wanted, and the commit is the entity tag', async () => {
    const feed = await open();
    expect(await contentsOf(feed)).toEqual({ 'active/CVE-1': 'one', 'retired/CVE-2': 'two' });
    expect(feed).toMatchObject({ where: upstream, validators: { etag: git('rev-parse', 'HEAD') } });
  });

  it('are not read while the commit stays the newest one', async () => {
    const etag = git('rev-parse', 'HEAD');
    expect(await open({ validators: { etag } })).toEqual({ kind: 'not-modified' });
    expect(() => readdirSync(cache)).toThrow('ENOENT');
  });

  it('follow what was added, changed, moved and deleted', async () => {
    const etag = await readOnce();
    git('mv', 'active/CVE-1', 'retired/CVE-1');
    git('rm', '--quiet', 'retired/CVE-2');
    commit({ 'active/CVE-3': 'three' });
    expect(await contentsOf(await open({ validators: { etag } }))).toEqual({
      'active/CVE-3': 'three',
      'retired/CVE-1': 'one',
    });
  });

  it('are transferred only if they changed', async () => {
    commit(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`active/CVE-9${at}`, `file ${at}`])));
    await readOnce();
    const before = objectsInCache();
    commit({ 'active/CVE-1': 'one, changed' });
    expect(await contentsOf(await open())).toMatchObject({ 'active/CVE-1': 'one, changed' });
    // The file, its directory, the root and the commit; and what git needs to write a difference out.
    expect(objectsInCache() - before).toBeLessThan(8);
  });

  it('are those of a history that was written anew', async () => {
    await readOnce();
    git('checkout', '--quiet', '--orphan', 'other');
    git('rm', '-r', '--quiet', '--force', '.');
    commit({ 'active/CVE-4': 'four' });
    expect(await contentsOf(await open())).toEqual({ 'active/CVE-4': 'four' });
  });

  it('are bytes as they are, of any length, with any line in them', async () => {
    const long = `${'ä\n'.repeat(200_000)}0123 blob 5\n`;
    commit({ 'active/CVE-1': long, 'active/CVE-5': '', 'retired/CVE-6': '\n' });
    expect(await contentsOf(await open())).toMatchObject({
      'active/CVE-1': long,
      'active/CVE-5': '',
      'retired/CVE-6': '\n',
    });
  });

  it('are no links', async () => {
    execFileSync('ln', ['-s', '/etc/passwd', join(upstream, 'active/CVE-7')]);
    commit({});
    expect(Object.keys(await contentsOf(await open()))).toEqual(['active/CVE-1', 'retired/CVE-2']);
  });

  it('lie in a temporary directory without a cache, and none of it is left', async () => {
    vi.stubEnv('TMPDIR', folder);
    expect(await contentsOf(await openRepository(url, isWanted, contextOf({})))).toHaveProperty('active/CVE-1');
    expect(readdirSync(folder)).toEqual(['upstream']);
  });
});

it('the tracker of Ubuntu is read from a repository, of which nothing is read while its commit stays', async () => {
  cpSync(TRACKER, upstream, { recursive: true });
  git('rm', '-r', '--quiet', '--force', 'active/CVE-1', 'retired/CVE-2', 'scripts');
  commit({});
  const context = contextOf({ url });
  const outcome = await ubuntu.fetch(context);
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const ids: string[] = [];
  for await (const { id } of outcome.advisories) ids.push(id);
  expect(ids.toSorted()).toEqual(['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0004']);
  const validators = { etag: git('rev-parse', 'HEAD') };
  expect(outcome).toMatchObject({ validators });
  expect(await ubuntu.fetch({ ...context, validators })).toEqual({ kind: 'not-modified' });
});

describe('a kept clone that is damaged is made anew', () => {
  const CLONE = 'tracker.git';
  const packs = (): string[] =>
    readdirSync(join(cache, CLONE, 'objects/pack'))
      .filter((name) => name.endsWith('.pack'))
      .map((name) => join(cache, CLONE, 'objects/pack', name));

  it.each<[string, () => void]>([
    ['an empty directory', () => emptied(join(cache, CLONE))],
    ['no HEAD', () => rmSync(join(cache, CLONE, 'HEAD'))],
    ['no objects', () => emptied(join(cache, CLONE, 'objects'))],
    ['a reference to nowhere', () => writeFileSync(join(cache, CLONE, 'refs/clair/fetched'), `${'0'.repeat(39)}1\n`)],
    ['a pack that was cut', () => packs().forEach((path) => overwrite(path, readFileSync(path).subarray(0, 40)))],
    ['a pack with one other byte', () => packs().forEach((path) => overwrite(path, changed(readFileSync(path))))],
    ['a lock that a killed process left', () => writeFileSync(join(cache, CLONE, 'shallow.lock'), '')],
    [
      'a file in its place',
      () => {
        emptied(cache);
        writeFileSync(join(cache, CLONE), 'not a directory');
      },
    ],
  ])('%s', async (_, damage) => {
    await readOnce();
    damage();
    commit({ 'active/CVE-3': 'three' });
    expect(Object.keys(await contentsOf(await open()))).toEqual(['active/CVE-1', 'active/CVE-3', 'retired/CVE-2']);
    expect(Object.keys(await contentsOf(await open()))).toHaveLength(3);
  });
});

describe('what goes wrong', () => {
  it('an update that is cancelled before or while it is read, ends with the reason', async () => {
    const reason = new Error('enough');
    await expect(open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const feed = await open({ signal: controller.signal });
    const reading = (async () => {
      for await (const _ of documentsOf(feed)) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    expect(feed).toMatchObject({ validators: {} });
    expect(await contentsOf(await open())).toHaveProperty('active/CVE-1');
  });

  it('there is no repository', async () => {
    url = pathToFileURL(join(folder, 'nothing')).href;
    await expect(open()).rejects.toMatchObject({ code: 'bytes/not-found' });
  });

  it('the repository has no commit', async () => {
    rmSync(upstream, { recursive: true });
    mkdirSync(upstream);
    git('init', '--quiet');
    await expect(open()).rejects.toMatchObject({ code: 'feed/empty' });
  });

  it('the server refuses; credentials are sent to it and told to nobody', async () => {
    let sent: string | undefined;
    const server = createServer((request, response) => {
      sent ??= request.headers.authorization;
      response.writeHead(403).end('no');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    url = `http://someone:s3cret@127.0.0.1:${port}/tracker`;
    const refusal = await open().catch((error: unknown) => error);
    server.close();
    expect(refusal).toMatchObject({
      code: 'bytes/unreachable',
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/tracker could not be fetched: .*403/),
    });
    expect(String(refusal)).not.toContain('s3cret');
    expect(sent).toBe(`Basic ${Buffer.from('someone:s3cret').toString('base64')}`);
  });

  it("the user's own configuration does not count", async () => {
    writeFileSync(join(folder, '.gitconfig'), `[url "file:///nowhere"]\n\tinsteadOf = ${url}\n`);
    vi.stubEnv('HOME', folder);
    expect(await contentsOf(await open())).toHaveProperty('active/CVE-1');
  });
});

function git(...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' };
  const author = ['-c', 'user.name=t', '-c', 'user.email=t@example', '-c', 'gc.auto=0', '-c', 'maintenance.auto=false'];
  return execFileSync('git', [...author, ...args], { cwd: upstream, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function commit(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(upstream, name)), { recursive: true });
    writeFileSync(join(upstream, name), text);
  }
  git('add', '--all');
  git('commit', '--quiet', '--message', 'x');
}

function isWanted(path: string): boolean {
  return !path.startsWith('scripts/');
}

function contextOf(context: Partial<FetchContext>): FetchContext {
  const get = (): never => {
    throw new Error('nothing is asked over HTTP here');
  };
  return { http: { get }, ...context };
}

async function open(context: Partial<FetchContext> = {}): Promise<FeedDocuments> {
  return await openRepository(url, isWanted, contextOf({ cache, ...context }));
}

function documentsOf(feed: FeedDocuments): Extract<FeedDocuments, { kind: 'documents' }>['documents'] {
  if (feed.kind !== 'documents') throw new Error(feed.kind);
  return feed.documents;
}

async function contentsOf(feed: FeedDocuments): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for await (const { name, stream } of documentsOf(feed)) contents[name] = String(await allBytes(stream, 1e9));
  return contents;
}

/** Makes the clone and gives its entity tag. */
async function readOnce(): Promise<string> {
  const feed = await open();
  await contentsOf(feed);
  return feed.kind === 'documents' ? (feed.validators.etag ?? '') : '';
}

function objectsInCache(): number {
  const counts = execFileSync('git', ['count-objects', '-v'], { cwd: join(cache, 'tracker.git'), encoding: 'utf8' });
  return Number(/^count: (\d+)/m.exec(counts)?.[1]) + Number(/^in-pack: (\d+)/m.exec(counts)?.[1]);
}

function emptied(path: string): void {
  rmSync(path, { recursive: true });
  mkdirSync(path);
}

/** Git writes its packs read-only. */
function overwrite(path: string, bytes: Uint8Array): void {
  rmSync(path);
  writeFileSync(path, bytes);
}

function changed(bytes: Buffer): Buffer {
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  return bytes;
}
