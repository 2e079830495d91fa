import { describe, expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import { MAX_INDEXED_BYTES } from '../../../model/indexed-text.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import type { Readings } from '../file-readings.ts';
import { amountsOf } from '../kept-path.ts';
import { LAYER_LIMITS, type LayerLimits } from '../limits.ts';
import { createReadingBounds, type ReadingBounds } from './reading-bounds.ts';

const NOTHING: FileFacts = { diagnostics: [] };
const DETECTORS = ['one', 'two'].map(
  (id): Detector => ({
    id,
    kind: 'packages',
    version: 1,
    wants: [],
    read: () => NOTHING,
  }),
);

function boundsOf(limits: Partial<LayerLimits>): ReadingBounds {
  return createReadingBounds({ ...LAYER_LIMITS, ...limits }, 'layer.tar');
}

/** Returns readings in which each detector has one element of `facts`. */
function readingsOf(...facts: readonly Partial<FileFacts>[]): Readings {
  return new Map(facts.map((each, at) => [DETECTORS[at]!, { ...NOTHING, ...each }]));
}

function packages(...names: readonly string[]): Partial<FileFacts> {
  return { packages: names.map((name) => deb(name, '1')) };
}

function program(path: string, functions: string): Partial<FileFacts> {
  return { programs: [{ path, os: 'linux', arch: 'amd64', functions }] };
}

function owned(...paths: readonly string[]): Partial<FileFacts> {
  return { ownedPaths: [{ owner: { type: 'deb', name: 'a' }, paths }] };
}

/** Keeps the part of readings that fits, and returns the facts of each detector. */
function keep(bounds: ReadingBounds, path: string, readings: Readings): readonly FileFacts[] {
  const kept = bounds.fitting(path, readings);
  bounds.add(amountsOf(kept));
  return [...kept.values()];
}

function namesIn(facts: readonly FileFacts[]): readonly (readonly string[] | undefined)[] {
  return facts.map((each) => each.packages?.map(({ name }) => name));
}

function messagesIn(facts: readonly FileFacts[]): readonly string[] {
  return facts.flatMap(({ diagnostics }) => diagnostics.map(({ code, message }) => `${code}: ${message}`));
}

describe('the bytes of files at fixed paths', () => {
  it('end the reading of the layer beyond the limit', () => {
    const bounds = boundsOf({ maxWantedBytes: 10 });
    bounds.addAtFixedPath({ path: 'a', size: 4 });
    bounds.addAtFixedPath({ path: 'b', size: 6 });
    expect(() => bounds.addAtFixedPath({ path: 'c', size: 1 })).toThrow(
      expect.objectContaining({
        code: 'bytes/limit-exceeded',
        message: 'layer.tar: member "c": the files to read exceed 10 bytes',
      }),
    );
  });
});

describe('the bytes of files in any directory', () => {
  it.each([
    ['is not collected if the file is too large', 'addCollected', { maxFileBytes: 5 }, [5, 6], [true, false]],
    ['is streamed even if the file is too large to be collected', 'addStreamed', { maxFileBytes: 5 }, [6], [true]],
    ['is not collected if too much was read', 'addCollected', { maxBytesAnywhere: 10 }, [4, 6, 1], [true, true, false]],
    ['is not streamed if too much was read', 'addStreamed', { maxBytesAnywhere: 10 }, [4, 6, 1], [true, true, false]],
    ['does not count if the file is not read', 'addStreamed', { maxBytesAnywhere: 10 }, [11, 10], [false, true]],
  ] as const)('a file %s', (_, add, limits, sizes, expected) => {
    const bounds = boundsOf(limits);
    expect(sizes.map((size) => bounds[add]({ path: 'a', size }))).toEqual(expected);
  });

  it('are counted together for collected and streamed files, and separately from files at fixed paths', () => {
    const bounds = boundsOf({ maxBytesAnywhere: 10 });
    bounds.addAtFixedPath({ path: 'a', size: 10 });
    expect(bounds.addCollected({ path: 'b', size: 5 })).toBe(true);
    expect(bounds.addStreamed({ path: 'c', size: 5 })).toBe(true);
    expect(bounds.addCollected({ path: 'd', size: 1 })).toBe(false);
  });

  it.each([
    [6, 'it exceeds the limit of 5 bytes per file'],
    [5, 'the files to search in a layer exceed the total limit of 10 bytes'],
  ])('result in one diagnostic for a file of %i bytes that is not read', (size, reason) => {
    const refused = boundsOf({ maxFileBytes: 5, maxBytesAnywhere: 10 }).refused({ path: 'a', size }, DETECTORS);
    expect(messagesIn([...refused.values()])).toEqual([
      `package-limit-reached: "a" was not searched for packages: ${reason}`,
    ]);
  });
});

describe('readings', () => {
  it('are kept unchanged within all bounds', () => {
    const readings = readingsOf({ ...packages('a', 'b'), ...program('p', 'abc') }, owned('o'));
    const limits = {
      maxPackages: 2,
      maxFunctionCharacters: 3,
      maxOwnedCharacters: amountsOf(readings).ownedCharacters,
    };
    expect(boundsOf(limits).fitting('x', readings)).toBe(readings);
  });

  it('make room when they are no longer kept', () => {
    const bounds = boundsOf({ maxPackages: 2, maxFunctionCharacters: 3, maxOwnedCharacters: 20 });
    const readings = readingsOf({ ...packages('a', 'b'), ...program('p', 'abc'), ...owned('0123456789') });
    keep(bounds, 'x', readings);
    bounds.subtract(amountsOf(readings));
    expect(bounds.fitting('x', readings)).toBe(readings);
  });
});

describe('the packages in a layer', () => {
  it('are dropped beyond the limit, with a diagnostic for each file', () => {
    const bounds = boundsOf({ maxPackages: 3 });
    expect(namesIn(keep(bounds, 'x', readingsOf(packages('a', 'b'))))).toEqual([['a', 'b']]);
    const last = keep(bounds, 'y', readingsOf(packages('c', 'd')));
    expect(namesIn(last)).toEqual([['c']]);
    expect(messagesIn(last)).toEqual([
      'package-limit-reached: the layer has more than 3 packages; the rest of "y" was not read',
    ]);
    expect(messagesIn(keep(bounds, 'z', readingsOf(packages('e'))))).toHaveLength(1);
    expect(messagesIn(keep(bounds, 'z', readingsOf(NOTHING)))).toEqual([]);
  });

  it('are counted over all detectors of a file', () => {
    const facts = keep(boundsOf({ maxPackages: 3 }), 'x', readingsOf(packages('a', 'b'), packages('c', 'd')));
    expect(namesIn(facts)).toEqual([['a', 'b'], ['c']]);
    expect(messagesIn(facts)).toHaveLength(1);
  });

  it('are dropped if the database cannot index their names, and do not count', () => {
    const bounds = boundsOf({ maxPackages: 1 });
    const facts = keep(bounds, 'x', readingsOf(packages('a'.repeat(MAX_INDEXED_BYTES + 1), 'b')));
    expect(namesIn(facts)).toEqual([['b']]);
    expect(messagesIn(facts)).toEqual([
      expect.stringMatching(/^package-entry-unreadable: 1 package was skipped in "x"/),
    ]);
  });
});

describe('the functions of the programs in a layer', () => {
  it('become unknown beyond the limit; the functions of later, smaller programs still fit', () => {
    const bounds = boundsOf({ maxFunctionCharacters: 5 });
    const found = ['abc', 'def', 'gh'].flatMap((functions, at) =>
      keep(bounds, `p${at}`, readingsOf(program(`p${at}`, functions))),
    );
    expect(found.flatMap(({ programs = [] }) => programs)).toEqual([
      { path: 'p0', os: 'linux', arch: 'amd64', functions: 'abc' },
      {
        path: 'p1',
        os: 'linux',
        arch: 'amd64',
        unknown: 'the functions of the programs in the layer exceed 5 characters',
      },
      { path: 'p2', os: 'linux', arch: 'amd64', functions: 'gh' },
    ]);
  });
});

describe('the package file lists of a layer', () => {
  it('are dropped from the first list that does not fit, with one diagnostic for the layer', () => {
    const bounds = boundsOf({ maxOwnedCharacters: 40 });
    const found = ['short', 'x'.repeat(40), 'short'].map((path, at) => keep(bounds, `l${at}`, readingsOf(owned(path))));
    expect(found.map(([facts]) => facts?.ownedPaths !== undefined)).toEqual([true, false, false]);
    expect(messagesIn(found.flat())).toEqual([
      'file-list-limit-reached: the paths in the package file lists of the layer exceed 40 characters; "l1" and later lists were not read',
    ]);
  });

  it('are dropped without the packages in the same file', () => {
    const facts = keep(boundsOf({ maxOwnedCharacters: 1 }), 'x', readingsOf({ ...packages('a'), ...owned('b') }));
    expect(namesIn(facts)).toEqual([['a']]);
    expect(facts[0]).not.toHaveProperty('ownedPaths');
  });
});
