import { describe, expect, it } from 'vitest';
import type { FeedState } from '../../model/feed.ts';
import { metadataOf } from './metadata.ts';

const DAY = 24 * 60 * 60_000;
const NOW = 100 * DAY;
const SCANNER = { name: 'Clair', vendor: 'Clair', version: '1' };

const feedOf = (feed: string, age: number | null, parts: Partial<FeedState> = {}): FeedState => ({
  feed,
  fetcherVersion: 1,
  lastAttempt: NOW,
  lastSuccess: age === null ? null : NOW - age * DAY,
  error: null,
  refused: null,
  etag: null,
  lastModified: null,
  vulnerabilities: 1,
  recordDiagnostics: { count: 0, examples: [] },
  staleAfter: null,
  ...parts,
});

const propertiesOf = (...feeds: readonly FeedState[]): Readonly<Record<string, unknown>> => {
  const made = metadataOf(SCANNER, { native: false, sbom: true }, { feeds, now: NOW });
  return (made as { properties: Readonly<Record<string, unknown>> }).properties;
};

describe('the properties', () => {
  it('state the oldest update, and each feed', () => {
    expect(propertiesOf(feedOf('debian', 1), feedOf('alpine', 2), feedOf('osv', null, { error: 'x' }))).toEqual({
      'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
      'harbor.scanner-adapter/registry-authorization-type': 'Basic',
      'harbor.scanner-adapter/vulnerability-database-updated-at': '1970-04-09T00:00:00.000Z',
      'clair/feed/debian': '1970-04-10T00:00:00.000Z',
      'clair/feed/alpine': '1970-04-09T00:00:00.000Z',
      'clair/stale-or-failing-feeds': 'osv',
    });
  });

  it('name stale and failing feeds', () => {
    const feeds = [feedOf('debian', 1), feedOf('alpine', 30), feedOf('osv', 1, { error: 'no route' })];
    expect(propertiesOf(...feeds)['clair/stale-or-failing-feeds']).toBe('alpine, osv');
  });

  it('state no update before the first update', () => {
    expect(propertiesOf()).not.toHaveProperty('harbor.scanner-adapter/vulnerability-database-updated-at');
  });
});

describe('the capabilities', () => {
  it.each([
    [{ native: false, sbom: true }, ['vulnerability', 'sbom']],
    [{ native: false, sbom: false }, ['vulnerability']],
  ])('of %j', (settings, types) => {
    const made = metadataOf(SCANNER, settings, { feeds: [], now: NOW }) as { capabilities: { type: string }[] };
    expect(made.capabilities.map(({ type }) => type)).toEqual(types);
  });

  it('produce the native report for old Harbor versions', () => {
    const made = metadataOf(SCANNER, { native: true, sbom: false }, { feeds: [], now: NOW });
    expect(made).toMatchObject({
      capabilities: [{ produces_mime_types: ['application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'] }],
    });
  });
});
