import { inflateSync } from 'node:zlib';
import type { LibraryPackage } from '../../../../model/feature.ts';
import { objectOf, readJson } from '../json-value.ts';

/**
 * The maximum size of the list of crates in bytes, and the maximum number of crates. The largest Rust programs have
 * about 1,000 crates of about 100 bytes each.
 */
const MAX_JSON_BYTES = 8 * 1024 * 1024;
const MAX_CRATES = 10_000;

/** Matches printable text up to a length that no name or version on crates.io reaches; both appear in reports. */
const PRINTABLE = /^[\x21-\x7e]{1,1024}$/;

export type Crates = {
  readonly crates: readonly LibraryPackage[];
  /** The reason why crates are missing. */
  readonly reason?: string;
};

/**
 * Reads the list of crates in a section `.dep-v0`: JSON compressed by zlib. Crates of a kind other than `runtime` are
 * not linked into the program, and are left out. A crate that is not from crates.io has the flag `vendored`, because
 * advisories for crates.io do not describe it.
 *
 * Source: PARSING.md and cargo-auditable.schema.json of cargo-auditable.
 */
export function parseCrates(section: Uint8Array): Crates {
  const packages = packagesOf(section);
  if (typeof packages === 'string') return { crates: [], reason: packages };
  const read = packages.slice(0, MAX_CRATES).map(crateOf);
  const invalid = read.filter((each) => each === undefined).length;
  const crates = read.filter((each) => each !== undefined && each !== 'not linked');
  const reasons = [
    ...(invalid === 0 ? [] : [`the section .dep-v0 contains ${invalid} invalid ${invalid === 1 ? 'crate' : 'crates'}`]),
    ...(packages.length > MAX_CRATES
      ? [`the section .dep-v0 contains more than ${MAX_CRATES} crates, and the rest were not read`]
      : []),
  ];
  return { crates, ...(reasons.length > 0 && { reason: reasons.join('; ') }) };
}

/** Returns the list of crates, or the reason why the list cannot be read. */
function packagesOf(section: Uint8Array): readonly unknown[] | string {
  const json = inflated(section);
  if (typeof json === 'string') return json;
  const reading = readJson(json, MAX_JSON_BYTES);
  if ('problem' in reading) return `the text in the section .dep-v0 ${reading.problem}`;
  const packages = objectOf(reading.value)?.['packages'];
  return Array.isArray(packages) ? packages : 'the section .dep-v0 has no list of crates';
}

/** Returns the uncompressed bytes, or the reason why the bytes cannot be read. */
function inflated(section: Uint8Array): Uint8Array | string {
  try {
    return inflateSync(section, { maxOutputLength: MAX_JSON_BYTES });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isLong = 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return isLong
      ? `the section .dep-v0 exceeds ${MAX_JSON_BYTES} uncompressed bytes`
      : 'the section .dep-v0 is not compressed by zlib, or is damaged';
  }
}

/** Returns undefined for an invalid crate. */
function crateOf(value: unknown): LibraryPackage | 'not linked' | undefined {
  const crate = objectOf(value);
  if (crate === undefined) return undefined;
  const { name, version, source, kind = 'runtime' } = crate;
  if (kind !== 'runtime') return 'not linked';
  if (!isPrintable(name) || !isPrintable(version)) return undefined;
  return { type: 'cargo', name, version, ...(source !== 'crates.io' && { flags: ['vendored'] }) };
}

function isPrintable(value: unknown): value is string {
  return typeof value === 'string' && PRINTABLE.test(value);
}
