import { fieldWriter } from '../../executables/testing/field-writer.ts';

const MAGIC = '\xff Go buildinf:';
/** Go encloses the lines in these bytes (cmd/go/internal/modload, `infoStart` and `infoEnd`). */
const START = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const END = Buffer.from('f932433186182072008242104116d8f2', 'hex');

/** Returns the text of build information, given lines with blanks for tabs; empty if there are no lines. */
export function linesOf(...lines: readonly string[]): Buffer {
  if (lines.length === 0) return Buffer.alloc(0);
  return Buffer.concat([START, Buffer.from(lines.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('')), END]);
}

/** Builds the section of Go 1.18 and later, where the strings follow the header. */
export function inlineInformation(version: string, modules: Uint8Array): Buffer {
  const header = Buffer.alloc(32);
  header.write(MAGIC, 0, 'latin1');
  header[15] = 2;
  return Buffer.concat([header, counted(Buffer.from(version)), counted(modules)]);
}

function counted(text: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = text.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), text]);
}

/**
 * Builds the section of older releases at an address: the header contains the addresses of two strings after the
 * header.
 */
export function pointerInformation(
  version: string,
  modules: Uint8Array,
  {
    address,
    is64,
    isLittleEndian,
  }: { readonly address: number; readonly is64: boolean; readonly isLittleEndian: boolean },
): Buffer {
  const pointerBytes = is64 ? 8 : 4;
  const texts = 32 + 4 * pointerBytes;
  const { bytes, word } = fieldWriter(texts + version.length + modules.length, { is64, isLittleEndian });
  bytes.write(MAGIC, 0, 'latin1');
  bytes[14] = pointerBytes;
  bytes[15] = isLittleEndian ? 0 : 1;
  word(16, address + 32);
  word(16 + pointerBytes, address + 32 + 2 * pointerBytes);
  word(32, address + texts);
  word(32 + pointerBytes, version.length);
  word(32 + 2 * pointerBytes, modules.length === 0 ? 0 : address + texts + version.length);
  word(32 + 3 * pointerBytes, modules.length);
  bytes.write(version, texts, 'latin1');
  bytes.set(modules, texts + version.length);
  return bytes;
}
