import { describe, expect, it } from 'vitest';
import { longCodeWord, MAX_CODE_BITS, prefixCode, QUICK_BITS } from './code.ts';

function find(lengths: readonly number[], word: string): readonly [symbol: number, bits: number] | null {
  const code = prefixCode(Uint8Array.from(lengths));
  const ahead = Number.parseInt(word.padEnd(MAX_CODE_BITS, '1'), 2);
  const quick = code.quick[ahead >>> (MAX_CODE_BITS - QUICK_BITS)]!;
  const entry = quick === 0 ? longCodeWord(code, ahead) : quick;
  return entry === 0 ? null : [entry >> 5, entry & 31];
}

describe('canonical prefix code', () => {
  const oneOfEach = [...Array.from({ length: 20 }, (_, index) => index + 1), 20];

  it.each([
    ['shorter words first', [2, 1, 2], ['10', '0', '11']],
    [
      'then in the order of the symbols',
      [3, 3, 3, 3, 3, 3, 3, 3],
      ['000', '001', '010', '011', '100', '101', '110', '111'],
    ],
    ['of words of every length', oneOfEach, oneOfEach.map((bits, at) => `${'1'.repeat(bits - 1)}${at < 20 ? 0 : 1}`)],
    ['of long words only', [11, 12, 20], ['0'.repeat(11), '000000000010', '00000000001100000000']],
    ['with unassigned words', [2, 2, 2], ['00', '01', '10']],
  ])('%s', (_, lengths, words) => {
    expect(words.map((word) => find(lengths, word))).toEqual(lengths.map((bits, symbol) => [symbol, bits]));
  });

  it.each([
    ['short', [2, 2, 2], '11'],
    ['long', [1, 12], '1000000000011'],
  ])('rejects an unassigned %s word', (_, lengths, word) => {
    expect(find(lengths, word)).toBeNull();
  });

  it('uses the first words when lengths oversubscribe the code', () => {
    expect([find([1, 1, 1, 12], '0'), find([1, 1, 1, 12], '1')]).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});
