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
  it('are the wanted files of its newest commit, and the entity tag is the commit', async () => {
    const feed = await open();
    expect(await contentsOf(feed)).toEqual({ 'active/CVE-1': 'one', 'retired/CVE-2': 'two' });
    expect(feed).toMatchObject({ where: upstream, validators: { etag: git('rev-parse', 'HEAD') } });
  });

  it('are not read again for the same commit', async () => {
    const etag = git('rev-parse', 'HEAD');
    expect(await open({ validators: { etag } })).toEqual({ kind: 'not-modified' });
    expect(() => readdirSync(cache)).toThrow('ENOENT');
  });

  it('include added, changed and moved files, and omit deleted files', async () => {
    const etag = await readOnce();
    git('mv', 'active/CVE-1', 'retired/CVE-1');
    git('rm', '--quiet', 'retired/CVE-2');
    commit({ 'active/CVE-3': 'three' });
    expect(await contentsOf(await open({ validators: { etag } }))).toEqual({
      'active/CVE-3': 'three',
      'retired/CVE-1': 'one',
    });
  });

  it('are transferred only when they changed', async () => {
    commit(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`active/CVE-9${at}`, `file ${at}`])));
    await readOnce();
    const before = objectsInCache();
    commit({ 'active/CVE-1': 'one, changed' });
    expect(await contentsOf(await open())).toMatchObject({ 'active/CVE-1': 'one, changed' });
    // These objects are the file, its directory, the root and the commit, and the objects that git needs to expand a
    // delta.
    expect(objectsInCache() - before).toBeLessThan(8);
  });

  it('come from a rewritten history', async () => {
    await readOnce();
    git('checkout', '--quiet', '--orphan', 'other');
    git('rm', '-r', '--quiet', '--force', '.');
    commit({ 'active/CVE-4': 'four' });
    expect(await contentsOf(await open())).toEqual({ 'active/CVE-4': 'four' });
  });

  it('keep all bytes, at any length and with any line', async () => {
    const long = `${'ä\n'.repeat(200_000)}0123 blob 5\n`;
    commit({ 'active/CVE-1': long, 'active/CVE-5': '', 'retired/CVE-6': '\n' });
    expect(await contentsOf(await open())).toMatchObject({
      'active/CVE-1': long,
      'active/CVE-5': '',
      'retired/CVE-6': '\n',
    });
  });

  it('exclude links', async () => {
    execFileSync('ln', ['-s', '/etc/passwd', join(upstream, 'active/CVE-7')]);
    commit({});
    expect(Object.keys(await contentsOf(await open()))).toEqual(['active/CVE-1', 'retired/CVE-2']);
  });

  it('are in a temporary directory without a cache, which is removed afterwards', async () => {
    vi.stubEnv('TMPDIR', folder);
    expect(await contentsOf(await openRepository(url, isWanted, contextOf({})))).toHaveProperty('active/CVE-1');
    expect(readdirSync(folder)).toEqual(['upstream']);
  });
});

it('the Ubuntu tracker is imported from a repository and not read again for the same commit', async () => {
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

describe('a damaged clone is replaced', () => {
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
    ['a truncated pack', () => packs().forEach((path) => overwrite(path, readFileSync(path).subarray(0, 40)))],
    ['a pack with one changed byte', () => packs().forEach((path) => overwrite(path, changed(readFileSync(path))))],
    ['the lock of a killed process', () => writeFileSync(join(cache, CLONE, 'shallow.lock'), '')],
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

describe('openRepository', () => {
  it('rejects with the reason of a cancellation before or during the update', async () => {
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

  it('rejects a missing repository', async () => {
    url = pathToFileURL(join(folder, 'nothing')).href;
    await expect(open()).rejects.toMatchObject({ code: 'bytes/not-found' });
  });

  it('rejects a repository without commits', async () => {
    rmSync(upstream, { recursive: true });
    mkdirSync(upstream);
    git('init', '--quiet');
    await expect(open()).rejects.toMatchObject({ code: 'feed/empty' });
  });

  it('sends credentials to the server and keeps them out of the error', async () => {
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

  it("ignores the user's git configuration", async () => {
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
    throw new Error('this test sends no HTTP requests');
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
