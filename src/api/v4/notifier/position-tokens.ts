import type { EntryPosition } from '../../../database/contracts/update-notifications.ts';

/**
 * The layer and the image take 40 bits each, the change takes 41 bits, and the reason takes 1 bit. Together, the fields
 * take all 122 bits of a UUID besides its version and variant.
 */
const ID_BITS = 40n;
const CHANGE_BITS = 41n;

const MAX_ID = 2 ** Number(ID_BITS) - 1;
const MAX_CHANGE = 2 ** Number(CHANGE_BITS) - 1;

/** The Nil UUID (RFC 9562 section 5.9), which is not a position. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/**
 * Returns a position in the entries of a notification as a UUID of version 8 (RFC 9562), because Clair v4 clients
 * expect a UUID.
 */
export function tokenOfPosition({ layer, image, entry }: EntryPosition): string {
  // The highest number marks the position after all images of a layer or after all changes of an image.
  const change = entry === undefined ? MAX_CHANGE : entry.change;
  const reason = entry?.reason === 'removed' ? 1n : 0n;
  const place = (bits(layer, MAX_ID) << ID_BITS) | bits(Math.min(image, MAX_ID), MAX_ID);
  const all = (((place << CHANGE_BITS) | bits(change, MAX_CHANGE)) << 1n) | reason;
  const digits = all.toString(2).padStart(122, '0');
  const binary = `${digits.slice(0, 48)}1000${digits.slice(48, 60)}10${digits.slice(60)}`;
  const hex = BigInt(`0b${binary}`).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Returns the position that a UUID encodes, or undefined if the UUID does not encode a position. */
export function positionOfToken(token: string): EntryPosition | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(token)) return undefined;
  const binary = BigInt(`0x${token.replaceAll('-', '')}`)
    .toString(2)
    .padStart(128, '0');
  const all = BigInt(`0b${binary.slice(0, 48)}${binary.slice(52, 64)}${binary.slice(66)}`);
  const change = Number((all >> 1n) & BigInt(MAX_CHANGE));
  const image = Number((all >> (CHANGE_BITS + 1n)) & BigInt(MAX_ID));
  return {
    layer: Number(all >> (ID_BITS + CHANGE_BITS + 1n)),
    image: image === MAX_ID ? Number.MAX_SAFE_INTEGER : image,
    entry: change === MAX_CHANGE ? undefined : { change, reason: (all & 1n) === 1n ? 'removed' : 'added' },
  };
}

function bits(value: number, max: number): bigint {
  if (value < 0 || value > max)
    throw new Error(`${value} does not fit into a page token, which has room for 0 to ${max}`);
  return BigInt(value);
}
