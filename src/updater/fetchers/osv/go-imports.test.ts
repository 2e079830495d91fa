import { describe, expect, it } from 'vitest';
import { MAX_IMPORTS, MAX_SYMBOLS } from '../../../model/advisories/advisory.ts';
import { importsOfModules } from './go-imports.ts';

const MODULE = 'golang.org/x/net';

function member(imports: unknown, parts: { readonly name?: string; readonly ranges?: number } = {}) {
  const { name = MODULE, ranges = 1 } = parts;
  return { name, specific: { imports }, intervals: Array.from({ length: ranges }, () => ({})) };
}

const named = (...members: Parameters<typeof importsOfModules>[0]) => importsOfModules(members).get(MODULE);

describe('the packages that a document names for a module', () => {
  it('have sorted lists of functions, systems and processors', () => {
    const item = { path: 'a/b', symbols: ['Z', 'T.M', 'Z'], goos: ['windows', 'plan9'], goarch: ['386'], other: 1 };
    expect(named(member([{ path: 'a/c' }, item]))).toEqual([
      { path: 'a/b', symbols: ['T.M', 'Z'], goos: ['plan9', 'windows'], goarch: ['386'] },
      { path: 'a/c' },
    ]);
  });

  it('are the packages of all members about the module, without duplicates', () => {
    const [one, other] = [{ path: 'a', symbols: ['A'] }, { path: 'b' }];
    expect(named(member([one]), member([one, other]), member([{ path: 'c' }], { name: 'other' }))).toEqual([
      one,
      other,
    ]);
  });

  it.each([undefined, null, [], {}, 'a', [{}], [{ path: '' }], [{ path: 1 }], [{ path: 'a b' }], [null]])(
    'are absent, which means the whole module, for %j in one of the members about the module',
    (imports) => {
      expect(named(member([{ path: 'a' }]), member(imports))).toBeUndefined();
    },
  );

  it.each([
    undefined,
    null,
    [],
    'A',
    [1],
    ['A', ''],
    ['A\0'],
    Array.from({ length: MAX_SYMBOLS + 1 }, (_, at) => `F${at}`),
  ])('have no list, which means all functions and systems, for the list %.50j', (list) => {
    expect(named(member([{ path: 'a', symbols: list, goos: list, goarch: list }]))).toEqual([{ path: 'a' }]);
  });

  it('are absent if they exceed a limit', () => {
    const many = Array.from({ length: MAX_IMPORTS }, (_, at) => ({ path: `p${at}` }));
    expect(named(member(many))).toHaveLength(MAX_IMPORTS);
    expect(named(member([...many, { path: 'more' }]))).toBeUndefined();
    expect(named(member(many.slice(1)), member([{ path: 'x' }, { path: 'y' }]))).toBeUndefined();
    // The size counts the names once per range, because every range of the module stores them.
    expect(named(member(many, { ranges: 1000 }))).toBeUndefined();
  });
});
