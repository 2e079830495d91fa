import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { readExecutables } from '../executables/read-executables.ts';
import { elfFile } from '../executables/testing/elf-file.ts';
import { findBundledDeps } from './bundle.ts';
import { bundleFile, DEPS_JSON } from './testing/bundle-file.ts';

const FILES = [
  { path: 'app.dll', type: 1, content: 'MZ' },
  { path: `${'long/'.repeat(40)}a.dll`, type: 1, content: 'MZ' },
  { path: 'app.deps.json', type: DEPS_JSON, content: '{"a":1}' },
  { path: 'app.runtimeconfig.json', type: 4, content: '{}' },
];

/** Returns the text of the list of libraries in a program. */
function textIn(bytes: Buffer): string | undefined {
  const [executable] = readExecutables(new ChunkedBytes([bytes]));
  const place = executable && findBundledDeps(executable);
  if (place === undefined || place === 'unreadable') return place;
  return bytes.subarray(place.start, place.end).toString();
}

describe('the list of libraries in a single-file application', () => {
  it.each([
    ['.NET Core 3', 1],
    ['.NET 5', 2],
    ['.NET 6 and later', 6],
  ])('is found: %s', (_, major) => {
    expect(textIn(bundleFile({ major, files: FILES }))).toBe('{"a":1}');
  });

  it.each<[what: string, bytes: Buffer]>([
    ['a bundle without the list', bundleFile({ files: FILES.slice(0, 1) })],
    ['a bundle of .NET Core 3 without the list', bundleFile({ major: 1, files: FILES.slice(0, 1) })],
    ['a bundle of an unknown version', bundleFile({ major: 0, files: FILES })],
    ['a bundle that ends before its header', bundleFile({ files: FILES }).subarray(0, 600)],
    ['a list of files that ends early', bundleFile({ major: 1, files: FILES, count: 2 })],
    ['a list of files that does not end', bundleFile({ major: 1, files: FILES.slice(0, 2), count: 2 ** 31 })],
  ])('is unreadable: %s', (_, bytes) => {
    expect(textIn(bytes)).toBe('unreadable');
  });

  it('is not in a program that starts an application in another file', () => {
    const host = bundleFile({ files: FILES });
    const mark = host.indexOf('8b1202b96a61203872', 0, 'hex');
    host.writeBigUInt64LE(0n, mark - 8);
    expect(textIn(host)).toBeUndefined();
  });

  it('is not in a program with the mark in its constants, such as a tool that creates bundles', () => {
    const mark = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex');
    const content = Buffer.concat([Buffer.alloc(8, 1), mark]);
    expect(textIn(elfFile([{ name: '.rodata', content, isCode: true }]))).toBeUndefined();
  });

  it('never lies outside the file, even in a damaged bundle', () => {
    const bytes = bundleFile({ major: 1, files: FILES });
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        for (const executable of readExecutables(new ChunkedBytes([changed]))) {
          const place = findBundledDeps(executable);
          if (place === undefined || place === 'unreadable') continue;
          expect(place.start).toBeGreaterThan(0);
          expect(place.end).toBeLessThanOrEqual(changed.length);
        }
      }),
    );
  });
});
