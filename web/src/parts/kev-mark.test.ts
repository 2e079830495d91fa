import { expect, it } from 'vitest';
import { kevGapOf, kevGapOfReport } from './kev-mark.tsx';

it.each([
  [{ state: 'never updated', ageSeconds: null }, 'missing'],
  [{ state: 'failed', ageSeconds: null }, 'missing'],
  [{ state: 'failed', ageSeconds: 60 }, null],
  [{ state: 'stale', ageSeconds: 900_000 }, 'old'],
  [{ state: 'refused', ageSeconds: 60 }, 'old'],
  [{ state: 'fresh', ageSeconds: 60 }, null],
] as const)('the KEV feed with %j has the gap %s', (state, gap) => {
  expect(
    kevGapOf([
      { name: 'debian', state: 'fresh', ageSeconds: 1 },
      { name: 'kev', ...state },
    ]),
  ).toBe(gap);
});

it('the KEV data of a report is missing, out of date or complete', () => {
  const feed = {
    name: 'kev',
    updatedAt: null,
    attemptedAt: '2026-01-01T00:00:00.000Z',
    ageSeconds: 60,
    isStale: false,
    error: null,
    refused: null,
    fingerprint: null,
    vulnerabilities: 1,
    recordDiagnostics: 0,
    skippedRecords: 0,
    isUsed: false,
    listsFixedOnly: false,
  };
  expect(kevGapOfReport({ feeds: [] })).toBe('missing');
  expect(kevGapOfReport({ feeds: [{ ...feed, ageSeconds: null }] })).toBe('missing');
  expect(kevGapOfReport({ feeds: [{ ...feed, isStale: true }] })).toBe('old');
  expect(kevGapOfReport({ feeds: [{ ...feed, refused: 'shrunk' }] })).toBe('old');
  expect(kevGapOfReport({ feeds: [feed] })).toBeNull();
});
