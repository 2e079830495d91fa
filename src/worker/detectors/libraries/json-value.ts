import { isObject, type JsonObject } from '../../../model/json-values.ts';

/** The value of a JSON file, or the reason why the file was not read, as a predicate such as `is not JSON`. */
export type JsonReading = { readonly value: unknown } | { readonly problem: string };

/**
 * JSON of a few MiB can contain so many small values that they exhaust memory. Real files have about one value for
 * every 20 bytes.
 */
const MAX_VALUES = 500_000;

/** Installers write JSON files as UTF-8; `readJson()` ignores a byte order mark, as npm does. */
const BYTE_ORDER_MARK = '\ufeff';

/** Parses a JSON file with at most `maxBytes` bytes and 500,000 values. Nesting is limited only by these bounds. */
export function readJson(bytes: Uint8Array, maxBytes: number): JsonReading {
  if (bytes.length > maxBytes) return { problem: `is larger than ${maxBytes} bytes` };
  if (bytes.length > MAX_VALUES && hasTooManyValues(bytes)) return { problem: `has more than ${MAX_VALUES} values` };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  try {
    return { value: JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: bytes.length === 0 ? 'is empty' : 'is not JSON' };
    throw error;
  }
}

/** Returns `value` if it is an object; undefined for an array and for all other values. */
export function objectOf(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

const [COMMA, OPENING_BRACKET, OPENING_BRACE] = [0x2c, 0x5b, 0x7b];

/**
 * A value starts the file or follows one of three bytes. Such bytes in strings are counted, too, but real files have
 * few of them.
 */
function hasTooManyValues(bytes: Uint8Array): boolean {
  let values = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === COMMA || byte === OPENING_BRACKET || byte === OPENING_BRACE) values += 1;
  }
  return values > MAX_VALUES;
}
