import { expect, it } from 'vitest';
import { MAX_UNCLEAR_EXAMPLES } from '../model/source.ts';
import { addUnclearRecord, MAX_EXAMPLE_LENGTH, noUnclearRecords } from './unclear-records.ts';

it('counts every record and keeps the first few as examples', () => {
  const records = noUnclearRecords();
  for (let count = 0; count < 1000; count += 1) addUnclearRecord(records, `record ${count}`);
  expect(records.count).toBe(1000);
  expect(records.examples).toHaveLength(MAX_UNCLEAR_EXAMPLES);
  expect(records.examples[0]).toBe('record 0');
});

it('bounds the length of an example', () => {
  const records = noUnclearRecords();
  addUnclearRecord(records, 'x'.repeat(10_000));
  expect(records.examples).toEqual(['x'.repeat(MAX_EXAMPLE_LENGTH)]);
});

it('shows no control characters of the feed', () => {
  const records = noUnclearRecords();
  addUnclearRecord(records, 'red \u001b[31m\nline\u0000');
  expect(records.examples).toEqual(['red \ufffd[31m\ufffdline\ufffd']);
});
