import type { Random } from './random.ts';
import { changeTarHeader, headersOf } from './tar-mutations.ts';

/** A description of the changes, and the result. */
export type Mutated = { readonly bytes: Buffer; readonly steps: readonly string[] };

/** Changes bytes in place, or returns other bytes. */
type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const MAX_STEPS = 4;

const MAX_SPAN_BYTES = 4096;

/** Numbers at which lengths, counts and offsets often fail. */
const INTERESTING = [0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 511, 512, 4095, 4096, 0x7fff, 0xffff, 0x10000] as const;
const INTERESTING_BIG = [0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff] as const;

/** Databases have pages of these sizes; tar archives have blocks of the smaller size. */
const PAGE_BYTES = [512, 4096] as const;

const TEXTS = ['\n', '\n\n', '\r\n', ':', ' ', '\0', '0', '-1', '99999999999999999999', '"', '{', '[', '../', '/.wh.'];

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip: (bytes, random) => {
    const at = random.below(bytes.length);
    if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
    return bytes;
  },
  set: (bytes, random) => bytes.fill(random.below(256), ...spanOf(bytes, random, 16)),
  zero: (bytes, random) => bytes.fill(0, ...spanOf(bytes, random, MAX_SPAN_BYTES)),
  truncate: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  insert: (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(TEXTS)), bytes.subarray(at)]);
  },
  delete: (bytes, random) => {
    const [start, end] = spanOf(bytes, random, MAX_SPAN_BYTES);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  duplicate: (bytes, random) => {
    const [start, end] = spanOf(bytes, random, MAX_SPAN_BYTES);
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(start, end), bytes.subarray(at)]);
  },
  swap: (bytes, random) => {
    const [start, end] = spanOf(bytes, random, 64);
    const at = random.below(bytes.length - (end - start));
    const held = Buffer.from(bytes.subarray(at, at + end - start));
    bytes.copyWithin(at, start, end);
    bytes.set(held.subarray(0, Math.max(0, bytes.length - start)), start);
    return bytes;
  },
  splice: (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))]),
  number: (bytes, random) => {
    const size = random.pick([2, 4, 4, 8]);
    if (bytes.length < size) return bytes;
    // Half of the changes are near the start, where formats have their headers.
    const range = random.below(2) === 0 ? Math.min(bytes.length, 256) : bytes.length;
    const at = Math.min(random.below(range) & -2, bytes.length - size);
    const value = random.pick([...INTERESTING, ...INTERESTING_BIG, bytes.length, bytes.length >> 9, random.below(64)]);
    const number = Buffer.alloc(size);
    number.writeUInt16BE(value & 0xffff, size - 2);
    if (size >= 4) number.writeUInt32BE(value >>> 0, size - 4);
    bytes.set(random.below(2) === 0 ? number : number.toReversed(), at);
    return bytes;
  },
  digit: (bytes, random) => {
    const start = random.below(bytes.length);
    const at = bytes.subarray(start).findIndex((byte) => byte >= 0x30 && byte <= 0x39);
    if (at !== -1) bytes.writeUInt8(0x30 + random.below(10), start + at);
    return bytes;
  },
  page: (bytes, random) => {
    const size = random.pick(PAGE_BYTES);
    const pages = Math.floor(bytes.length / size);
    if (pages < 2) return bytes;
    const from = random.below(pages) * size;
    bytes.copyWithin(random.below(pages) * size, from, from + size);
    return bytes;
  },
};

/** Applies some changes to a copy of `bytes`; `other` provides inserted bytes. Also changes tar headers. */
export function mutate(bytes: Buffer, other: Buffer, random: Random): Mutated {
  const steps: string[] = [];
  let changed: Buffer = Buffer.from(bytes);
  const names = Object.keys(MUTATIONS);
  for (let left = 1 + random.below(MAX_STEPS); left > 0; left -= 1) {
    const headers = random.below(2) === 0 ? headersOf(changed) : [];
    if (headers.length > 0) {
      steps.push(changeTarHeader(changed, random.pick(headers), random));
      continue;
    }
    const name = random.pick(names);
    const size = changed.length;
    changed = MUTATIONS[name]?.(changed, random, other) ?? changed;
    steps.push(`${name} (${size} to ${changed.length} bytes)`);
  }
  return { bytes: changed, steps };
}

function spanOf(bytes: Buffer, random: Random, maxBytes: number): [start: number, end: number] {
  const start = random.below(bytes.length);
  return [start, Math.min(bytes.length, start + 1 + random.below(maxBytes))];
}
