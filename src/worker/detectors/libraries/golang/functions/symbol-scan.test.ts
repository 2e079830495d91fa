import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../../test/fixtures/run-count.ts';
import { nameHash, pathHash } from '../../../../../model/programs/name-hash.ts';
import { functionName, plainSymbol } from './function-name.ts';
import { scanSymbol, type SymbolScan } from './symbol-scan.ts';

function scanned(name: string, prefix: string, path: string): SymbolScan {
  const scan: SymbolScan = { kind: 'other', end: 0, hash: 0, enclosingEnd: 0 };
  const names = Buffer.from(`a.com/q.F\0${name}\0a.com/z.G`, 'latin1');
  const start = 'a.com/q.F\0'.length;
  scanSymbol(names, start + prefix.length, pathHash(path), scan);
  return { ...scan, end: scan.end - start, enclosingEnd: scan.enclosingEnd - start };
}

/** Returns the result of a scan after the prefix `a.com/b.`: the kind, and for a closure the enclosing function. */
function found(rest: string): string {
  const name = `a.com/b.${rest}`;
  const { kind, end, enclosingEnd } = scanned(name, 'a.com/b.', 'a.com/b');
  expect(end).toBe(name.length);
  return kind === 'closure' ? `closure in ${name.slice('a.com/b.'.length, enclosingEnd)}` : kind;
}

describe('the scan of a symbol', () => {
  it.each([
    ['F', 'plain'],
    ['(*T).M', 'plain'],
    ['T.M', 'plain'],
    ['Sum256', 'plain'],
    ['F[go.shape.int]', 'plain'],
    ['(*T[go.shape.struct { x.com/y.Z [2]int }]).M', 'plain'],
    ['F.func1', 'closure in F'],
    ['(*T).M.func1.2', 'closure in (*T).M'],
    ['(*T).M-fm', 'closure in (*T).M'],
    ['F.gowrap1', 'closure in F'],
    ['F.func2-range1', 'closure in F'],
    ['F\u{c2}\u{b7}dwrap\u{c2}\u{b7}1', 'closure in F'],
    ['init.0', 'other'],
    ['init.0.func1', 'other'],
    ['F[go.shape.int].func1', 'other'],
    ['F.func1[int][string]', 'other'],
    ['F[go.shape.int', 'other'],
    ['(*T).c.com/d.m', 'other'],
    ['F.(*T).M', 'other'],
    ['(*T', 'other'],
    ['', 'other'],
  ])('of %j finds: %s', (rest, expected) => {
    expect(found(rest)).toBe(expected);
  });

  const PARTS = ['a', 'T', 'm', '.', '/', '(', '(*', ')', '[', ']', '[x]', '-fm', '.func', '-range', '.gowrap'];
  const parts = fc.constantFrom(...PARTS, '1', 'init.', '%2e', '\u{e9}', '\u{c2}\u{b7}dwrap\u{c2}\u{b7}1');
  const texts = fc.array(parts, { maxLength: 8 }).map((each) => each.join(''));
  const names = fc.oneof(
    texts,
    texts.map((text) => `a.com/b.${text}`),
  );
  const closures = fc
    .tuple(fc.constantFrom('a', 'T.m', '(*T).m'), fc.constantFrom('.func1', '-fm', '.gowrap1', '-range1'), texts)
    .map((each) => each.join(''));
  // Random texts are rarely closures.
  const rests = fc.oneof(texts, closures);

  it('equals the reading of the whole name', () => {
    const kinds = { plain: 0, closure: 0, other: 0 };
    fc.assert(
      fc.property(names, rests, (first, rest) => {
        const known = functionName(first);
        if (known === undefined || known.prefix === '') return;
        const name = `${known.prefix}${rest}`;
        const { kind, end, hash, enclosingEnd } = scanned(name, known.prefix, known.path);
        expect(end).toBe(name.length);
        kinds[kind] += 1;
        if (kind === 'other') return;
        const whole = functionName(name);
        expect(whole).toMatchObject({ path: known.path, prefix: known.prefix, isClosure: kind === 'closure' });
        expect(whole?.symbol).toBe(kind === 'closure' ? name.slice(known.prefix.length, enclosingEnd) : whole?.symbol);
        expect(hash).toBe(nameHash(known.path, plainSymbol(whole?.symbol ?? '')));
      }),
      { numRuns: runCount(10_000, 2000) },
    );
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(runCount(200, 40));
  });
});
