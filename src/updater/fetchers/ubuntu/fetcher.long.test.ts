import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpClient } from '../../../bytes/http/client.ts';
import type { FetchOutcome } from '../../feed/fetcher.ts';
import { ubuntu } from './fetcher.ts';

const TREE = fileURLToPath(new URL('testdata/tracker', import.meta.url));
const IDS = ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0004'];
const ARCHIVE = 'https://mirror.example/tracker.tar';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-ubuntu-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the Ubuntu tracker is read from', () => {
  it('a directory', async () => {
    const outcome = await ubuntu.fetch({ http: clientThatGets({}), from: TREE });
    expect(await idsOf(outcome)).toEqual(IDS);
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 8 }, validators: {} });
  });

  it('one file', async () => {
    const from = join(TREE, 'active/CVE-2099-0001');
    expect(await idsOf(await ubuntu.fetch({ http: clientThatGets({}), from }))).toEqual(['CVE-2099-0001']);
  });

  it('an archive of a mirror, unless the mirror returns not-modified', async () => {
    const archive = join(folder, 'tracker.tar');
    execFileSync('tar', ['-cf', archive, '-C', TREE, '.']);
    const body = streamOf(readFileSync(archive));
    const http = clientThatGets({ [ARCHIVE]: { status: 200, headers: { etag: '"1"' }, body } });
    const outcome = await ubuntu.fetch({ http, url: ARCHIVE });
    expect((await idsOf(outcome)).toSorted()).toEqual(IDS);
    expect(outcome).toMatchObject({ validators: { etag: '"1"' } });

    const unchanged = clientThatGets({ [ARCHIVE]: { status: 304 } });
    const validators = { etag: '"1"' };
    expect(await ubuntu.fetch({ http: unchanged, url: ARCHIVE, validators })).toEqual({ kind: 'not-modified' });
  });
});

describe('a document that is not the tracker', () => {
  it.each([
    ['an empty file', '', 'feed/empty'],
    ['an HTML page', '<html></html>', 'feed/invalid'],
    ['plain text', 'no such thing', 'feed/invalid'],
  ])('%s is rejected', async (_, text, code) => {
    const http = clientThatGets({ [ARCHIVE]: { status: 200, headers: {}, body: streamOf(Buffer.from(text)) } });
    const reading = ubuntu.fetch({ http, url: ARCHIVE }).then(idsOf);
    await expect(reading).rejects.toMatchObject({ code });
  });

  it('a directory without a file of a CVE is rejected', async () => {
    const reading = ubuntu.fetch({ http: clientThatGets({}), from: folder }).then(idsOf);
    await expect(reading).rejects.toMatchObject({ code: 'feed/empty' });
  });
});

function clientThatGets(answers: Readonly<Record<string, HttpAnswer>>): HttpClient {
  return {
    get: async (url) => {
      const answer = answers[url];
      if (answer === undefined) throw new Error(`asked for ${url}`);
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
