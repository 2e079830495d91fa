import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarOf } from '../../../bytes/testing/tar-builder.ts';
import { zipOf } from '../../../bytes/testing/zip-builder.ts';
import { collected, NO_HTTP } from '../../testing/feed-documents.ts';
import { messagesOf } from '../../testing/record-messages.ts';
import type { FetchContext } from '../../feed/fetcher.ts';
import { osv } from './fetcher.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-osv-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const RANGES = [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }];

function recordOf(id: string, ...ecosystems: readonly string[]): string {
  const affected = ecosystems.map((ecosystem) => ({ package: { ecosystem, name: 'a' }, ranges: RANGES }));
  return JSON.stringify({ id, modified: '2099-01-01T00:00:00Z', affected });
}

/**
 * Returns the archive of an ecosystem. `records` contains the ecosystems of each document's packages, by the identifier
 * of the document.
 */
function archiveOf(records: Readonly<Record<string, readonly string[]>>): Buffer {
  return zipOf(
    ...Object.entries(records).map(([id, ecosystems]) => ({
      name: `${id}.json`,
      content: recordOf(id, ...ecosystems),
    })),
  );
}

const NPM = archiveOf({ 'GHSA-1': ['npm'], 'GHSA-2': ['npm', 'PyPI'] });
const PYPI = archiveOf({ 'GHSA-2': ['npm', 'PyPI'], 'PYSEC-1': ['PyPI'] });

async function put(path: string, content: string | Buffer): Promise<string> {
  const whole = join(folder, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, content);
  return whole;
}

type Read = {
  readonly parts: readonly string[];
  readonly within: readonly string[];
  readonly messages: readonly string[];
};

/** Returns the advisories as `ID NAMESPACE`, sorted. */
async function read(from: string, context: Partial<FetchContext> = {}): Promise<Read> {
  const outcome = await osv.fetch({ http: NO_HTTP, from, ...context });
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const advisories = await collected(outcome.advisories);
  const parts = advisories.flatMap(({ id, affected }) => affected.map(({ namespace }) => `${id} ${namespace}`));
  return {
    parts: parts.toSorted(),
    within: (outcome.within ?? []).toSorted(),
    messages: messagesOf(outcome.recordDiagnostics.examples),
  };
}

const BOTH = {
  parts: ['GHSA-1 npm', 'GHSA-2 npm', 'GHSA-2 pypi', 'PYSEC-1 pypi'],
  within: ['npm', 'pypi'],
  messages: [],
};

describe('local documents', () => {
  it('are read from the archives below a directory, with the packages of the ecosystem of the archive', async () => {
    await put('npm/all.zip', NPM);
    await put('PyPI/all.zip', PYPI);
    await put('Pub/all.zip', archiveOf({ 'GHSA-3': ['Pub'] }));
    await put('PyPI/modified_id.csv', '2099-01-01T00:00:00Z,PYSEC-1\n');
    expect(await read(folder)).toEqual(BOTH);
  });

  it.each([
    ['a tar', tarOf({ name: 'mirror/npm/all.zip', content: NPM }, { name: 'mirror/PyPI/all.zip', content: PYPI })],
    [
      'a compressed tar',
      gzipSync(tarOf({ name: 'npm/all.zip', content: NPM }, { name: 'PyPI/all.zip', content: PYPI })),
    ],
    ['a zip', zipOf({ name: 'npm/all.zip', content: NPM }, { name: 'PyPI/all.zip', content: PYPI })],
  ])('are read from archives in %s', async (_, content) => {
    expect(await read(await put('osv.archive', content))).toEqual(BOTH);
  });

  it('are read from extracted files', async () => {
    await put('npm/GHSA-1.json', recordOf('GHSA-1', 'npm'));
    await put('PyPI/PYSEC-1.json', recordOf('PYSEC-1', 'PyPI'));
    await put('other/PYSEC-2.json', recordOf('PYSEC-2', 'PyPI'));
    expect((await read(folder)).parts).toEqual(['GHSA-1 npm', 'PYSEC-1 pypi']);
  });

  it('are read from the archive or the directory of one ecosystem', async () => {
    const path = await put('npm/all.zip', NPM);
    for (const from of [path, dirname(path), `file://${path}`]) {
      expect(await read(from)).toEqual({ parts: ['GHSA-1 npm', 'GHSA-2 npm'], within: ['npm'], messages: [] });
    }
  });

  it('are read only for the chosen ecosystems', async () => {
    await put('npm/all.zip', NPM);
    await put('PyPI/all.zip', PYPI);
    expect(await read(folder, { ecosystems: ['PyPI'] })).toMatchObject({ within: ['pypi'] });
  });

  it('without a package of their ecosystem are skipped with a diagnostic', async () => {
    await put('npm/all.zip', archiveOf({ 'GHSA-1': ['npm'], 'GHSA-2': ['PyPI'] }));
    expect(await read(folder)).toMatchObject({
      parts: ['GHSA-1 npm'],
      messages: ['GHSA-2 skipped: it has no npm package'],
    });
  });

  it('that are malformed are skipped with a diagnostic, however deeply nested', async () => {
    await put('npm/GHSA-1.json', recordOf('GHSA-1', 'npm'));
    await put('npm/GHSA-2.json', `{"id":"GHSA-2","affected":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    await put('npm/GHSA-3.json', '{"id":');
    const { parts, messages } = await read(folder);
    expect(parts).toEqual(['GHSA-1 npm']);
    expect(messages).toHaveLength(3);
  });

  it.each<[string, string, string | Buffer, string]>([
    ['no archive of an ecosystem', 'other/all.zip', NPM, 'feed/empty'],
    ['an archive without records', 'npm/all.zip', archiveOf({}), 'feed/empty'],
    ['a truncated archive', 'npm/all.zip', NPM.subarray(0, NPM.length - 30), 'bytes/corrupt'],
    [
      'a truncated archive in a tar',
      'osv.tar',
      tarOf({ name: 'npm/all.zip', content: NPM.subarray(0, 99) }),
      'bytes/corrupt',
    ],
    [
      'another file instead of an archive',
      'osv.tar',
      tarOf({ name: 'npm/all.zip', content: '<html>' }),
      'bytes/corrupt',
    ],
  ])('are rejected as a whole with %s', async (_, path, content, code) => {
    await put(path, content);
    await expect(read(folder)).rejects.toMatchObject({ code });
  });
});
