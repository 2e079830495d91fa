import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PACKAGE_DATABASE } from '../../../testing/no-package-database.ts';
import { deb } from '../../../../database/testing/packages.ts';
import { type SystemPackage } from '../../../../model/feature.ts';
import type { Diagnostic, DiagnosticCode } from '../../../../model/report/diagnostic.ts';
import { readDpkgStatus } from './parse-status.ts';
import { stanza } from './testing/stanza.ts';

const STATUS = 'var/lib/dpkg/status';
const STATUS_D = 'var/lib/dpkg/status.d/libc6';

function read(text: string, path = STATUS): ReturnType<typeof readDpkgStatus> {
  return readDpkgStatus(path, Buffer.from(text));
}

function codes(diagnostics: readonly Diagnostic[]): readonly DiagnosticCode[] {
  return diagnostics.map(({ code }) => code);
}

const GOOD = deb('a', '1');

describe('the third word of Status determines the state', () => {
  it.each([
    'install ok installed',
    'hold ok installed',
    'deinstall ok installed',
    'purge ok installed',
    'unknown ok installed',
    'install reinstreq installed',
    'install  ok\tinstalled',
  ])('%s: installed', (status) => {
    expect(read(stanza({ Status: status }))).toEqual({ packages: [GOOD], diagnostics: [] });
  });

  it.each(['unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending'])(
    'install ok %s: installed, with a diagnostic',
    (state) => {
      expect(read(stanza({ Status: `install ok ${state}` }))).toEqual({
        packages: [GOOD],
        diagnostics: [
          {
            code: 'package-half-configured',
            message: `a has the state ${state} instead of installed`,
            where: `${STATUS}:1`,
          },
        ],
      });
    },
  );

  it.each(['not-installed', 'config-files', 'half-installed'])('install ok %s: not installed', (state) => {
    expect(read(stanza({ Status: `install ok ${state}` }))).toEqual({ packages: [], diagnostics: [] });
  });

  it.each([
    [
      'an unknown state',
      'install ok finished',
      'a skipped: the third word of Status is not a known state: "install ok finished"',
    ],
    [
      'another case',
      'install ok Installed',
      'a skipped: the third word of Status is not a known state: "install ok Installed"',
    ],
    ['two words', 'install ok', 'a skipped: the third word of Status is not a known state: "install ok"'],
    ['nothing', '', 'a skipped: it has no field Status'],
    ['no field', undefined, 'a skipped: it has no field Status'],
  ])('%s causes a diagnostic', (_, status, message) => {
    const { packages, diagnostics } = read(`${stanza({ Package: 'b' })}\n${stanza({ Status: status })}`);
    expect(packages).toEqual([deb('b', '1')]);
    expect(diagnostics).toEqual([{ code: 'package-entry-unreadable', message, where: `${STATUS}:6` }]);
  });
});

describe('the source package', () => {
  it.each<[string, string | undefined, string, SystemPackage['source']]>([
    ['is the package itself without the field', undefined, '1:2.3-4', { name: 'a', version: '1:2.3-4' }],
    ['is the package itself for an empty field', '', '1', { name: 'a', version: '1' }],
    ['has the binary version, epoch included', 'src', '1:2.3-4', { name: 'src', version: '1:2.3-4' }],
    ['has its own version in parentheses', 'src (1.2-3)', '2.0-1', { name: 'src', version: '1.2-3' }],
    ['has its own epoch, not the epoch of the binary', 'src (1.2-3)', '1:2.0-1', { name: 'src', version: '1.2-3' }],
    ['may have an epoch', 'src (2:1.2-3)', '1', { name: 'src', version: '2:1.2-3' }],
    ['lacks the suffix of a rebuild', 'a (1.2-3)', '1.2-3+b1', { name: 'a', version: '1.2-3' }],
    ['may have no blank before the parenthesis', 'src(1.2)', '1', { name: 'src', version: '1.2' }],
    ['may have blanks in the parentheses', 'src  ( 1.2 )', '1', { name: 'src', version: '1.2' }],
  ])('%s', (_, field, version, source) => {
    expect(read(stanza({ Source: field, Version: version }))).toEqual({
      packages: [deb('a', version, source)],
      diagnostics: [],
    });
  });

  it.each(['src (1.2', 'src 1.2', 'src ()', '(1.2)', 'src (1.2) x', 'src (1 2)'])(
    '"%s" skips the stanza with a diagnostic',
    (field) => {
      const { packages, diagnostics } = read(`${stanza({ Source: field })}\n${stanza({ Package: 'b' })}`);
      expect(packages).toEqual([deb('b', '1')]);
      expect(diagnostics).toEqual([
        {
          code: 'package-entry-unreadable',
          message: `a skipped: Source does not have the form NAME or NAME (VERSION): "${field}"`,
          where: `${STATUS}:1`,
        },
      ]);
    },
  );

  it('may have different versions for different binaries', () => {
    const text = `${stanza({ Source: 'src (1)' })}\n${stanza({ Package: 'b', Source: 'src (2)', Version: '7' })}`;
    expect(read(text).packages).toEqual([
      deb('a', '1', { name: 'src', version: '1' }),
      deb('b', '7', { name: 'src', version: '2' }),
    ]);
  });
});

describe('a signed package', () => {
  it('keeps its version and gets the signed source package', () => {
    const signed = stanza({ Source: 'linux-signed-amd64 (6.1.170+3)', Version: '6.1.170-3' });
    const loader = stanza({ Package: 'b', Version: '1+2.06+13', 'Built-Using': 'grub2-unsigned (= 2.06-13)' });
    expect(read(`${signed}\n${loader.replace('Package', 'Source: grub-efi-amd64-signed\nPackage')}`)).toEqual({
      packages: [
        deb('a', '6.1.170-3', { name: 'linux', version: '6.1.170-3' }),
        deb('b', '1+2.06+13', { name: 'grub2-unsigned', version: '2.06-13' }),
      ],
      diagnostics: [],
    });
  });

  it('is listed with a diagnostic when its signed version is unknown', () => {
    const message =
      'a: the version of the code that the source package shim-signed 1.51 signs is unknown, because Built-Using does not state it';
    expect(read(stanza({ Source: 'shim-signed (1.51)', Version: '7' }))).toEqual({
      packages: [deb('a', '7', { name: 'shim-signed', version: '1.51' })],
      diagnostics: [{ code: 'package-version-invalid', message, where: `${STATUS}:1` }],
    });
  });
});

describe('a status file', () => {
  const PAIR = [GOOD, deb('b', '2')];
  const TEXT = `${stanza()}\n${stanza({ Package: 'b', Version: '2' })}`;

  it.each<[string, string]>([
    ['as dpkg writes it', `${TEXT}\n`],
    ['without a newline at the end', TEXT.trimEnd()],
    ['with CRLF', TEXT.replaceAll('\n', '\r\n')],
    ['with several blank lines', `\n\n${TEXT.replace('\n\n', '\n\n\n\n')}\n\n`],
    ['without blanks after the colons', TEXT.replaceAll(': ', ':')],
    [
      'with continuations by blank and tab',
      TEXT.replaceAll(/(Architecture.*\n)/g, '$1Description: x\n Version: 9\n\t.\n'),
    ],
    ['with a very long field', TEXT.replaceAll(/(Architecture.*\n)/g, `$1Depends: ${'x, '.repeat(100_000)}\n`)],
    ['with a byte order mark', `\ufeff${TEXT}`],
    ['in Latin-1', TEXT.replaceAll(/(Architecture.*\n)/g, '$1Maintainer: J\u00f6rg\n')],
  ])('%s', (_, text) => {
    expect(readDpkgStatus(STATUS, Buffer.from(text, text.includes('\u00f6') ? 'latin1' : 'utf8'))).toEqual({
      packages: PAIR,
      diagnostics: [],
    });
  });

  it('may list one name for two architectures', () => {
    const text = `${stanza()}\n${stanza({ Architecture: 'i386' })}`;
    expect(read(text).packages).toEqual([GOOD, { ...GOOD, arch: 'i386' }]);
  });

  it('may omit the architecture', () => {
    expect(read(stanza({ Architecture: undefined }))).toEqual({ packages: [{ ...GOOD, arch: '' }], diagnostics: [] });
  });

  it('may be empty', () => {
    expect(read('')).toEqual({ packages: [], diagnostics: [] });
  });

  it('may have no installed packages', () => {
    expect(read(stanza({ Status: 'deinstall ok config-files' }))).toEqual({ packages: [], diagnostics: [] });
  });
});

describe('skips one broken stanza with a diagnostic', () => {
  it.each<[string, string, string]>([
    [
      'a line that is not a field',
      `${stanza()}rubbish\n`,
      'a skipped: line 10 is neither a field nor a continuation line',
    ],
    ['a continuation of nothing', ` x\n${stanza()}`, 'a skipped: line 6 continues a field, but no field precedes it'],
    ['a field that comes twice', `${stanza()}Version: 2\n`, 'a skipped: line 10 repeats a field'],
    ['no name', stanza({ Package: undefined }), 'entry skipped: it has no field Package'],
    ['an empty name', stanza({ Package: '' }), 'entry skipped: it has no field Package'],
    ['no version', stanza({ Version: undefined }), 'a skipped: it has no field Version'],
    ['an empty version', stanza({ Version: '' }), 'a skipped: it has no field Version'],
    [
      'a name that is too long',
      stanza({ Package: 'x'.repeat(1025) }),
      'entry skipped: the field package is longer than 1024 characters',
    ],
    [
      'a version that is too long',
      stanza({ Version: '1'.repeat(1025) }),
      'a skipped: the field version is longer than 1024 characters',
    ],
    [
      'a source that is too long',
      stanza({ Source: 'x'.repeat(1025) }),
      'a skipped: the field source is longer than 1024 characters',
    ],
    [
      'a status that is too long',
      stanza({ Status: 'x'.repeat(1025) }),
      'a skipped: the field status is longer than 1024 characters',
    ],
  ])('%s', (_, broken, message) => {
    const [before, behind] = [stanza({ Package: 'before' }), stanza({ Package: 'behind' })];
    expect(read(`${before}\n${broken}\n${behind}`)).toEqual({
      packages: [deb('before', '1'), deb('behind', '1')],
      diagnostics: [{ code: 'package-entry-unreadable', message, where: `${STATUS}:6` }],
    });
  });
});

describe('a version that dpkg rejects', () => {
  it.each(['1.0 beta', 'x:1', '1.0-', ':1', '1.0ä'])('%s is listed with a diagnostic', (version) => {
    const { packages, diagnostics } = read(stanza({ Version: version }));
    expect(packages).toEqual([deb('a', version)]);
    expect(diagnostics).toEqual([
      { code: 'package-version-invalid', message: expect.stringMatching(/^a: /), where: `${STATUS}:1` },
    ]);
    expect(diagnostics[0]?.message).toContain(JSON.stringify(version));
  });

  it('is reported for the source package too', () => {
    const { packages, diagnostics } = read(stanza({ Source: 'src (x:1)' }));
    expect(packages).toEqual([deb('a', '1', { name: 'src', version: 'x:1' })]);
    expect(codes(diagnostics)).toEqual(['package-version-invalid']);
  });

  it('is reported once when package and source package share it', () => {
    expect(codes(read(stanza({ Source: 'src', Version: 'x:1' })).diagnostics)).toEqual(['package-version-invalid']);
  });
});

describe('a file of status.d', () => {
  it('needs no Status', () => {
    expect(read(stanza({ Status: undefined }), STATUS_D)).toEqual({ packages: [GOOD], diagnostics: [] });
  });

  it('respects a Status', () => {
    expect(read(stanza({ Status: 'deinstall ok config-files' }), STATUS_D)).toEqual({ packages: [], diagnostics: [] });
  });

  it('causes a diagnostic when it is broken', () => {
    const { packages, diagnostics } = read(stanza({ Status: undefined, Version: undefined }), STATUS_D);
    expect(packages).toBeUndefined();
    expect(codes(diagnostics)).toEqual(['package-database-unreadable']);
  });

  it.each(['libc6.list', 'python3.11', 'libc6.config'])(
    'is read under any name if it starts like a stanza: %s',
    (name) => {
      const text = `\n# made by a build\n${stanza({ Status: undefined })}`;
      expect(read(text, `var/lib/dpkg/status.d/${name}`)).toEqual({ packages: [GOOD], diagnostics: [] });
    },
  );

  it.each<[string, string]>([
    ['libc6.md5sums', 'd41d8cd98f00b204e9800998ecf8427e  usr/share/doc/libc6/copyright\n'],
    ['libc6.md5sums', ''],
    ['libc6.postinst', '#!/bin/sh\nset -e\necho "a: b"\nexit 0\n'],
    ['README', 'What lies here was made by a build.\n'],
    ['base-files.preinst', '#!/bin/sh\n\nset -e\ncat <<EOF\nPackage: base-files\nVersion: 1\nEOF\n'],
    ['dash.config', '#!/bin/sh\n# Package: dash\nif true; then\nPackage: x\nfi\n'],
    ['tzdata.md5sums', '0cc175b9c0f1b6a831c399e269772661  usr/share/a:b\nPackage: 1\n'],
    ['x.triggers', '\n# a comment\ninterest /etc\nPackage: x\n'],
  ])('is skipped when it is %s', (name, text) => {
    expect(read(text, `var/lib/dpkg/status.d/${name}`)).toEqual({ diagnostics: [] });
  });
});

describe('a file that is not a dpkg database', () => {
  it.each<[string, Uint8Array, number]>([
    ...NO_PACKAGE_DATABASE,
    ['stanzas of another kind', Buffer.from('Types: deb\nSuites: sid\n\nTypes: deb\n'), 2],
  ])('%s is unreadable as a whole', (_, bytes, stanzas) => {
    const which = stanzas === 1 ? 'its only entry is not' : `none of its ${stanzas} stanzas is`;
    const message = `${STATUS} is not a dpkg database: ${which} readable`;
    expect(readDpkgStatus(STATUS, bytes)).toEqual({
      diagnostics: [{ code: 'package-database-unreadable', message, where: STATUS }],
    });
  });
});

describe('many diagnostics', () => {
  it('are listed up to 50 and then counted by kind', () => {
    const pending = stanza({ Status: 'install ok triggers-pending' });
    const broken = stanza({ Version: '' });
    const { packages, diagnostics } = read([...Array(60).fill(pending), ...Array(7).fill(broken)].join('\n'));
    expect(packages).toHaveLength(60);
    expect(diagnostics.slice(0, 50).map(({ where }) => where)).toEqual(
      Array.from({ length: 50 }, (_, index) => `${STATUS}:${index * 5 + 1}`),
    );
    expect(diagnostics.slice(50)).toEqual([
      { code: 'package-half-configured', message: `10 more diagnostics of this kind in ${STATUS}`, where: STATUS },
      { code: 'package-entry-unreadable', message: `7 more diagnostics of this kind in ${STATUS}`, where: STATUS },
    ]);
  });

  it('have bounded length', () => {
    const long = 'x '.repeat(500_000);
    const fields = ['Package', 'Status', 'Version', 'Source', 'Architecture', 'Unknown Field'];
    const { diagnostics } = read([stanza(), ...fields.map((name) => stanza({ [name]: long }))].join('\n'));
    expect(diagnostics).toHaveLength(fields.length);
    for (const { message } of diagnostics) expect(message.length).toBeLessThan(200);
  });
});

describe('properties', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,20}$/);
  const version = fc.stringMatching(/^(?:[0-9]{1,3}:)?[0-9][0-9a-z.+~]{0,10}(?:-[0-9a-z.+~]{1,5})?$/);
  const anyPackage: fc.Arbitrary<SystemPackage> = fc.record({
    type: fc.constant('deb' as const),
    name,
    version,
    arch: fc.constantFrom('amd64', 'all', 'i386'),
    source: fc.record({ name, version }),
  });

  it('reads back packages written as stanzas', () => {
    const layout = fc.record({
      end: fc.constantFrom('\n', '\r\n'),
      colon: fc.constantFrom(':', ': ', ':\t'),
      gap: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(anyPackage), layout, (packages, { end, colon, gap }) => {
        const text = packages
          .map((of) => {
            const source = `${of.source.name}${of.source.version === of.version ? '' : ` (${of.source.version})`}`;
            const fields = { Source: source, Package: of.name, Version: of.version, Architecture: of.arch };
            return stanza({ ...fields, Description: 'x\n .\n Package: none' });
          })
          .join('\n'.repeat(gap + 1))
          .replaceAll(/^(\S+): /gm, `$1${colon}`)
          .replaceAll('\n', end);
        expect(read(text)).toEqual({ packages, diagnostics: [] });
      }),
    );
  });

  it('returns packages or diagnostics for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const { packages, diagnostics } = readDpkgStatus(STATUS, bytes);
        expect(packages !== undefined || diagnostics.length > 0).toBe(true);
      }),
    );
  });
});

describe('limits', () => {
  it('skip a stanza with too many fields', () => {
    const fields = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`X-${at}`, '1']));
    const { packages, diagnostics } = read(`${stanza(fields)}\n${stanza({ Package: 'b' })}`);
    expect(packages).toEqual([deb('b', '1')]);
    expect(diagnostics).toMatchObject([{ message: 'a skipped: line 1001 exceeds the limit of 1000 fields' }]);
  });
});
