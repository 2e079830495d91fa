import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tarOf } from '../../../bytes/testing/tar-builder.ts';
import { zipOf } from '../../../bytes/testing/zip-builder.ts';
import type { HttpAnswer, HttpClient } from '../../../bytes/http/client.ts';
import type { FetchOutcome } from '../../feed/fetcher.ts';
import { debian } from './fetcher.ts';

const TRACKER = new URL('testdata/tracker.json', import.meta.url);
const IDS = [
  'CVE-2099-0001',
  'CVE-2099-0002',
  'TEMP-0990003-A1B2C3',
  'CVE-2099-0003',
  'CVE-2099-0001',
  'CVE-2099-0004',
];

describe('the Debian security tracker', () => {
  it('is read from the upstream address', async () => {
    const body = streamOf(await readFile(TRACKER));
    const http = clientThatGets(debian.url, { status: 200, headers: { etag: '"v1"' }, body });
    const outcome = await debian.fetch({ http });
    expect(outcome).toMatchObject({ kind: 'advisories', validators: { etag: '"v1"' } });
    expect(await idsOf(outcome)).toEqual(IDS);
  });

  it('is not read when nothing changed', async () => {
    const http = clientThatGets(debian.url, { status: 304 });
    const outcome = await debian.fetch({ http, validators: { etag: '"v1"' } });
    expect(outcome).toEqual({ kind: 'not-modified' });
  });

  it('is read from a configured address', async () => {
    const url = 'https://mirror.example.org/tracker.json';
    const http = clientThatGets(url, { status: 200, headers: {}, body: streamOf(await readFile(TRACKER)) });
    expect(await idsOf(await debian.fetch({ http, url }))).toEqual(IDS);
  });

  it.each<[string, (content: Buffer) => Buffer]>([
    ['a zip', (content) => zipOf({ name: 'tracker/data.json', content }, { name: 'README.md' })],
    ['a tar', (content) => tarOf({ name: 'tracker/data.json', content }, { name: 'README.md' })],
  ])('is read from %s', async (_, archived) => {
    const http = clientThatGets('nowhere', { status: 304 });
    const folder = await mkdtemp(join(tmpdir(), 'clair-debian-'));
    await writeFile(join(folder, 'archive'), archived(await readFile(TRACKER)));
    expect(await idsOf(await debian.fetch({ http, from: join(folder, 'archive') }))).toEqual(IDS);
    await rm(folder, { recursive: true });
  });

  it('is read from a directory', async () => {
    const http = clientThatGets('nowhere', { status: 304 });
    expect(await idsOf(await debian.fetch({ http, from: fileURLToPath(new URL('.', TRACKER)) }))).toEqual(IDS);
  });

  it('is read from a local file', async () => {
    const http = clientThatGets('nowhere', { status: 304 });
    const outcome = await debian.fetch({ http, from: fileURLToPath(TRACKER) });
    expect(await idsOf(outcome)).toEqual(IDS);
  });

  it('returns record diagnostics after the iteration', async () => {
    const outcome = await debian.fetch({ http: clientThatGets('nowhere', { status: 304 }), from: TRACKER.href });
    await idsOf(outcome);
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 4, examples: { length: 4 } } });
  });
});

function clientThatGets(expected: string, answer: HttpAnswer): HttpClient {
  return {
    get: async (url) => {
      if (url !== expected) throw new Error(`asked for ${url}`);
      return answer;
    },
    close: async () => {},
  };
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function idsOf(outcome: FetchOutcome): Promise<string[]> {
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const ids: string[] = [];
  for await (const advisory of outcome.advisories) ids.push(advisory.id);
  return ids;
}
