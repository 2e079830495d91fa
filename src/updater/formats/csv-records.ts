import type { ByteStream } from '../../bytes/byte-stream.ts';
import { asClairError, ClairError } from '../../errors.ts';

/** The maximum length of a record in characters, because a record is held in memory. */
const MAX_RECORD_LENGTH = 1024 * 1024;

/**
 * Yields the records of comma-separated values (RFC 4180), and holds one record in memory. Skips empty lines and a byte
 * order mark.
 *
 * @throws ClairError during iteration: `feed/invalid` for malformed UTF-8; `feed/truncated` if the text ends inside a
 * record or without a line break; `feed/limit-exceeded` for a record of more than `maxRecordLength` UTF-16 code units;
 * the errors of `stream`.
 */
export async function* csvRecords(
  stream: ByteStream,
  where: string,
  maxRecordLength: number = MAX_RECORD_LENGTH,
): AsyncGenerator<readonly string[]> {
  let held = '';
  for await (const text of textOf(stream, where)) {
    held += text;
    let start = 0;
    for (let end = endOfRecord(held, start); end !== undefined; end = endOfRecord(held, start)) {
      const record = held.slice(start, end);
      start = end + 1;
      if (record.length > maxRecordLength) throw tooLong(where, maxRecordLength);
      if (record !== '' && record !== '\r') yield fieldsOf(record.endsWith('\r') ? record.slice(0, -1) : record);
    }
    held = held.slice(start);
    if (held.length > maxRecordLength) throw tooLong(where, maxRecordLength);
  }
  if (held !== '') throw new ClairError('feed/truncated', `${where} ends inside a row: ${held.slice(0, 40)}`);
}

async function* textOf(stream: ByteStream, where: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of stream) yield decoded(() => decoder.decode(chunk, { stream: true }), where);
  yield decoded(() => decoder.decode(), where);
}

function decoded(decode: () => string, where: string): string {
  try {
    return decode();
  } catch (error) {
    throw asClairError(error, 'feed/invalid', `${where} is not UTF-8`);
  }
}

/** Returns the position of the first line break outside quotes; undefined if there is none. */
function endOfRecord(text: string, start: number): number | undefined {
  let end = text.indexOf('\n', start);
  let quote = text.indexOf('"', start);
  while (end !== -1 && quote !== -1 && quote < end) {
    const closing = text.indexOf('"', quote + 1);
    if (closing === -1) return undefined;
    // A doubled quote inside a field ends a pair of quotes and begins the next pair.
    if (closing > end) end = text.indexOf('\n', closing);
    quote = text.indexOf('"', closing + 1);
  }
  return end === -1 ? undefined : end;
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/y;

function fieldsOf(record: string): readonly string[] {
  if (!record.includes('"')) return record.split(',');
  const fields: string[] = [];
  const pattern = new RegExp(FIELD);
  while (pattern.lastIndex <= record.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(record);
    // After malformed quotes, the rest of the record becomes one field.
    if (match === null) return [...fields, record.slice(start)];
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (!match[0].endsWith(',')) break;
  }
  return fields;
}

function tooLong(where: string, length: number): ClairError {
  return new ClairError('feed/limit-exceeded', `${where}: a row is longer than ${length} characters`);
}
