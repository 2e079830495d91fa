import { describe, expect, it } from 'vitest';
import { digestOf } from '../../database/testing/packages.ts';
import type { ListedImage } from '../../database/contracts/image-counts.ts';
import type { DiagnosticCode } from '../../model/report/diagnostic.ts';
import type { Report } from '../../model/report/report.ts';
import { imageCounts, listedSummary } from './image-summary.ts';

const SEVERITIES = { Unknown: 0, Negligible: 0, Low: 0, Medium: 0, High: 0, Critical: 0, Defcon1: 0 };

const IMAGE: ListedImage = {
  digest: digestOf('a'),
  reference: 'r',
  platform: 'p',
  scannedAt: 0,
  distribution: null,
  layers: 2,
  mark: { countedAt: 1, revision: 1, images: null, basis: 'b', validUntil: null },
  counts: {
    packages: 1,
    severities: SEVERITIES,
    suppressed: 0,
    fixable: 0,
    fixableHigh: 0,
    kev: 0,
    isIncomplete: false,
    hasStaleFeed: false,
    hasMissingFeed: false,
    diagnostics: 0,
  },
};

const PRESENT = { revisions: { data: 1, images: 1, rules: 0 }, basis: 'b', now: 5 };

describe('an image in a list', () => {
  it('has its stored counts, marked current', () => {
    expect(listedSummary(IMAGE, PRESENT)).toMatchObject({
      scannedAt: '1970-01-01T00:00:00.000Z',
      countState: 'counted',
      countedAt: '1970-01-01T00:00:00.001Z',
      isCurrent: true,
      isIncomplete: false,
      hasStaleFeed: false,
      severities: SEVERITIES,
    });
  });

  it('marks outdated counts', () => {
    const summary = listedSummary(IMAGE, { ...PRESENT, revisions: { data: 2, images: 1, rules: 0 } });
    expect(summary).toMatchObject({ countState: 'counted', isCurrent: false });
  });

  it.each<[string, Partial<ListedImage>, object]>([
    [
      'is not counted yet',
      { mark: undefined, counts: null },
      { countState: 'waiting', countedAt: null, isCurrent: false },
    ],
    ['could not be counted', { counts: null }, { countState: 'failed', isCurrent: true }],
  ])('that %s has no counts and is incomplete', (_, image, expected) => {
    const nothing = { packages: null, severities: null, suppressed: null, fixable: null, fixableHigh: null, kev: null };
    expect(listedSummary({ ...IMAGE, ...image }, PRESENT)).toMatchObject({
      ...nothing,
      diagnostics: null,
      isIncomplete: true,
      ...expected,
    });
  });
});

it.each<[DiagnosticCode, stale: boolean, missing: boolean]>([
  ['feed-stale', true, false],
  ['feed-update-refused', true, false],
  ['namespace-without-data', false, true],
  ['feed-undecided', false, false],
])('counts a report with %s as stale: %s, without a feed: %s', (code, hasStaleFeed, hasMissingFeed) => {
  const diagnostics = [{ code, message: '', where: '', incomplete: true }];
  const report: Pick<Report, 'packages' | 'findings' | 'suppressed' | 'diagnostics'> = {
    packages: [],
    findings: [],
    suppressed: [],
    diagnostics,
  };
  expect(imageCounts(report)).toMatchObject({ hasStaleFeed, hasMissingFeed });
});
