/** The times of the last changes of records by identifier, in milliseconds since 1970. */
export type RecordTimes = ReadonlyMap<string, number>;

/**
 * Parses `modified_id.csv` of an ecosystem: lines of `2026-08-20T18:15:47.123Z,GHSA-…`. Ignores a header and other lines,
 * as an identifier becomes part of an address.
 */
export function parseRecordTimes(text: string): RecordTimes {
  const times = new Map<string, number>();
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const [, time = '', id = ''] = LINE.exec(text.slice(start, end)) ?? [];
    const at = Date.parse(time);
    // The newest comes first.
    if (id !== '' && !Number.isNaN(at) && !times.has(id)) times.set(id, at);
    start = end + 1;
  }
  return times;
}

/** Formats times for {@link parseRecordTimes}. */
export function writeRecordTimes(times: RecordTimes): string {
  return [...times].map(([id, at]) => `${new Date(at).toISOString()},${id}\n`).join('');
}

/** Returns the identifiers of records that are new or have another time, and of records that vanished. */
export function changesBetween(
  before: RecordTimes,
  now: RecordTimes,
): { readonly changed: readonly string[]; readonly vanished: readonly string[] } {
  return {
    changed: [...now].filter(([id, at]) => before.get(id) !== at).map(([id]) => id),
    vanished: [...before.keys()].filter((id) => !now.has(id)),
  };
}

/** Lists and records may round times differently. */
const TOLERANCE_MS = 1000;

/**
 * Returns the listed records that an archive contains in their listed state. The archive may be older than the list: a
 * record that it lacks counts as changed in the next update.
 *
 * @param read the times in the records of the archive
 */
export function timesInArchive(listed: RecordTimes, read: RecordTimes): RecordTimes {
  return new Map([...listed].filter(([id, at]) => (read.get(id) ?? -Infinity) >= at - TOLERANCE_MS));
}

const LINE = /^"?([^",]+)"?,"?(?:[^",/]+\/)?([A-Za-z0-9][A-Za-z0-9._:+-]{0,127})"?\s*$/;
