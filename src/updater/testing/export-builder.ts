import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { compress } from 'zstd-napi';
import { checksumFrame } from '../exchange/checksum-frame.ts';

/** The feeds in test exports; no test fetches these feeds. */
export const EXPORT_FEEDS = {
  fetchers: [
    { id: 'debian', scheme: 'dpkg' },
    { id: 'other', scheme: 'rpm' },
  ],
  enrichers: [
    { id: 'cisa', kind: 'kev' },
    { id: 'first', kind: 'epss' },
    { id: 'nist', kind: 'cvss' },
  ],
} as const;

/**
 * Returns the records of a small export of three feeds: a feed with two advisories, a feed without advisories, and a
 * feed with one enrichment.
 */
export function exportRecords(): Record<string, unknown>[] {
  return [
    {
      kind: 'clair-export',
      format: 6,
      clair: '9.9.9',
      exportedAt: '2026-01-02T03:04:05.006Z',
      feeds: [
        { feed: 'debian', advisories: 2 },
        { feed: 'other', advisories: 0 },
      ],
      enrichers: [{ feed: 'first', enrichments: 1 }],
    },
    feedRecord('debian', {
      etag: '"1"',
      recordDiagnostics: { count: 1, examples: [{ kind: 'skipped', message: 'one record' }] },
    }),
    advisoryRecord('CVE-1', { fixed: '2' }),
    advisoryRecord('CVE-2', { introduced: '1', lastAffected: '2', severityFrom: 'cvss', archs: ['amd64'] }),
    feedRecord('other', { scheme: 'rpm', fetchedAt: '2026-01-01T00:00:00.000Z' }),
    enricherRecord('first'),
    { kind: 'enrichment', cve: 'CVE-2099-0001', value: { score: 0.5 } },
    { kind: 'end', feeds: 2, advisories: 2, enrichers: 1, enrichments: 1 },
  ];
}

/** Returns the records of {@link exportRecords} in format 1, without enrichments. */
export function firstFormatRecords(): Record<string, unknown>[] {
  const [{ enrichers: _none, ...header } = {}, ...feeds] = exportRecords().slice(0, -3);
  return formerRecords([{ ...header, format: 1 }, ...feeds, { kind: 'end', feeds: 2, advisories: 2 }]);
}

/**
 * Returns records with the names of formats 1 and 2, which called a feed `source`, and with diagnostics without a kind.
 */
export function formerRecords(records: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const text = JSON.stringify(records)
    .replaceAll('"feed"', '"source"')
    .replaceAll('"feeds"', '"sources"')
    .replaceAll('"recordDiagnostics"', '"unclear"')
    .replaceAll(/\{"kind":"skipped","message":("[^"]*")\}/g, '$1');
  return JSON.parse(text) as Record<string, unknown>[];
}

export function feedRecord(feed: string, rest: object = {}): Record<string, unknown> {
  return {
    kind: 'feed',
    feed,
    scheme: 'dpkg',
    fetcherVersion: 3,
    fetchedAt: '2026-01-02T00:00:00.000Z',
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    ...rest,
  };
}

export function enricherRecord(feed: string, rest: object = {}): Record<string, unknown> {
  const { scheme: _scheme, ...state } = feedRecord(feed, { kind: 'enricher', enrichmentKind: 'epss', ...rest });
  return state;
}

export function advisoryRecord(id: string, affected: object = {}): Record<string, unknown> {
  return {
    kind: 'advisory',
    contentHash: createHash('sha256').update(id).digest('hex'),
    id,
    link: `https://tracker.test/${id}`,
    description: `What ${id} is about.`,
    affected: [{ namespace: 'debian:12', package: 'a', severity: 'Low', status: 'open', ...affected }],
  };
}

/** Writes an export with a correct checksum, regardless of the content of its lines. */
export function writeExport(path: string, records: readonly unknown[]): void {
  const lines = records.map((record) => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`);
  writeFileSync(path, withChecksum(compress(Buffer.from(lines.join('')))));
}

/** Returns bytes followed by their checksum, as at the end of an export. */
export function withChecksum(body: Uint8Array): Buffer {
  return Buffer.concat([body, checksumFrame(createHash('sha256').update(body).digest())]);
}
