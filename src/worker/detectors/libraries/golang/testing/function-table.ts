import { fieldWriter } from '../../executables/testing/field-writer.ts';

export type TableForm = {
  /** The magic number; defaults to the number of Go 1.20 and later. */
  readonly magic?: number;
  readonly is64?: boolean;
  readonly isLittleEndian?: boolean;
  /** Changes the words of the header before they are written. */
  readonly change?: (words: number[]) => void;
};

/** Builds a table `pclntab` of Go 1.16 or later that contains only the header and the names. */
export function functionTable(names: readonly string[], form: TableForm = {}): Buffer {
  const { magic = 0xfffffff1, is64 = true, isLittleEndian = true, change = () => {} } = form;
  const block = Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
  const pointerBytes = is64 ? 8 : 4;
  const start = 8 + 8 * pointerBytes;
  const end = start + block.length;
  const words = [names.length, 1, ...(magic === 0xfffffffa ? [] : [0]), start, end, end + 8, end + 16, end + 24];
  change(words);
  const { bytes, u32, word } = fieldWriter(end + 64, { is64, isLittleEndian });
  u32(0, magic);
  bytes.set([1, pointerBytes], 6);
  for (const [index, value] of words.entries()) word(8 + index * pointerBytes, value);
  bytes.set(block, start);
  return bytes;
}
