import { describe, expect, it } from 'vitest';
import type { RepositoryCpes } from '../../../model/repository-cpes.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { isRepositoryList, readRepositoryList } from './repository-list.ts';
import { withMessages } from '../../testing/record-messages.ts';

const recordDiagnostics = noRecordDiagnostics();

async function read(text: string): Promise<RepositoryCpes> {
  Object.assign(recordDiagnostics, noRecordDiagnostics());
  const stream = (async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  })();
  return await readRepositoryList({ where: 'list', stream }, recordDiagnostics);
}

const RHEL = 'cpe:/o:redhat:enterprise_linux:9';
const NAMES = ['cpe:/o:redhat:enterprise_linux', RHEL];
const OPENSHIFT = 'cpe:/a:redhat:openshift:4';

it.each([
  ['repository-to-cpe.json', true],
  ['data/metrics/repository-to-cpe.json', true],
  ['old-repository-to-cpe.json', false],
  ['2024/cve-2024-0001.json', false],
])('%s is the list of repositories: %j', (name, expected) => {
  expect(isRepositoryList(name)).toBe(expected);
});

describe('the list of repositories', () => {
  it('returns all names of the products of each repository, once, without channels', async () => {
    const data = {
      base: { cpes: [`${RHEL}::baseos`], repo_relative_urls: ['content/dist/rhel9'] },
      tools: { cpes: [`${OPENSHIFT}.16::el9`, `${OPENSHIFT}.15::el9`, `${OPENSHIFT}.16::el8`] },
    };
    expect(await read(JSON.stringify({ data }))).toEqual(
      new Map([
        ['base', ['cpe:/o:redhat:enterprise_linux', RHEL]],
        ['tools', ['cpe:/a:redhat:openshift', OPENSHIFT, `${OPENSHIFT}.15`, `${OPENSHIFT}.16`]],
      ]),
    );
    expect(recordDiagnostics.count).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    ['a repository without CPEs', { bad: {} }, /^list: "bad" skipped: the value is not a list of CPEs$/],
    [
      'a repository with too many CPEs',
      { bad: { cpes: Array.from({ length: 999 }, (_none, at) => `${RHEL}.${at}`) } },
      /more than 1000 product names/,
    ],
    ['a repository that is null', { bad: null }, /the value is not a list of CPEs/],
    ['an invalid name', { 'a b': { cpes: [RHEL] } }, /^list: "a b" ignored: invalid repository name$/],
    ['an invalid CPE', { bad: { cpes: ['openshift'] } }, /CPE without a product ignored: "openshift"$/],
    ['a number instead of a CPE', { bad: { cpes: [4] } }, /CPE without a product ignored: 4$/],
  ])('records a diagnostic for %s and returns the other repositories', async (_, entry, diagnostic) => {
    const data = { good: { cpes: [RHEL] }, ...(entry as object) };
    expect(await read(JSON.stringify({ data }))).toEqual(new Map([['good', NAMES]]));
    expect(withMessages(recordDiagnostics)).toMatchObject({ count: 1, examples: [expect.stringMatching(diagnostic)] });
  });

  it('returns the valid CPEs of a repository', async () => {
    expect(await read(JSON.stringify({ data: { both: { cpes: ['x', RHEL] } } }))).toEqual(new Map([['both', NAMES]]));
    expect(recordDiagnostics.count).toBe(1);
  });

  it('ignores a repository without products', async () => {
    const data = { none: { cpes: [] }, base: { cpes: [RHEL] } };
    expect(await read(JSON.stringify({ data }))).toEqual(new Map([['base', NAMES]]));
    expect(recordDiagnostics.count).toBe(0);
  });

  it.each([
    ['an HTML page', '<html>moved</html>', 'feed/invalid'],
    ['truncated', '{"data": {"base": {"cpes": ["cpe:/o:', 'feed/invalid'],
    ['empty', '{"data": {}}', 'feed/invalid'],
    ['in another form', '{"data": [1]}', 'feed/invalid'],
    ['null', 'null', 'feed/invalid'],
  ])('is rejected when it is %s', async (_, text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code });
  });
});
