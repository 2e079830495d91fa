import { describe, expect, it } from 'vitest';
import { MAX_DIAGNOSTIC_EXAMPLES } from '../../model/feed.ts';
import { addRecordDiagnostic, MAX_EXAMPLE_LENGTH, noRecordDiagnostics } from './record-diagnostics.ts';

it('counts every record and keeps the first few as examples', () => {
  const records = noRecordDiagnostics();
  for (let count = 0; count < 1000; count += 1) addRecordDiagnostic(records, `record ${count}`);
  expect(records.count).toBe(1000);
  expect(records.examples).toHaveLength(MAX_DIAGNOSTIC_EXAMPLES);
  expect(records.examples[0]).toBe('record 0');
});

it('bounds the length of an example', () => {
  const records = noRecordDiagnostics();
  addRecordDiagnostic(records, 'x'.repeat(10_000));
  expect(records.examples).toEqual(['x'.repeat(MAX_EXAMPLE_LENGTH)]);
});

it('replaces control characters', () => {
  const records = noRecordDiagnostics();
  addRecordDiagnostic(records, 'red \u001b[31m\nline\u0000');
  expect(records.examples).toEqual(['red \ufffd[31m\ufffdline\ufffd']);
});

describe('the number of skipped records', () => {
  it.each([
    ['a skipped record', 'CVE-1 skipped: it holds no releases', 1],
    ['a record that was skipped in part', 'CVE-1 in bookworm skipped: it is not an object; has an unknown urgency', 1],
    ['a diagnostic with a long beginning', `${'x'.repeat(MAX_EXAMPLE_LENGTH)} skipped`, 1],
    ['a record treated as affecting all versions', 'CVE-1 taken as affected: its status is unknown: "sunk"', 0],
    ['a record without a severity', 'CVE-1 has an unknown urgency: "dire"', 0],
    ['a record without a description', 'CVE-1 kept without its description: it is not text', 0],
    ['a record that matches no image', 'oval.xml: 3 definitions left out, they are about other builds', 0],
  ])('counts %s', (_name, example, skipped) => {
    const records = noRecordDiagnostics();
    addRecordDiagnostic(records, example);
    expect(records).toMatchObject({ count: 1, skipped });
  });
});
