import { ClairError } from '../../errors.ts';
import { shownName } from './name.ts';
import { MAX_SPARSE_PARTS, type SparseMap } from './sparse.ts';

/** The fields of an extended header that Clair uses. The fields apply to the next member. */
export type PaxRecords = {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  readonly sparse?: PaxSparse;
};

/** The data of a sparse file that GNU tar writes as PAX records (GNU tar manual, "Storing Sparse Files"). */
type PaxSparse = {
  readonly realSize: number;
  /** The real name; if it is present, `path` is a placeholder. */
  readonly name?: string;
  /** The stored parts (formats 0.0 and 0.1); null if the body starts with the map (format 1.0). */
  readonly map: SparseMap | null;
};

/** The maximum number of digits of a number. The value of the number must also be a safe integer. */
const MAX_DIGITS = 20;

const LINE_FEED = 0x0a;

/**
 * Parses the records `length key=value\n` of an extended header (POSIX.1-2017, pax, "pax Extended Header"). The last
 * record of a key is used, and an empty value deletes the earlier record. All sparse parts are used, and none can be
 * empty.
 *
 * @param where names the member in messages.
 * @throws ClairError `bytes/corrupt` for a malformed record or number, `bytes/limit-exceeded` if a name is longer than
 * `maxNameBytes`, a number exceeds 2^53 - 1, or there are too many sparse parts
 */
export function parsePax(bytes: Buffer, where: string, maxNameBytes: number): PaxRecords {
  const values = new Map<string, string>();
  const sparseParts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { key, value, end } = recordAt(bytes, at, where);
    at = end;
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') sparseParts.push(value);
    else if (value === '') values.delete(key);
    else values.set(key, value);
  }
  const path = nameOf(values, 'path', where, maxNameBytes);
  const linkPath = nameOf(values, 'linkpath', where, maxNameBytes);
  const size = values.get('size');
  const sparse = sparseOf(values, sparseParts, where, maxNameBytes);
  return {
    ...(path !== undefined && { path }),
    ...(linkPath !== undefined && { linkPath }),
    ...(size !== undefined && { size: parseDecimal(size, where) }),
    ...(sparse !== undefined && { sparse }),
  };
}

function recordAt(bytes: Buffer, at: number, where: string): { key: string; value: string; end: number } {
  const blank = bytes.indexOf(' ', at, 'latin1');
  const digits = blank === -1 || blank - at > MAX_DIGITS ? '' : bytes.toString('latin1', at, blank);
  const end = at + (/^[0-9]+$/.test(digits) ? Number(digits) : 0);
  const equals = bytes.indexOf('=', blank, 'latin1');
  if (blank === -1 || equals === -1 || equals >= end || end > bytes.length || bytes[end - 1] !== LINE_FEED) {
    throw new ClairError('bytes/corrupt', `${where}: the record at byte ${at} of the header is malformed`);
  }
  return { key: bytes.toString('utf8', blank + 1, equals), value: bytes.toString('utf8', equals + 1, end - 1), end };
}

function nameOf(
  values: ReadonlyMap<string, string>,
  key: string,
  where: string,
  maxNameBytes: number,
): string | undefined {
  const name = values.get(key);
  if (name === undefined) return undefined;
  if (Buffer.byteLength(name) > maxNameBytes) {
    throw new ClairError('bytes/limit-exceeded', `${where}: a name is longer than ${maxNameBytes} bytes`);
  }
  return name;
}

function sparseOf(
  values: ReadonlyMap<string, string>,
  parts: readonly string[],
  where: string,
  maxNameBytes: number,
): PaxSparse | undefined {
  const realSize = values.get('GNU.sparse.realsize') ?? values.get('GNU.sparse.size');
  if (realSize === undefined) return undefined;
  const name = nameOf(values, 'GNU.sparse.name', where, maxNameBytes);
  const mapText = values.get('GNU.sparse.map');
  const map = mapText === undefined ? parts : mapText.split(',');
  if (map.length > 2 * MAX_SPARSE_PARTS) {
    throw new ClairError('bytes/limit-exceeded', `${where}: the file has more than ${MAX_SPARSE_PARTS} sparse parts`);
  }
  const inBody = values.get('GNU.sparse.major') === '1';
  return {
    realSize: parseDecimal(realSize, where),
    ...(name !== undefined && { name }),
    map: inBody ? null : map.map((number) => parseDecimal(number, where)),
  };
}

function parseDecimal(text: string, where: string): number {
  if (!/^[0-9]+$/.test(text)) throw new ClairError('bytes/corrupt', `${where}: ${shownName(text)} is not a size`);
  if (text.length > MAX_DIGITS) {
    throw new ClairError('bytes/limit-exceeded', `${where}: the size has more than ${MAX_DIGITS} digits`);
  }
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new ClairError('bytes/limit-exceeded', `${where}: the size exceeds 2^53 - 1 bytes`);
  }
  return value;
}
