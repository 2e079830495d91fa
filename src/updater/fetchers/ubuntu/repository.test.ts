/** These tests run no git; `test/conformance/feeds/git-repository.test.ts` runs git. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FeedDocuments } from '../../feed/many-documents.ts';
import { isRepository, openRepository } from './repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-repository-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function open(url: string): Promise<FeedDocuments> {
  const get = (): never => {
    throw new Error('nothing is asked over HTTP here');
  };
  return await openRepository(url, () => true, { http: { get } });
}

describe('errors', () => {
  it('git is not installed', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(open('https://mirror.example/tracker.git')).rejects.toMatchObject({
      code: 'feed/program-missing',
      message: expect.stringContaining('git'),
    });
  });

  it.each(['ext::sh -c true', 'ssh://host/x', '--upload-pack=true', 'git://host/x'])(
    '%s is not requested',
    async (address) => {
      await expect(open(address)).rejects.toMatchObject({ code: 'bytes/not-found' });
    },
  );
});

describe('an address of a repository', () => {
  it.each([
    ['https://git.launchpad.net/ubuntu-cve-tracker', true],
    ['https://mirror.example/tracker.git', true],
    ['https://mirror.example/tracker.tar.zst', false],
    ['https://mirror.example/osv-all.tar.xz?token=1', false],
    ['https://mirror.example/com.ubuntu.jammy.cve.oval.xml.bz2', false],
  ])('%s: %s', async (address, isOne) => expect(await isRepository(address)).toBe(isOne));

  it.each([
    ['has .git', 'tree', true],
    ['has HEAD', 'tree/.git', true],
    ['has neither', 'tree/active', false],
    ['is a file', 'tree/active/CVE-1', false],
    ['is missing', 'nothing', false],
  ])('of a local path that %s: %s', async (_, name, isOne) => {
    for (const path of ['tree/.git', 'tree/active']) mkdirSync(join(folder, path), { recursive: true });
    for (const path of ['tree/.git/HEAD', 'tree/active/CVE-1']) writeFileSync(join(folder, path), '');
    expect(await isRepository(pathToFileURL(join(folder, name)).href)).toBe(isOne);
  });
});
