import { describe, expect, it } from 'vitest';
import { parsed } from '../testing/feed-documents.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import { secdbJsonParser, secdbYamlParser } from './secdb.ts';
import { withMessages } from '../testing/record-messages.ts';

const SOURCE = {
  namespaceOf: (version: string): string | undefined => (version === 'moon' ? undefined : `example:${version}`),
  linkOf: (id: string): string => `https://example.org/${id}`,
};
const json = secdbJsonParser(SOURCE);
const yaml = secdbYamlParser(SOURCE);

function secdbOf(secfixes: unknown, name: unknown = 'gears'): object {
  return { distroversion: 'v1', reponame: 'main', packages: [{ pkg: { name, secfixes } }] };
}

/** Formats an advisory as `ID NAMESPACE PACKAGE STATUS FIXED`. */
function written({ id, affected }: Advisory): string {
  const states = affected.map((each) => `${each.namespace} ${each.package} ${each.status} ${each.fixed ?? '∞'}`);
  return [id, ...states].join(' ');
}

describe('the fixes of a package', () => {
  it('become one part of an advisory each', async () => {
    const { advisories, recordDiagnostics } = await parsed(
      json,
      secdbOf({ '1.2-r3': ['CVE-2099-0001', 'CVE-2099-0002 XSA-9'] }),
    );
    const affected = [
      { namespace: 'example:v1', package: 'gears', fixed: '1.2-r3', severity: 'Unknown', status: 'fixed' },
    ];
    expect(advisories).toEqual([
      { id: 'CVE-2099-0001', link: 'https://example.org/CVE-2099-0001', description: '', affected },
      { id: 'CVE-2099-0002', link: 'https://example.org/CVE-2099-0002', description: '', aliases: ['XSA-9'], affected },
    ]);
    expect(recordDiagnostics.count).toBe(0);
  });

  it.each<[string, object, string]>([
    ['the highest version is the fix', { '1.9-r0': ['C-1'], '1.10-r0': ['C-1'] }, 'C-1 example:v1 gears fixed 1.10-r0'],
    ['in any order', { '1.10-r0': ['C-1'], '1.9-r0': ['C-1'] }, 'C-1 example:v1 gears fixed 1.10-r0'],
    ['version 0 means not affected', { '0': ['C-1'] }, 'C-1'],
    ['version 0 takes precedence over all other versions', { '1.9-r0': ['C-1'], '0': ['C-1'] }, 'C-1'],
    ['white space around a version is ignored', { ' 1.9-r0 ': ['C-1'] }, 'C-1 example:v1 gears fixed 1.9-r0'],
    ['a string counts as a list', { '1.9-r0': 'C-1' }, 'C-1 example:v1 gears fixed 1.9-r0'],
    ['empty lists are ignored', { '1.9-r0': null, '1.8-r0': [], '1.7-r0': '' }, ''],
  ])('%s', async (_, secfixes, expected) => {
    const { advisories, recordDiagnostics } = await parsed(json, secdbOf(secfixes));
    expect(advisories.map(written).join()).toBe(expected);
    expect(recordDiagnostics.count).toBe(0);
  });

  it.each<[string, object, string, string]>([
    [
      'an invalid version',
      { '1.9.-r0': ['C-1'] },
      'C-1 example:v1 gears fixed 1.9 example:v1 gears unknown 1.10',
      '"1.9.-r0"',
    ],
    [
      'one of two versions',
      { '1-r0': ['C-1'], '1-1-r0': ['C-1'] },
      'C-1 example:v1 gears fixed 1-r0 example:v1 gears unknown 2',
      '"1-1-r0"',
    ],
    [
      'a version without a valid beginning',
      { r0: ['C-1'] },
      'C-1 example:v1 gears unknown ∞',
      'treated as affected in all versions',
    ],
    [
      'an invalid identifier',
      { '1-r0': ['C-1', 'CVE-????-?????'] },
      'C-1 example:v1 gears fixed 1-r0',
      'CVE-????-?????',
    ],
    ['a number instead of an identifier', { '1-r0': ['C-1', 7] }, 'C-1 example:v1 gears fixed 1-r0', '7'],
    [
      'an object instead of a list',
      { '1-r0': { a: 1 }, '2-r0': ['C-1'] },
      'C-1 example:v1 gears fixed 2-r0',
      '{"a":1}',
    ],
  ])('that cannot be read add a diagnostic: %s', async (_, secfixes, expected, example) => {
    const { advisories, recordDiagnostics } = await parsed(json, secdbOf(secfixes));
    expect(advisories.map(written).join()).toBe(expected);
    expect(withMessages(recordDiagnostics)).toMatchObject({ count: 1, examples: [expect.stringContaining(example)] });
    expect(recordDiagnostics.examples[0]?.message).toMatch(/^example:v1 gears /);
  });
});

describe('a package', () => {
  it.each<[string, unknown]>([
    ['without a name', secdbOf({ '1-r0': ['C-1'] }, '')],
    ['whose name is a number', secdbOf({ '1-r0': ['C-1'] }, 7)],
    ['without fixes', secdbOf(undefined)],
    ['whose fixes are a list', secdbOf(['C-1'])],
    ['that is a string', { distroversion: 'v1', packages: ['gears'] }],
    ['that is null', { distroversion: 'v1', packages: [null] }],
  ])('%s is skipped, with a diagnostic', async (_, document) => {
    const { advisories, recordDiagnostics } = await parsed(json, document);
    expect(advisories).toEqual([]);
    expect(recordDiagnostics.examples).toEqual([
      { kind: 'skipped', message: expect.stringContaining('package skipped') },
    ]);
  });
});

describe('a document', () => {
  it.each<[string, unknown]>([
    ['empty', { distroversion: 'v1', packages: [] }],
    ['null', { distroversion: 'v1', packages: null }],
    ['an empty object, which is how Lua writes an empty list', { distroversion: 'v1', packages: {} }],
  ])('may have no fixes: the list is %s', async (_, document) => {
    expect((await parsed(json, document)).advisories).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['truncated', '{"distroversion":"v1","packages":[{"pkg"'],
    ['another object', { message: 'too many requests' }],
    ['an object whose packages are an object', { distroversion: 'v1', packages: { gears: {} } }],
    ['of an unknown release', { ...secdbOf({ '1-r0': ['C-1'] }), distroversion: 'moon' }],
    ['a list', []],
  ])('that is %s is rejected', async (_, document) => {
    await expect(parsed(json, document)).rejects.toMatchObject({ code: 'feed/invalid' });
  });

  it('that is not UTF-8 is rejected', async () => {
    const bytes = Buffer.from('{"distroversion":"v1","packages":[],"note":"\xff"}', 'latin1');
    await expect(parsed(json, bytes)).rejects.toMatchObject({ code: 'feed/invalid' });
  });
});

describe('the YAML form', () => {
  it('returns the same advisories', async () => {
    const text = `---
distroversion: v1
reponame: main
packages:
  - pkg:
      name: gears
      secfixes:
        1.10:
          - CVE-2099-0001
        "0":
          - CVE-2099-0002
        1.2-r3:
          - CVE-2099-0003  XSA-9
          - CVE-????-?????
`;
    const { advisories, recordDiagnostics } = await parsed(yaml, text);
    expect(advisories.map(written).toSorted()).toEqual([
      'CVE-2099-0001 example:v1 gears fixed 1.10',
      'CVE-2099-0002',
      'CVE-2099-0003 example:v1 gears fixed 1.2-r3',
    ]);
    expect(recordDiagnostics.count).toBe(1);
  });

  it('may have no packages', async () => {
    expect((await parsed(yaml, 'distroversion: v1\npackages:\n')).advisories).toEqual([]);
  });

  it.each<[string, string]>([
    ['not YAML', 'distroversion: [v1\npackages: {'],
    ['nested too deeply', '['.repeat(10_000)],
    ['plain text', 'Service unavailable'],
    ['recursive', 'distroversion: v1\nlist: &a [x]\npackages: [*a]'],
    ['two documents', '---\npackages: []\n---\npackages: []\n'],
  ])('is rejected when it is %s', async (_, text) => {
    await expect(parsed(yaml, text)).rejects.toMatchObject({ code: 'feed/invalid' });
  });
});
