import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../../test/fixtures/run-count.ts';
import { elfFile } from '../../executables/testing/elf-file.ts';
import type { BuiltSection } from '../../executables/testing/field-writer.ts';
import { fatMachOFile, machOFile } from '../../executables/testing/mach-o-file.ts';
import { peFile } from '../../executables/testing/pe-file.ts';
import { goPrograms } from '../detector.ts';
import { functionTable } from '../testing/function-table.ts';
import { information, LINES, NAMES, program, read } from '../testing/go-program.ts';

/**
 * Returns which symbols are in the program: symbols of example.org/one, and symbols of other packages with their path.
 */
function found(bytes: Uint8Array, ...symbols: readonly string[]): readonly string[] {
  const { hasSymbol, unknown } = read(bytes);
  if (unknown !== undefined) return [unknown];
  return symbols.filter((each) => {
    const [symbol = '', path = 'example.org/one'] = each.split(' ').toReversed();
    return hasSymbol(path, symbol);
  });
}

describe('the functions of a program', () => {
  it('are found by package, symbol and module', () => {
    const { hasPackage, hasSymbol, hasModule, ...rest } = read(program(NAMES));
    expect(rest).toEqual({ os: 'linux', arch: 'arm64' });
    expect(['example.org/one', 'net/http', 'example.com/app/cmd/app'].filter(hasPackage)).toHaveLength(3);
    expect(['example.org', 'example.org/one/two', 'net', 'main'].filter(hasPackage)).toEqual([]);
    expect(['Parse', 'Server.Serve'].filter((each) => hasSymbol('example.org/one', each))).toHaveLength(2);
    expect(['Get', 'Server', 'Serve', 'parse'].filter((each) => hasSymbol('example.org/one', each))).toEqual([]);
    expect(hasSymbol('example.com/app/cmd/app', 'main')).toBe(true);
    expect(['example.com/app', 'example.org/one', 'stdlib'].filter(hasModule)).toHaveLength(3);
    expect(['toolchain', 'example.org', 'net/http'].filter(hasModule)).toEqual([]);
  });

  it('of a replaced module are found by the path of the replacement, too', () => {
    const lines = [...LINES.slice(0, 3), '=> example.net/fork v2.0.0 h1:x='];
    const { hasPackage, hasSymbol, hasModule } = read(program(['runtime.main', 'example.org/one/sub.F'], lines));
    expect(['example.net/fork/sub', 'example.org/one/sub'].filter(hasPackage)).toHaveLength(2);
    expect(hasSymbol('example.net/fork/sub', 'F')).toBe(true);
    expect(hasSymbol('example.net/forks/sub', 'F')).toBe(false);
    expect(['example.net/fork', 'example.org/one'].filter(hasModule)).toHaveLength(2);
  });

  it('belong to the module with the longest path', () => {
    const lines = [...LINES, 'dep example.org/one/two v1.0.0 h1:x='];
    const { hasModule } = read(program(['runtime.main', 'example.org/one/two/three.F'], lines));
    expect(['example.org/one', 'example.org/one/two'].filter(hasModule)).toEqual(['example.org/one/two']);
  });

  it('of the copies in the standard library belong to it', () => {
    const { hasPackage, hasModule } = read(program(['runtime.main', 'vendor/golang.org/x/net/http2/hpack.F']));
    expect(hasPackage('golang.org/x/net/http2/hpack')).toBe(false);
    expect(hasModule('golang.org/x/net')).toBe(false);
    expect(hasModule('stdlib')).toBe(true);
  });

  it('of the go command belong to the toolchain', () => {
    const { hasModule, hasPackage } = read(program(['runtime.main', 'main.main'], ['path cmd/go']));
    expect([hasModule('toolchain'), hasPackage('cmd/go')]).toEqual([true, true]);
  });

  it('have names in UTF-8', () => {
    const name = Buffer.from('example.org/one.Größe', 'utf8').toString('latin1');
    expect(found(program([...NAMES, name]), 'Größe', 'Grosse')).toEqual(['Größe']);
  });
});

describe('a function of which only a closure is left', () => {
  it.each([
    ['main.main.Insecure.func2', ['Insecure']],
    ['main.main.Insecure.gowrap1', ['Insecure']],
    ['main.main.Insecure-range1', ['Insecure']],
    ['main.main.func1.Insecure.func2', ['Insecure']],
    ['main.main.(*T).Insecure.func1', ['T.Insecure']],
    ['main.main.T.Insecure.func1', ['Insecure', 'T.Insecure']],
    ['main.init.Insecure.func1', ['Insecure']],
    ['main.glob..Insecure.func1', ['Insecure']],
  ])('is in the program: %s', (name, expected) => {
    expect(found(program([...NAMES, name]), 'Insecure', 'T.Insecure', 'main')).toEqual(expected);
  });

  it('needs an outer function in the table', () => {
    expect(found(program([...NAMES, 'main.other.Insecure.func2']), 'Insecure', 'other')).toEqual([]);
  });

  it('is not a function that has its own name in front of the closure', () => {
    expect(
      found(program([...NAMES, 'main.main.func1', 'main.T.Own', 'main.T', 'main.T.Own.func1']), 'Own', 'T.Own'),
    ).toEqual([]);
  });
});

describe('the function table', () => {
  const MAGICS = [0xfffffffa, 0xfffffff0, 0xfffffff1];
  const FORMS = MAGICS.flatMap((magic) =>
    [true, false].flatMap((is64) => [true, false].map((isLittleEndian) => ({ magic, is64, isLittleEndian }))),
  );

  it.each(FORMS)('has the form $magic, 64 bits: $is64, little-endian: $isLittleEndian', (form) => {
    expect(found(program(NAMES, LINES, form), 'Parse', 'None')).toEqual(['Parse']);
    const unnamed = elfFile(
      [
        { name: '.data.rel.ro', content: Buffer.concat([Buffer.alloc(32, 0xff), functionTable(NAMES, form)]) },
        information(),
      ],
      form,
    );
    expect(found(unnamed, 'Parse', 'None')).toEqual(['Parse']);
  });

  const table = (name: string): BuiltSection => ({ name, content: functionTable(NAMES) });

  it.each([
    ['in a section of position-independent ELF', elfFile([table('.data.rel.ro.gopclntab'), information()])],
    ['in a section of Mach-O', machOFile([table('__gopclntab'), information(LINES, '__go_buildinfo')])],
    ['in data of PE', peFile([information(LINES, '.data'), table('.rdata')])],
    ['in code', elfFile([table('.text'), information()])],
  ])('is %s', (_, bytes) => {
    expect(found(bytes, 'Parse', 'None')).toEqual(['Parse']);
  });

  it('is found without sections', () => {
    const bytes = elfFile([information(), table('')], { hasSectionTable: false });
    expect(found(bytes, 'Parse', 'None')).toEqual(['Parse']);
  });

  it('in the section of its name takes precedence over a table in the data', () => {
    const embedded = { name: '.rodata', content: functionTable(['runtime.main', 'example.org/one.Embedded']) };
    expect(found(elfFile([embedded, table('.gopclntab'), information()]), 'Parse', 'Embedded')).toEqual(['Parse']);
    expect(found(peFile([information(LINES, '.data'), embedded, table('.rdata')]), 'Parse', 'Embedded')).toEqual([
      'Parse',
      'Embedded',
    ]);
  });

  it('of each processor counts', () => {
    const image = (arch: string, ...names: readonly string[]): Buffer => {
      const lines = [...LINES.slice(0, 3), `build GOARCH=${arch}`, 'build GOOS=darwin'];
      const content = functionTable(['runtime.main', ...names]);
      return machOFile([{ name: '__gopclntab', content }, information(lines, '__go_buildinfo')]);
    };
    const one = image('arm64', 'example.org/one.A');
    const bytes = fatMachOFile([one, image('amd64', 'example.org/one.B')]);
    expect(read(bytes)).toMatchObject({ os: 'darwin', arch: 'arm64,amd64' });
    expect(found(bytes, 'A', 'B', 'C')).toEqual(['A', 'B']);
    const broken = machOFile([information([...LINES], '__go_buildinfo')]);
    expect(found(fatMachOFile([one, broken]), 'A')).toEqual(['no function table was found']);
  });
});

describe('the target of a program before Go 1.18', () => {
  it('comes from the header', () => {
    const elf = program(NAMES, LINES.slice(0, 3));
    elf.writeUInt16LE(62, 18);
    expect(read(elf)).toMatchObject({ os: 'linux', arch: 'amd64' });
    const big = program(NAMES, LINES.slice(0, 3), { isLittleEndian: false });
    big.writeUInt16BE(22, 18);
    expect(read(big)).toMatchObject({ os: 'linux', arch: 's390x' });
    const pe = peFile([information(LINES.slice(0, 3), '.data'), { name: '.rdata', content: functionTable(NAMES) }]);
    pe.writeUInt16LE(0xaa64, pe.readUInt32LE(0x3c) + 4);
    expect(read(pe)).toMatchObject({ os: 'windows', arch: 'arm64' });
  });
});

describe('functions are unknown', () => {
  const long = 'x'.repeat(70_000);

  it.each([
    ['without a table', elfFile([information()]), 'no function table was found'],
    [
      'before Go 1.16',
      program(NAMES, LINES, { magic: 0xfffffffb }),
      'the function table was written by a Go version before 1.16',
    ],
    ['without the runtime', program(NAMES.slice(1)), 'the function table lacks the Go runtime'],
    [
      'with obfuscated names',
      program(['runtime.main', 'main.main', 'xYz12.aBc', 'q_1.R']),
      'the function names are obfuscated',
    ],
    ['with a long name', program([...NAMES, `a.${long}`]), 'a function name exceeds 65536 bytes'],
    ['with a very long name', program([...NAMES, `a.${long.repeat(20)}`]), 'a function name exceeds 65536 bytes'],
    ['with a long path', program([...NAMES, `${long.slice(0, 5000)}.F`]), 'an import path exceeds 4096 bytes'],
    [
      'with too many tables',
      peFile([
        information(LINES, '.data'),
        { name: '.rdata', content: Buffer.concat(Array(20).fill(functionTable(['a.bcdef', 'a.F']))) },
      ]),
      'the program contains more than 16 function tables',
    ],
  ])('%s', (_, bytes, reason) => {
    expect(read(bytes).unknown).toBe(reason);
    expect(read(bytes).hasPackage('runtime')).toBe(false);
  });

  it.each([
    ['no functions', (words: number[]) => void (words[0] = 0)],
    ['more functions than bytes', (words: number[]) => void (words[0] = 1e9)],
    ['names in the header', (words: number[]) => void (words[3] = 8)],
    ['names after the end', (words: number[]) => void (words[3] = 1e12)],
    ['a block that ends before it starts', (words: number[]) => void (words[4] = 0)],
    ['a block that ends outside', (words: number[]) => void words.fill(1e12, 4)],
    ['falling offsets', (words: number[]) => void (words[6] = 1)],
  ])('with a header that has %s', (_, change) => {
    expect(read(program(NAMES, LINES, { change })).unknown).toBe('no function table was found');
  });

  it('never in a program whose modules have only types and constants', () => {
    expect(found(program(['runtime.main', 'main.main', 'iter.Pull']), 'Parse')).toEqual([]);
  });

  it('without build information: there is no program', () => {
    const { programs } = goPrograms.read(
      'usr/bin/app',
      elfFile([{ name: '.gopclntab', content: functionTable(NAMES) }]),
    );
    expect(programs).toBeUndefined();
  });

  it('or correct, regardless of which bytes change', () => {
    const whole = program([...NAMES, 'main.main.Insecure.func1']);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (changed, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changed) bytes[at] = value;
        for (const each of [bytes, bytes.subarray(0, length)]) {
          for (const { unknown, functions } of goPrograms.read('usr/bin/app', each).programs ?? []) {
            expect(unknown === undefined).toBe(functions !== undefined);
          }
        }
      }),
      { numRuns: runCount(500, 100) },
    );
  });
});
