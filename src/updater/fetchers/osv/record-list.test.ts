import { describe, expect, it } from 'vitest';
import { changesBetween, parseRecordTimes, timesInArchive, writeRecordTimes } from './record-list.ts';

const NOON = Date.UTC(2099, 0, 1, 12);

describe('a list of records', () => {
  it('has the newest time of each record, and ignores a header and lines that are not records', async () => {
    const text = [
      'modified,id',
      '2099-01-01T12:00:00.5Z,GHSA-1',
      '"2099-01-01T12:00:00Z","npm/MAL-2"',
      '2098-01-01T12:00:00Z,GHSA-1',
      '2099-01-01T12:00:00Z,../../secret',
      'yesterday,GHSA-3',
      '<html>',
    ].join('\r\n');
    expect([...(await parseRecordTimes(text))]).toEqual([
      ['GHSA-1', NOON + 500],
      ['MAL-2', NOON],
    ]);
  });

  it('is equal after it was written and read', async () => {
    const times = new Map([
      ['GHSA-1', NOON + 1],
      ['GHSA-2', NOON],
    ]);
    expect(await parseRecordTimes(await writeRecordTimes(times))).toEqual(times);
  });
});

describe('the changes between two lists', () => {
  it('are new records, records with another time, and vanished records', async () => {
    const before = new Map([
      ['same', 1],
      ['newer', 1],
      ['older', 2],
      ['gone', 1],
    ]);
    const now = new Map([
      ['same', 1],
      ['newer', 2],
      ['older', 1],
      ['new', 1],
    ]);
    expect(await changesBetween(before, now)).toEqual({ changed: ['newer', 'older', 'new'], vanished: ['gone'] });
  });
});

describe('the records of an archive', () => {
  it('are the listed records that it contains in their listed state', async () => {
    const listed = new Map([
      ['current', NOON],
      ['rounded', NOON],
      ['newer', NOON],
      ['outdated', NOON],
      ['missing', NOON],
      ['broken', NOON],
    ]);
    const read = new Map([
      ['current', NOON],
      ['rounded', NOON - 999],
      ['newer', NOON + 5000],
      ['outdated', NOON - 5000],
      ['broken', Infinity],
    ]);
    expect([...(await timesInArchive(listed, read)).keys()]).toEqual(['current', 'rounded', 'newer', 'broken']);
  });

  it('without a date count as outdated', async () => {
    expect(await timesInArchive(new Map([['a', NOON]]), new Map([['a', Number.NaN]]))).toEqual(new Map());
  });
});
