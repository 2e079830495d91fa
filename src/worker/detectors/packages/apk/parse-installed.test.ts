import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PACKAGE_DATABASE } from '../../../testing/no-package-database.ts';
import { type SystemPackage } from '../../../../model/feature.ts';
import type { Diagnostic, DiagnosticCode } from '../../../../model/report/diagnostic.ts';
import { readApkInstalled } from './parse-installed.ts';

const INSTALLED = 'lib/apk/db/installed';

function read(text: string): ReturnType<typeof readApkInstalled> {
  return readApkInstalled(INSTALLED, Buffer.from(text));
}

/** Writes a record and its blank line as apk does; undefined omits a field. */
function record(fields: Readonly<Record<string, string | undefined>> = {}): string {
  const lines = Object.entries({ C: 'Q1x=', P: 'a', V: '1-r0', A: 'x86_64', ...fields })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}:${value}\n`);
  return `${lines.join('')}\n`;
}

function apk(name: string, version = '1-r0', origin = name, arch = 'x86_64'): SystemPackage {
  return { type: 'apk', name, version, arch, source: { name: origin, version } };
}

function codes(diagnostics: readonly Diagnostic[]): readonly DiagnosticCode[] {
  return diagnostics.map(({ code }) => code);
}

describe('a package', () => {
  it.each<[string, Readonly<Record<string, string | undefined>>, SystemPackage]>([
    ['is its own source without an origin', {}, apk('a')],
    ['is its own source with an empty origin', { o: '' }, apk('a')],
    ['has the origin as its source, in its own version', { o: 'src', V: '1.2.3-r4' }, apk('a', '1.2.3-r4', 'src')],
    ['may have no architecture', { A: undefined }, apk('a', '1-r0', 'a', '')],
    ['may have an empty architecture', { A: '' }, apk('a', '1-r0', 'a', '')],
    [
      'may be virtual: it is listed',
      { P: '.build-deps', V: '20240101.120000', A: 'noarch' },
      apk('.build-deps', '20240101.120000', '.build-deps', 'noarch'),
    ],
    ['may have blanks around a value', { P: ' a ', V: '\t1-r0' }, apk('a')],
    ['may have fields that are not known', { x: 'y', '?': '', g: '100' }, apk('a')],
    ['may have empty fields', { T: '', U: '' }, apk('a')],
    ['may have fields of any length', { p: 'so:x '.repeat(100_000), D: 'y '.repeat(100_000) }, apk('a')],
  ])('%s', (_, fields, expected) => {
    expect(read(record(fields))).toEqual({ packages: [expected], diagnostics: [] });
  });

  it('ignores fields of its files', () => {
    const files = 'F:P\nM:0:0:1777\nR:V:2\na:0:0:755\nZ:Q1A:o=\nF:\nR:A:x\nS:1\n';
    expect(read(record().replace('\n\n', `\n${files}\n`))).toEqual({ packages: [apk('a')], diagnostics: [] });
  });
});

describe('a database', () => {
  const two = record() + record({ P: 'b' });

  it.each<[string, string]>([
    ['as apk writes it', two],
    ['CRLF', two.replaceAll('\n', '\r\n')],
    ['without a blank line after the last record', two.slice(0, -1)],
    ['without an end of the last line', two.slice(0, -2)],
    ['with a line of one character as a blank line', two.replace('\n\n', '\nx\n')],
    ['with a line of one character and CRLF', two.replaceAll('\n', '\r\n').replace('\r\n\r\n', '\r\n \r\n')],
    ['with several blank lines between', `\n\n${two.replace('\n\n', '\n\n\n\n')}\n\n`],
    ['with a byte order mark', `\ufeff${two}`],
  ])('%s is read', (_, text) => {
    expect(read(text)).toEqual({ packages: [apk('a'), apk('b')], diagnostics: [] });
  });

  it.each(['', '\n', '\r\n\r\n'])('%j has no packages', (text) => {
    expect(read(text)).toEqual({ packages: [], diagnostics: [] });
  });
});

describe('skips one broken record with a diagnostic', () => {
  const long = 'x'.repeat(1025);

  it.each<[string, string, string]>([
    ['no name', record({ P: undefined }), 'entry skipped: it has no name (P)'],
    ['an empty name', record({ P: ' ' }), 'entry skipped: it has no name (P)'],
    ['no version', record({ V: undefined }), 'a skipped: it has no version (V)'],
    ['an empty version', record({ V: '' }), 'a skipped: it has no version (V)'],
    ['a line that is not a field', record().replace('\n\n', '\nrubbish\n\n'), 'a skipped: line 10 is not a field'],
    ['two records in one', record().replace('\n\n', '\n') + record(), 'a skipped: line 11 repeats the name'],
    ['a name that is too long', record({ P: long }), 'entry skipped: the name is longer than 1024 characters'],
    ['a version that is too long', record({ V: long }), 'a skipped: the version is longer than 1024 characters'],
    ['an origin that is too long', record({ o: long }), 'a skipped: the origin is longer than 1024 characters'],
    [
      'an architecture that is too long',
      record({ A: long }),
      'a skipped: the architecture is longer than 1024 characters',
    ],
  ])('%s', (_, broken, message) => {
    expect(read(`${record({ P: 'before' })}${broken}${record({ P: 'behind' })}`)).toEqual({
      packages: [apk('before'), apk('behind')],
      diagnostics: [{ code: 'package-entry-unreadable', message, where: `${INSTALLED}:6` }],
    });
  });

  it('accepts a name of 1024 characters', () => {
    const name = 'x'.repeat(1024);
    expect(read(record({ P: name }))).toEqual({ packages: [apk(name)], diagnostics: [] });
  });
});

describe('a version that apk rejects', () => {
  it.each(['x', '1-1', '1.0_gamma1', '1 0'])('%s is listed with a diagnostic', (version) => {
    const { packages, diagnostics } = read(record({ V: version, o: 'src' }));
    expect(packages).toEqual([apk('a', version, 'src')]);
    expect(diagnostics).toEqual([
      { code: 'package-version-invalid', message: expect.stringMatching(/^a: /), where: `${INSTALLED}:1` },
    ]);
    expect(diagnostics[0]?.message).toContain(JSON.stringify(version));
  });
});

it('adds no diagnostic for the version of a virtual package, which is never compared', () => {
  expect(read(record({ P: '.build-deps', V: 'x' }))).toEqual({ packages: [apk('.build-deps', 'x')], diagnostics: [] });
});

it('distinguishes a package of nginx.org by its maintainer', () => {
  const text = `${record({ P: 'nginx', m: 'NGINX Packaging <nginx-packaging@f5.com>' })}${record({ m: 'x'.repeat(5000) })}`;
  expect(read(text)).toEqual({ packages: [{ ...apk('nginx'), vendor: 'nginx.org' }, apk('a')], diagnostics: [] });
});

describe('a file that is not an apk database', () => {
  it.each<[string, Uint8Array, number]>([
    ...NO_PACKAGE_DATABASE,
    ['the dpkg database', Buffer.from('Package: a\nVersion: 1\n\nPackage: b\nVersion: 1\n'), 2],
    ['records without packages', Buffer.from('F:bin\nR:sh\n'), 1],
  ])('%s is unreadable as a whole', (_, bytes, entries) => {
    const which = entries === 1 ? 'its only entry is not' : `none of its ${entries} entries is`;
    const message = `${INSTALLED} is not an apk database: ${which} readable`;
    expect(readApkInstalled(INSTALLED, bytes)).toEqual({
      diagnostics: [{ code: 'package-database-unreadable', message, where: INSTALLED }],
    });
  });
});

it('counts diagnostics beyond 50', () => {
  const { packages, diagnostics } = read(record() + record({ V: '' }).repeat(60));
  expect(packages).toEqual([apk('a')]);
  expect(codes(diagnostics)).toEqual(Array(51).fill('package-entry-unreadable'));
  expect(diagnostics.at(-1)?.message).toBe(`10 more diagnostics of this kind in ${INSTALLED}`);
});

describe('properties', () => {
  const name = fc.stringMatching(/^[a-z0-9.][a-z0-9+._-]{0,20}$/);
  const version = fc.stringMatching(
    /^[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}[a-z]?(?:_(?:alpha|rc|git|p)[0-9]{0,8})?-r[0-9]{1,2}$/,
  );
  const anyPackage: fc.Arbitrary<SystemPackage> = fc
    .record({ name, version, arch: fc.constantFrom('x86_64', 'aarch64', 'noarch'), origin: name })
    .map(({ name: of, version: in_, arch, origin }) => apk(of, in_, origin, arch));
  const file = fc.stringMatching(/^[ -~]{0,20}$/);

  it('reads back packages written as records, regardless of their file names', () => {
    const layout = fc.record({ end: fc.constantFrom('\n', '\r\n'), gap: fc.nat(3), files: fc.array(file) });
    fc.assert(
      fc.property(fc.array(anyPackage), layout, (packages, { end, gap, files }) => {
        const lines = files.map((path) => `F:${path}\nR:${path}\nZ:${path}\n`).join('');
        const text = packages
          .map((of) => `P:${of.name}\nV:${of.version}\nA:${of.arch}\no:${of.source.name}\n${lines}`)
          .join('\n'.repeat(gap + 1))
          .replaceAll('\n', end);
        expect(read(text)).toEqual({ packages, diagnostics: [] });
      }),
    );
  });

  it('returns packages or diagnostics for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const { packages, diagnostics } = readApkInstalled(INSTALLED, bytes);
        expect(packages !== undefined || diagnostics.length > 0).toBe(true);
      }),
    );
  });
});
