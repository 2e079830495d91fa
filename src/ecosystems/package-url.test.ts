import fc from 'fast-check';
import { PackageURL } from 'packageurl-js';
import { expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../test/fixtures/any-text.ts';
import { packageUrlText, parsePackageUrl } from './package-url.ts';

it.each([
  // An unescaped plus also means a plus.
  ['pkg:deb/debian/a@2.36-9+b1?upstream=gcc++@1+b1', { version: '2.36-9+b1', qualifiers: { upstream: 'gcc++@1+b1' } }],
  // Escapes are decoded only once.
  ['pkg:deb/debian/a@1%252B1', { version: '1%2B1' }],
  ['pkg:deb/debian/a@1%3A2', { version: '1:2' }],
  ['pkg:golang/github.com/BurntSushi/toml@v1', { namespace: 'github.com/BurntSushi', name: 'toml', version: 'v1' }],
  ['pkg:npm/@babel/core@7', { namespace: '@babel', name: 'core', version: '7' }],
  ['pkg:npm/@babel/core', { namespace: '@babel', name: 'core', version: '' }],
  ['pkg:npm/%40babel/core@7#lib', { namespace: '@babel', name: 'core', version: '7' }],
  ['PKG:DEB/Debian/x@1?ARCH=amd64', { type: 'deb', namespace: 'Debian', qualifiers: { arch: 'amd64' } }],
  ['pkg://deb/debian/x@1?arch=', { name: 'x', qualifiers: {} }],
])('%s is read', (text, expected) => {
  const { qualifiers, ...parts } = parsePackageUrl(text) ?? { qualifiers: new Map() };
  expect({ ...parts, qualifiers: Object.fromEntries(qualifiers) }).toMatchObject(expected);
});

it.each([
  '',
  'pkg:',
  'pkg:deb',
  'pkg:deb/',
  'pkg:deb/debian/x@%zz',
  'cpe:2.3:a',
  'pkg:d b/x',
  `pkg:deb/${'x'.repeat(5000)}`,
])('%s is not a package URL', (text) => {
  expect(parsePackageUrl(text)).toBeUndefined();
});

const PART = fc.string({ minLength: 1, unit: ANY_CHARACTER });
const SEGMENT = PART.filter((text) => !text.includes('/'));

it('writes what it reads', () => {
  fc.assert(
    fc.property(
      fc.record({
        type: fc.constantFrom('deb', 'rpm', 'npm', 'golang'),
        namespace: fc.array(SEGMENT, { maxLength: 3 }).map((each) => each.join('/')),
        name: PART,
        version: fc.string({ unit: ANY_CHARACTER }),
        qualifiers: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), PART, { maxKeys: 5 }),
      }),
      (parts) => {
        const text = packageUrlText(parts);
        fc.pre(text.length <= 4096);
        const read = parsePackageUrl(text);
        expect({ ...read, qualifiers: Object.fromEntries(read?.qualifiers ?? []) }).toEqual({
          ...parts,
          qualifiers: { ...parts.qualifiers },
        });
      },
    ),
  );
});

it('writes as the reference implementation does', () => {
  const text = fc.stringMatching(/^[a-z0-9.+:@~ -]{1,12}$/).filter((each) => each.trim() === each);
  fc.assert(
    fc.property(
      text,
      text,
      fc.dictionary(fc.constantFrom('arch', 'distro', 'upstream'), text),
      (name, version, qualifiers) => {
        const reference = new PackageURL('deb', 'debian', name, version, qualifiers, undefined).toString();
        expect(canonical(packageUrlText({ type: 'deb', namespace: 'debian', name, version, qualifiers }))).toBe(
          canonical(reference),
        );
      },
    ),
  );
});

/** The reference implementation also escapes the tilde in qualifiers, which the specification leaves open. */
function canonical(text: string): string {
  return text.replaceAll('%7E', '~');
}
