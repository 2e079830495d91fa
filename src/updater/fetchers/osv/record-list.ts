import { createTurns } from '../../../threads/turns.ts';

/** The times of the last changes to documents, in milliseconds since 1970, by the identifier of the document. */
export type RecordTimes = ReadonlyMap<string, number>;

/**
 * Parses `modified_id.csv` of an ecosystem, which consists of lines such as `2026-08-20T18:15:47.123Z,GHSA-…`. Ignores
 * a header, and ignores malformed lines, because an identifier becomes part of an address. Lists have up to 200,000
 * documents, so all functions in this module yield to the event loop.
 */
export async function parseRecordTimes(text: string): Promise<RecordTimes> {
  const times = new Map<string, number>();
  const turns = createTurns();
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const [, time = '', id = ''] = LINE.exec(text.slice(start, end)) ?? [];
    const at = Date.parse(time);
    // The list starts with the newest changes, so the first time of a document is its newest time.
    if (id !== '' && !Number.isNaN(at) && !times.has(id)) times.set(id, at);
    start = end + 1;
    if (turns.areDue()) await turns.take();
  }
  return times;
}

/** Formats times for {@link parseRecordTimes}. */
export async function writeRecordTimes(times: RecordTimes): Promise<string> {
  const lines: string[] = [];
  for await (const [id, at] of inTurns(times)) lines.push(`${new Date(at).toISOString()},${id}\n`);
  return lines.join('');
}

/** Returns the identifiers of new documents, of documents whose time changed, and of removed documents. */
export async function changesBetween(
  before: RecordTimes,
  now: RecordTimes,
): Promise<{ readonly changed: readonly string[]; readonly vanished: readonly string[] }> {
  return {
    changed: [...(await filtered(now, (id, at) => before.get(id) !== at)).keys()],
    vanished: [...(await filtered(before, (id) => !now.has(id))).keys()],
  };
}

/** The maximum difference between the times in lists and in documents, which may be rounded differently. */
const TOLERANCE_MS = 1000;

/**
 * Returns the listed documents that an archive contains in their listed state. The archive may be older than the list.
 * The next update then treats a document that is missing from the archive as changed.
 *
 * @param read the times of the last changes in the documents of the archive
 */
export async function timesInArchive(listed: RecordTimes, read: RecordTimes): Promise<RecordTimes> {
  return await filtered(listed, (id, at) => (read.get(id) ?? -Infinity) >= at - TOLERANCE_MS);
}

/** Returns the times without the given documents. */
export async function withoutRecords(times: RecordTimes, ids: ReadonlySet<string>): Promise<RecordTimes> {
  return await filtered(times, (id) => !ids.has(id));
}

async function filtered(times: RecordTimes, isKept: (id: string, at: number) => boolean): Promise<RecordTimes> {
  const kept = new Map<string, number>();
  for await (const [id, at] of inTurns(times)) if (isKept(id, at)) kept.set(id, at);
  return kept;
}

async function* inTurns(times: RecordTimes): AsyncGenerator<readonly [string, number]> {
  const turns = createTurns();
  for (const each of times) {
    yield each;
    if (turns.areDue()) await turns.take();
  }
}

const LINE = /^"?([^",]+)"?,"?(?:[^",/]+\/)?([A-Za-z0-9][A-Za-z0-9._:+-]{0,127})"?\s*$/;
