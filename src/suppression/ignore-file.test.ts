import { describe, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import { parseIgnoreFile } from './ignore-file.ts';

function failure(text: string): string {
  try {
    parseIgnoreFile(text, 'f.yaml');
  } catch (error) {
    if (error instanceof ClairError && error.code === 'suppression/invalid') return error.message;
    throw error;
  }
  return 'it was read';
}

describe('an ignore file', () => {
  it('has one rule per entry, with its line', () => {
    const text = [
      '# why not',
      '- id: CVE-1',
      '  reason: not used',
      '- id: [CVE-2, GHSA-1]',
      '  package: openssl',
      '  layer: base',
      '  image: ghcr.io/org/app:1',
      '  reason: accepted',
      '  author: someone',
      '  expires: 2026-12-31',
      '- package: pkg:deb/debian/linux-libc-dev',
      '  reason: headers only',
    ].join('\n');
    const rules = parseIgnoreFile(text, 'f.yaml');
    expect(rules).toMatchObject([
      { by: 'ignore', where: 'f.yaml, line 2', ids: ['CVE-1'], reason: 'not used', author: null, expires: null },
      {
        where: 'f.yaml, line 4',
        ids: ['CVE-2', 'GHSA-1'],
        scopes: [
          { packages: [{ name: 'openssl' }], images: [{ repository: 'ghcr.io/org/app', tag: '1' }], layer: 'base' },
        ],
        author: 'someone',
        expires: '2026-12-31',
      },
      {
        where: 'f.yaml, line 11',
        ids: null,
        scopes: [{ packages: [{ purl: { name: 'linux-libc-dev' } }], images: [] }],
      },
    ]);
  });

  it.each(['', '# nothing yet', '[]'])('may be empty: %j', (text) => {
    expect(parseIgnoreFile(text, 'f.yaml')).toEqual([]);
  });

  it.each([
    ['a: 1', 'line 1: the file must be a list of entries, each starting with a dash'],
    [
      '- CVE-1',
      'line 1: an entry must be a map; the possible keys are id, package, layer, image, reason, author, expires',
    ],
    ['- id: CVE-1', 'line 1: an entry must have a reason'],
    ['- reason: r', 'line 1: an entry must have an id or a package'],
    ['- id: CVE-1\n  reason: r\n  expire: 2026-01-01', 'line 3: unknown key expire; did you mean expires?'],
    [
      '- id: CVE-1\n  reason: r\n  statement: s',
      'line 3: unknown key statement (keys: id, package, layer, image, reason, author, expires)',
    ],
    ['- id: CVE-1\n  reason: r\n  expires: tomorrow', 'line 3: expires must be a date such as 2026-12-31'],
    ['- id: CVE-1\n  reason: r\n  expires: 2026-02-30', 'line 3: expires must be a date such as 2026-12-31'],
    ['- id: []\n  reason: r', 'line 1: id must be a vulnerability ID or a list of 1 to 1000 IDs'],
    ['- id: 7\n  reason: r', 'line 1: id must be a vulnerability ID or a list of 1 to 1000 IDs'],
    ['- id: a\n  reason: ""', 'line 2: reason must be text of 1 to 2000 characters'],
    [
      '- id: a\n  reason: r\n  package: pkg:x',
      'line 3: package must be a name or a package URL, such as pkg:deb/debian/openssl',
    ],
    ['- id: a\n  reason: r\n  layer: 3', 'line 3: layer must be text of 1 to 2000 characters'],
    ['- id: a\n  reason: r\n  layer: top', 'line 3: layer must be base or own, or a digest (sha256:… or sha512:…)'],
    [
      '- id: a\n  reason: r\n  image: a b',
      'line 3: image must be a digest (sha256:… or sha512:…) or a name with an optional tag',
    ],
    ['- id: a\n  id: b\n  reason: r', 'line 2: Map keys must be unique'],
  ])('%j is rejected', (text, message) => {
    expect(failure(text)).toBe(`f.yaml is not a valid ignore file:\n  ${message}`);
  });

  it('lists the faults of all entries in the order of their lines', () => {
    expect(failure('- id: a\n  expire: 2026-12-31\n- reason: ""\n').split('\n').slice(1)).toEqual([
      '  line 1: an entry must have a reason',
      '  line 2: unknown key expire; did you mean expires?',
      '  line 3: reason must be text of 1 to 2000 characters',
      '  line 3: an entry must have an id or a package',
    ]);
  });

  it('limits reported faults', () => {
    expect(failure('- {id: a}\n'.repeat(22)).split('\n').slice(20)).toEqual([
      '  line 20: an entry must have a reason',
      '  and 2 more',
    ]);
  });
});
