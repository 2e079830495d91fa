import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { elfFile } from '../executables/testing/elf-file.ts';
import type { BuiltSection } from '../executables/testing/field-writer.ts';
import { fatMachOFile, machOFile } from '../executables/testing/mach-o-file.ts';
import { peFile } from '../executables/testing/pe-file.ts';
import { goPrograms } from './detector.ts';
import { inlineInformation, linesOf } from './testing/build-information.ts';

const CODE: BuiltSection = { name: '.text', content: Buffer.from('code'), isCode: true };
const TABLE: BuiltSection = { name: '.gopclntab', content: Buffer.from('functions') };
const APP = 'usr/bin/app';

function information(version: string, ...lines: readonly string[]): BuiltSection {
  return { name: '.go.buildinfo', content: inlineInformation(version, linesOf(...lines)) };
}

/** Returns the modules in a program with build information, as `name version`, and the reasons of diagnostics. */
function read(bytes: Uint8Array, path = APP) {
  const { features = [], diagnostics } = goPrograms.read(path, bytes);
  expect(features.filter((each) => each.path !== path || each.feature.type !== 'golang')).toEqual([]);
  expect(diagnostics.filter(({ code, where }) => code !== 'binary-unidentified' || where !== path)).toEqual([]);
  return {
    modules: features.map(({ feature }) => `${feature.name} ${feature.version}`),
    reasons: diagnostics.map(({ message }) =>
      message.replace(/^(?:the|some) libraries in "[^"]*" (?:are|may be) unknown: /, ''),
    ),
  };
}

function modulesOf(version: string, ...lines: readonly string[]): readonly string[] {
  const { modules, reasons } = read(elfFile([CODE, information(version, ...lines)]));
  expect(reasons).toEqual([]);
  return modules;
}

const MAIN = 'mod example.com/app v1.2.3 h1:x=';

describe('the modules of a Go program', () => {
  it('are the main module, its dependencies and the standard library', () => {
    expect(
      modulesOf(
        'go1.22.1',
        'path example.com/app',
        MAIN,
        'dep gopkg.in/yaml.v3 v3.0.1 h1:x=',
        'dep github.com/A/b/v2 v2.0.0+incompatible',
      ),
    ).toEqual([
      'example.com/app v1.2.3',
      'gopkg.in/yaml.v3 v3.0.1',
      'github.com/A/b/v2 v2.0.0+incompatible',
      'stdlib 1.22.1',
    ]);
  });

  it('need no dependencies', () => {
    expect(modulesOf('go1.22.1', MAIN)).toEqual(['example.com/app v1.2.3', 'stdlib 1.22.1']);
  });

  it('are listed once', () => {
    expect(modulesOf('go1.22.1', MAIN, 'dep a v1.0.0 ', 'dep a v1.0.0 ')).toEqual([
      'example.com/app v1.2.3',
      'a v1.0.0',
      'stdlib 1.22.1',
    ]);
  });

  it.each([
    ['another module', '=> example.net/fork v0.9.0 h1:x=', 'example.net/fork v0.9.0'],
    ['a folder', '=> ./fork (devel) ', 'example.org/one '],
    ['a folder without a version', '=> ../fork  ', 'example.org/one '],
    ['an absolute folder', '=> /src/fork v0.1.0 ', 'example.org/one '],
    ['a folder of Windows', '=> C:\\src\\fork v0.1.0 ', 'example.org/one '],
  ])('are the modules that were built: %s replaces a dependency', (_, replacement, module) => {
    expect(modulesOf('go1.22.1', MAIN, 'dep example.org/one v1.0.0 ', replacement)).toContain(module);
    expect(modulesOf('go1.22.1', MAIN, 'dep example.org/one v1.0.0 ', replacement)).not.toContain(
      'example.org/one v1.0.0',
    );
  });

  it('may lack a version, in a workspace', () => {
    expect(modulesOf('go1.22.1', MAIN, 'dep example.org/one (devel) ')).toContain('example.org/one ');
  });

  it('include the modules of each processor', () => {
    const image = (...lines: readonly string[]): Buffer =>
      machOFile([{ ...information('go1.22.1', ...lines), name: '__go_buildinfo' }]);
    expect(read(fatMachOFile([image(MAIN, 'dep a v1.0.0 '), image(MAIN, 'dep b v1.0.0 ')]))).toEqual({
      modules: ['example.com/app v1.2.3', 'a v1.0.0', 'stdlib 1.22.1', 'b v1.0.0'],
      reasons: [],
    });
  });
});

describe('the version of the main module', () => {
  const FLAGS = 'build\t-ldflags="-X\u{20}main.version=9.2.4"';

  it.each([
    ['of a tag', 'v1.2.3', 'v1.2.3'],
    [
      'of a commit after a tag',
      'v1.2.4-0.20250102030405-0123456789ab+dirty',
      'v1.2.4-0.20250102030405-0123456789ab+dirty',
    ],
    ['of changed sources', 'v1.2.3+dirty', 'v1.2.3+dirty'],
    ['of a folder', '(devel)', ''],
    ['that is missing', '', ''],
    ['of a commit without a tag', 'v0.0.0-20250102030405-0123456789ab', ''],
    ['of changed sources without a tag', 'v0.0.0-20250102030405-0123456789ab+dirty', ''],
    ['of a commit without a tag of this major version', 'v2.0.0-20250102030405-0123456789ab', ''],
  ])('is %s', (_, built, version) => {
    expect(modulesOf('go1.24.4', `mod example.com/app ${built} `)).toEqual([
      `example.com/app ${version}`,
      'stdlib 1.24.4',
    ]);
  });

  it('is the version that the linker writes only if no tag is known', () => {
    const flagged = (built: string): readonly string[] => {
      const content = inlineInformation('go1.24.4', linesOf(`mod example.com/app ${built} `, FLAGS));
      const bytes = Buffer.from(content).toString('latin1').replace('-X\tmain', '-X main');
      return read(elfFile([{ name: '.go.buildinfo', content: Buffer.from(bytes, 'latin1') }])).modules;
    };
    expect(flagged('(devel)')).toContain('example.com/app v9.2.4');
    expect(flagged('v0.0.0-20250102030405-0123456789ab')).toContain('example.com/app v9.2.4');
    expect(flagged('v1.2.3')).toContain('example.com/app v1.2.3');
  });
});

describe('the version of the standard library', () => {
  it.each([
    ['go1.22.1', '1.22.1'],
    ['go1.21', '1.21'],
    ['go1.21rc2', '1.21rc2'],
    ['go1.20.12 X:strictfipsruntime', '1.20.12'],
    ['go1.26.6-X:boringcrypto', '1.26.6'],
    ['go1.26.5 (Red Hat 1.26.5-1.el9)', '1.26.5'],
    ['devel go1.25-c7ddbad3a8 Tue Mar 5', 'devel go1.25-c7ddbad3a8 Tue Mar 5'],
    ['go1.25-devel_c7ddbad3a8', 'go1.25-devel_c7ddbad3a8'],
    ['go1.20-pre4', 'go1.20-pre4'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (goVersion, version) => {
    expect(modulesOf(goVersion, MAIN)).toContain(`stdlib ${version}`);
  });

  it('is listed as the toolchain, too, in the go command', () => {
    expect(modulesOf('go1.24.4', 'path cmd/go')).toEqual(['stdlib 1.24.4', 'toolchain 1.24.4']);
    expect(modulesOf('go1.24.4', 'path cmd/vet')).toEqual(['stdlib 1.24.4']);
  });
});

describe('a Go program with unknown modules', () => {
  const PACKED = elfFile([{ name: '', content: Buffer.from('....UPX!....') }], { hasSectionTable: false });
  const NO_LIST = 'the Go program has no list of modules';

  it.each([
    [
      'built without modules',
      elfFile([information('go1.24.4', 'path github.com/cli/cli/cmd/gh')]),
      ['stdlib 1.24.4'],
      NO_LIST,
    ],
    ['built without any lines', elfFile([information('go1.24.4')]), ['stdlib 1.24.4'], NO_LIST],
    ['without build information', elfFile([TABLE]), [], 'the Go program has no build information'],
    [
      'for Windows without build information',
      peFile([{ ...CODE, content: Buffer.from('\xff Go build ID: "x"\n', 'latin1') }]),
      [],
      'the Go program has no build information',
    ],
    [
      'with broken build information',
      elfFile([{ ...TABLE, name: '.go.buildinfo' }]),
      [],
      'the Go build information is unreadable',
    ],
    ['packed by UPX', PACKED, [], 'the program is packed by UPX'],
    [
      'with broken lines',
      elfFile([information('go1.24.4', MAIN, 'dep x', 'dep \u0007 v1.0.0', 'dep y v1.\u0007')]),
      ['example.com/app v1.2.3', 'stdlib 1.24.4'],
      'the Go build information has 3 invalid entries',
    ],
    [
      'with a version that is not printable',
      elfFile([information('go1.24.4\u0000', MAIN)]),
      ['example.com/app v1.2.3'],
      'the Go version is empty or has unprintable characters',
    ],
  ])('is reported: %s', (_, bytes, modules, reason) => {
    expect(read(bytes)).toEqual({ modules, reasons: [reason] });
  });

  it('is not a file of its debug information', () => {
    const absent = [TABLE, information('go1.24.4', MAIN)].map((each) => ({ ...each, isAbsent: true }));
    expect(read(elfFile([CODE, ...absent]))).toEqual({ modules: [], reasons: [] });
  });
});

describe('files that are not Go programs', () => {
  it.each([
    ['a program in C', elfFile([CODE, { name: '.data', content: Buffer.alloc(100) }])],
    ['the mark of UPX elsewhere', elfFile([CODE, { name: '.data', content: Buffer.from(`${' '.repeat(4096)}UPX!`) }])],
    ['garbage', Buffer.from('7f454c46020101ffffffffffff', 'hex')],
  ])('have no modules: %s', (_, bytes) => {
    expect(goPrograms.read(APP, bytes)).toEqual({ diagnostics: [] });
  });
});

describe('the test data of a Go installation', () => {
  const PROGRAM = elfFile([information('go1.17', MAIN)]);

  it.each([
    'usr/local/go/src/debug/buildinfo/testdata/go117/go117',
    'usr/lib/go-1.24/src/debug/elf/testdata/a/b',
    'usr/lib/golang/src/cmd/vendor/example.org/x/testdata/a',
    'root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22.1.linux-amd64/src/debug/elf/testdata/a',
    'go/src/debug/elf/testdata/a',
  ])('are ignored: %s', (path) => {
    expect(goPrograms.read(path, PROGRAM)).toEqual({ diagnostics: [] });
  });

  it.each([
    'root/go/src/github.com/x/y/testdata/a',
    'srv/app/testdata/a',
    'usr/local/go/src/debug/testdata',
    'usr/local/go/testdata/src/debug/a',
    'usr/local/go/bin/go',
  ])('are not %s', (path) => {
    expect(read(PROGRAM, path).modules).toContain('stdlib 1.17');
  });
});

describe('changed programs', () => {
  it('yield modules, a diagnostic or nothing, and never an exception', () => {
    const lines = [
      'path example.com/app',
      MAIN,
      'dep a v1.0.0 ',
      '=> b v1.1.0 ',
      'build -ldflags="-X=main.version=1.0.0"',
    ];
    const section = information('go1.22.1', ...lines);
    const files = [
      elfFile([CODE, section, TABLE]),
      elfFile([CODE, section], { hasSectionTable: false }),
      peFile([CODE, { ...section, name: '.data' }]),
      fatMachOFile([machOFile([{ ...section, name: '__go_buildinfo' }])]),
    ];
    const place = fc.nat({ max: 100_000 });
    const change = fc.tuple(place, fc.constantFrom(0, 1, 9, 10, 0x7f, 0x80, 0xff));
    const runs = runCount(2000, 400);
    let withModules = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { maxLength: 8 }),
        fc.nat({ max: 100 }),
        (file, changes, cut) => {
          const bytes = Buffer.from(file);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const { modules } = read(bytes.subarray(0, bytes.length - cut));
          withModules += modules.length > 0 ? 1 : 0;
        },
      ),
      { numRuns: runs },
    );
    expect(withModules).toBeGreaterThan(runs / 40);
  });
});
