import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { elfFile } from '../executables/testing/elf-file.ts';
import { rustPrograms } from './detector.ts';

function read(text: string): ReturnType<typeof rustPrograms.read> {
  return rustPrograms.read('usr/bin/app', elfFile([{ name: '.dep-v0', content: deflateSync(Buffer.from(text)) }]));
}

describe('a list of crates', () => {
  it('expands to at most 8 MiB', () => {
    const ofLength = (length: number): string => '{"packages":[]}'.padEnd(length);
    expect(read(ofLength(8 * 1024 * 1024)).diagnostics).toEqual([]);
    const message = expect.stringContaining('the section .dep-v0 exceeds 8388608 uncompressed bytes');
    expect(read(ofLength(8 * 1024 * 1024 + 1)).diagnostics).toMatchObject([{ code: 'binary-unidentified', message }]);
  });

  it('has at most 10,000 crates', () => {
    const many = Array.from({ length: 10_001 }, (_, index) => ({
      name: 'serde',
      version: `1.0.${index}`,
      source: 'crates.io',
    }));
    const ofCrates = (packages: readonly object[]): string => JSON.stringify({ packages });
    expect(read(ofCrates(many.slice(1))).diagnostics).toEqual([]);
    const { features, diagnostics } = read(ofCrates(many));
    expect(features).toHaveLength(10_000);
    const message = expect.stringContaining('the section .dep-v0 contains more than 10000 crates');
    expect(diagnostics).toMatchObject([{ code: 'binary-unidentified', message }]);
  });
});
