import crc32 from 'crc-32';

/**
 * Returns a zip archive whose only member is the archive itself. `name` is the name of the member, of 1 to 14
 * characters.
 *
 * The deflated member is a program that prints itself between a prefix and a suffix. The program has two kinds of
 * instructions: `L` copies the next bytes to the output, and `R` repeats the last bytes of the output (Russ Cox, "Zip
 * Files All The Way Down", 2010). The archive contains the checksum in several places. A CRC is an affine function of
 * each bit, so the checksum that the archive must contain is the solution of 32 linear equations.
 */
export function zipQuine(name: string): Buffer {
  return quineWith(
    name,
    solvedChecksum((checksum) => crc32.buf(quineWith(name, checksum)) >>> 0),
  );
}

/** The size of an instruction; the last instruction is smaller. */
const UNIT = 10;

/** The number of instructions of {@link UNIT} bytes in the program, including the printed instructions. */
const INSTRUCTIONS = 28;

function quineWith(name: string, checksum: number): Buffer {
  const headerBytes = 30 + name.length;
  const endBytes = 46 + name.length + 22;
  const repeatEnd = repeatedEnd(endBytes);
  const deflatedSize = UNIT * INSTRUCTIONS + headerBytes + endBytes + 2 * repeatEnd.length;
  const fields = { name, checksum, deflatedSize, size: headerBytes + deflatedSize + endBytes };
  const [prefix, suffix] = [localHeader(fields), directory(fields)];
  const printPrefix = literal(prefix.length + UNIT);
  const repeatPrefix = repeat(prefix.length + UNIT);
  const [print0, print1, print4, repeat4] = [literal(0), literal(UNIT), literal(4 * UNIT), repeat(4 * UNIT)];
  const printEnd = literal(repeatEnd.length + suffix.length);
  // Each line is an instruction with the bytes that it prints.
  const program = [
    [printPrefix, prefix, printPrefix],
    [repeatPrefix],
    [print1, repeatPrefix],
    [print1, print1],
    [print4, repeatPrefix, print1, print1, print4],
    [repeat4],
    [print4, repeat4, print4, repeat4, print4],
    [repeat4],
    [print4, repeat4, print0, print0, printEnd],
    [repeat4],
    [print0, print0],
    [printEnd, repeatEnd, suffix],
    [repeatEnd],
  ];
  return Buffer.concat([prefix, ...program.flat(), suffix]);
}

type Fields = {
  readonly name: string;
  readonly checksum: number;
  readonly deflatedSize: number;
  readonly size: number;
};

function localHeader({ name, ...fields }: Fields): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeFields(header, 4, name, fields);
  return Buffer.concat([header, Buffer.from(name)]);
}

function directory({ name, ...fields }: Fields): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  writeFields(header, 6, name, fields);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + fields.deflatedSize, 16);
  return Buffer.concat([header, Buffer.from(name), end]);
}

/** Writes the fields from the version to the length of the name. */
function writeFields(header: Buffer, at: number, name: string, fields: Omit<Fields, 'name'>): void {
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(8, at + 4);
  header.writeUInt32LE(fields.checksum, at + 10);
  header.writeUInt32LE(fields.deflatedSize, at + 14);
  header.writeUInt32LE(fields.size, at + 18);
  header.writeUInt16LE(name.length, at + 22);
}

const EMPTY_BLOCK: Buffer = Buffer.from([0, 0, 0, 0xff, 0xff]);

/**
 * Returns an instruction that prints the next bytes. The instruction consists of an empty stored block and the header
 * of a stored block (RFC 1951, 3.2.4).
 */
function literal(bytes: number): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes, 1);
  header.writeUInt16LE(bytes ^ 0xffff, 3);
  return Buffer.concat([EMPTY_BLOCK, header]);
}

/**
 * Returns an instruction that repeats the last bytes. The instruction consists of a block with fixed codes that copies
 * twice, and an empty stored block, which ends at a byte boundary.
 */
function repeat(bytes: number): Buffer {
  const bits = copies(bytes, [10, bytes - 10], false);
  if (bits.length < 38 || bits.length > 45) throw new Error(`${bytes} bytes do not fit into an instruction`);
  return Buffer.concat([packed([...bits, 0, 0, 0]), EMPTY_BLOCK.subarray(1)]);
}

/** Returns the last instruction of the program, which repeats the suffix and itself. */
function repeatedEnd(suffixBytes: number): Buffer {
  // The size of the instruction is part of the number of bytes that it repeats.
  for (let size = 3; size < 8; size += 1) {
    const bytes = packed(copies(suffixBytes + size, [suffixBytes + size], true));
    if (bytes.length === size) return bytes;
  }
  throw new Error(`no last instruction repeats ${suffixBytes} bytes`);
}

/** Returns the bits of a block with fixed codes that copies bytes from a distance (RFC 1951, 3.2.5 and 3.2.6). */
function copies(distance: number, lengths: readonly number[], isLast: boolean): readonly number[] {
  const endOfBlock = [0, 0, 0, 0, 0, 0, 0];
  const all = lengths.flatMap((length) => [...lengthBits(length), ...distanceBits(distance)]);
  return [isLast ? 1 : 0, 1, 0, ...all, ...endOfBlock];
}

/** Returns the bits of a length. Lengths from 3 to 114 have the codes 257 to 279, of 7 bits. */
function lengthBits(length: number): readonly number[] {
  const { code, extraBits, extra } = coded(length - 3, 4);
  return [...codeBits(code + 1, 7), ...numberBits(extra, extraBits)];
}

function distanceBits(distance: number): readonly number[] {
  const { code, extraBits, extra } = coded(distance - 1, 2);
  return [...codeBits(code, 5), ...numberBits(extra, extraBits)];
}

/**
 * Returns the code of a value. In the tables of lengths and distances (RFC 1951, 3.2.5), the first `2 * first` codes
 * have no extra bits; after these codes, each number of extra bits has `first` codes.
 */
function coded(
  value: number,
  first: number,
): { readonly code: number; readonly extraBits: number; readonly extra: number } {
  let [code, start, extraBits] = [0, 0, 0];
  for (let end = 1; value >= end; end += 2 ** extraBits) {
    code += 1;
    start = end;
    extraBits = Math.max(0, Math.floor(code / first) - 1);
  }
  return { code, extraBits, extra: value - start };
}

/**
 * Returns the bits of a Huffman code. A Huffman code begins with the most significant bit; other numbers begin with the
 * least significant bit.
 */
function codeBits(code: number, length: number): readonly number[] {
  return numberBits(code, length).toReversed();
}

function numberBits(value: number, length: number): readonly number[] {
  return Array.from({ length }, (_, at) => (value >>> at) & 1);
}

function packed(bits: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [at, bit] of bits.entries()) bytes[at >>> 3] = (bytes[at >>> 3] ?? 0) | (bit << (at & 7));
  return bytes;
}

/** Solves `checksumOf(x) = x` for an affine function by Gaussian elimination over the bits. */
function solvedChecksum(checksumOf: (checksum: number) => number): number {
  const constant = checksumOf(0);
  // The columns represent the equations. Each column contains the bits that change if a bit of x changes, and the bit
  // of x itself.
  const columns = Array.from({ length: 32 }, (_, bit) => {
    const x = (1 << bit) >>> 0;
    return { change: (checksumOf(x) ^ constant ^ x) >>> 0, x };
  });
  let [rest, solution] = [constant, 0];
  for (let bit = 0; bit < 32; bit += 1) {
    const mask = (1 << bit) >>> 0;
    const at = columns.findIndex(({ change }) => (change & mask) !== 0);
    const [pivot] = at === -1 ? [] : columns.splice(at, 1);
    if (pivot === undefined) {
      if ((rest & mask) !== 0) throw new Error('no checksum fits');
      continue;
    }
    for (const [index, { change, x }] of columns.entries()) {
      if ((change & mask) !== 0) columns[index] = { change: (change ^ pivot.change) >>> 0, x: (x ^ pivot.x) >>> 0 };
    }
    if ((rest & mask) === 0) continue;
    rest = (rest ^ pivot.change) >>> 0;
    solution = (solution ^ pivot.x) >>> 0;
  }
  return solution;
}
