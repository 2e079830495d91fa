import { createHash } from 'node:crypto';
import { elfFile } from '../../executables/testing/elf-file.ts';

export type BundleForm = {
  /** Defaults to 6 (.NET 6 and later); .NET 5 uses 2, and .NET Core 3 uses 1. */
  readonly major?: number;
  readonly files?: readonly { readonly path: string; readonly type: number; readonly content: string }[];
  /** The number of files in the header; defaults to the length of `files`. */
  readonly count?: number;
};

const MARK = createHash('sha256').update('.net core bundle\n').digest();

/** The type number of a `*.deps.json` file. */
export const DEPS_JSON = 3;

/**
 * Builds a single-file .NET application as an ELF program: data with the mark, the files, and the header at the end.
 */
export function bundleFile({ major = 6, files = [], count = files.length }: BundleForm = {}): Buffer {
  const data = Buffer.concat([Buffer.alloc(16, 'x'), Buffer.alloc(8), MARK, Buffer.alloc(16, 'y')]);
  const host = elfFile([
    { name: '.text', content: Buffer.from('code'), isCode: true },
    { name: '.data', content: data },
  ]);
  const placed: { readonly path: string; readonly type: number; readonly start: number; readonly size: number }[] = [];
  const contents: Buffer[] = [];
  let end = host.length;
  for (const { path, type, content } of files) {
    const bytes = Buffer.from(content);
    placed.push({ path, type, start: end, size: bytes.length });
    contents.push(bytes);
    end += bytes.length;
  }
  const deps = placed.find(({ type }) => type === DEPS_JSON);
  const header = [
    numbers(4, major, 0, count),
    text('AbCdEfGhIjKl'),
    ...(major >= 2 ? [numbers(8, deps?.start ?? 0, deps?.size ?? 0, 0, 0, 0)] : []),
    ...placed.flatMap(({ path, type, start, size }) => [
      numbers(8, start, size, ...(major >= 6 ? [0] : [])),
      Buffer.of(type),
      text(path),
    ]),
  ];
  host.writeBigUInt64LE(BigInt(end), host.indexOf(MARK) - 8);
  return Buffer.concat([host, ...contents, ...header]);
}

function numbers(size: 4 | 8, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(size * values.length);
  for (const [at, value] of values.entries()) bytes.writeUIntLE(value, at * size, size === 4 ? 4 : 6);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from(length), bytes]);
}
