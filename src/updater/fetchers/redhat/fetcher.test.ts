import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { HttpClient } from '../../../bytes/http/client.ts';
import type { FetchOutcome } from '../../feed/fetcher.ts';
import { redhat } from './fetcher.ts';

const TESTDATA = fileURLToPath(new URL('testdata/vex', import.meta.url));
const IDS = ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0004'];

const folder = mkdtempSync(join(tmpdir(), 'clair-redhat-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('local Red Hat documents', () => {
  it.each([
    ['a directory', TESTDATA, IDS],
    ['a file', join(TESTDATA, 'cve-2099-0002.json'), IDS.slice(1, 2)],
  ])('are read from %s', async (_, from, ids) => {
    expect(await idsOf({ from })).toEqual(ids);
  });

  it('are read from a configured address', async () => {
    expect(await idsOf({ url: new URL('testdata/vex', import.meta.url).href })).toEqual(IDS);
  });

  it('may include the list of repositories', async () => {
    const lists = mkdtempSync(join(folder, 'lists-'));
    const cpes = ['cpe:/o:redhat:enterprise_linux:9::baseos'];
    writeFileSync(join(lists, 'repository-to-cpe.json'), JSON.stringify({ data: { base: { cpes } } }));
    await expect(idsOf({ from: lists })).rejects.toMatchObject({ code: 'feed/invalid' });
    copyFileSync(join(TESTDATA, 'cve-2099-0002.json'), join(lists, 'cve-2099-0002.json'));
    const outcome = await fetchFrom({ from: lists });
    const ids: string[] = [];
    for await (const { id } of outcome.advisories) ids.push(id);
    expect(ids).toEqual(IDS.slice(1, 2));
    expect(outcome).toMatchObject({
      recordDiagnostics: { count: 0 },
      repositories: new Map([['base', ['cpe:/o:redhat:enterprise_linux', 'cpe:/o:redhat:enterprise_linux:9']]]),
    });
  });

  it.each([
    ['of another kind', '{"document": {"category": "csaf_base", "tracking": {"id": "A"}}}', 'feed/invalid'],
    ['in another form', 'CVE-2099-0001', 'feed/invalid'],
    ['empty', '', 'feed/empty'],
  ])('are rejected when they are all %s', async (_, content, code) => {
    const path = join(folder, 'a.json');
    writeFileSync(path, content);
    await expect(idsOf({ from: path })).rejects.toMatchObject({ code });
  });
});

async function idsOf(of: { from: string } | { url: string }): Promise<string[]> {
  const { advisories } = await fetchFrom(of);
  const ids: string[] = [];
  for await (const { id } of advisories) ids.push(id);
  return ids;
}

type Advisories = Extract<FetchOutcome, { kind: 'advisories' }>;

async function fetchFrom(of: { from: string } | { url: string }): Promise<Advisories> {
  const http: HttpClient = {
    get: () => Promise.reject(new Error('nothing is asked for')),
    close: async () => {},
  };
  const outcome = await redhat.fetch({ http, ...of });
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  return outcome;
}
