import { expect, it } from 'vitest';
import { MAX_DIAGNOSTIC_EXAMPLES } from '../../model/feed.ts';
import {
  addRecordDiagnostic,
  at,
  inexact,
  joined,
  MAX_EXAMPLE_LENGTH,
  noRecordDiagnostics,
  skipped,
} from './record-diagnostics.ts';

it('counts every record and keeps the first few as examples', () => {
  const records = noRecordDiagnostics();
  for (let count = 0; count < 1000; count += 1) addRecordDiagnostic(records, inexact(`record ${count}`));
  expect(records.count).toBe(1000);
  expect(records.examples).toHaveLength(MAX_DIAGNOSTIC_EXAMPLES);
  expect(records.examples[0]).toEqual({ kind: 'inexact', message: 'record 0' });
});

it('counts skipped entries by their kind, regardless of the message', () => {
  const records = noRecordDiagnostics();
  addRecordDiagnostic(records, skipped('CVE-1 has no releases'));
  addRecordDiagnostic(records, inexact('CVE-2 has an unknown urgency: "skipped"'));
  expect(records).toMatchObject({ count: 2, skipped: 1 });
});

it('bounds the length of an example', () => {
  const records = noRecordDiagnostics();
  addRecordDiagnostic(records, skipped('x'.repeat(10_000)));
  expect(records.examples).toEqual([skipped('x'.repeat(MAX_EXAMPLE_LENGTH))]);
});

it('replaces control characters of the feed', () => {
  const records = noRecordDiagnostics();
  addRecordDiagnostic(records, inexact('red \u001b[31m\nline\u0000'));
  expect(records.examples).toEqual([inexact('red \ufffd[31m\ufffdline\ufffd')]);
});

it('puts the place before the message', () => {
  expect(at('CVE-1', skipped('skipped: missing releases'))).toEqual(skipped('CVE-1 skipped: missing releases'));
});

it.each([
  ['skipped if any diagnostic is skipped', [inexact('a'), skipped('b')], skipped('a; b')],
  ['inexact otherwise', [inexact('a'), inexact('b')], inexact('a; b')],
])('joins diagnostics to one that is %s', (_, diagnostics, expected) => {
  expect(joined(diagnostics)).toEqual(expected);
});
