import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { compress } from 'zstd-napi';
import {
  advisoryRecord,
  enricherRecord,
  EXPORT_FEEDS,
  exportRecords,
  firstFormatRecords,
  formerRecords,
  feedRecord,
  withChecksum,
  writeExport,
} from '../testing/export-builder.ts';
import { tarMember, tarOf } from '../../bytes/testing/tar-builder.ts';
import { type ExportFile, openExportFile } from './export-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-export-file-'));
const path = join(folder, 'export');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = async (): Promise<ExportFile> => await openExportFile(path, EXPORT_FEEDS);

/** Returns the code and the message of the error for an export with these records. */
async function faultOf(records: readonly unknown[]): Promise<string> {
  // Some file systems flush a file that is overwritten, but not a new file.
  rmSync(path, { force: true });
  writeExport(path, records);
  try {
    await (await open()).close();
    return 'it was opened';
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)} ${error.message}` : String(error);
  }
}

describe('a valid export', () => {
  it('returns its header and each feed with its contents', async () => {
    writeExport(path, exportRecords());
    const file = await open();
    expect(file.header).toEqual(exportRecords()[0]);
    const found: unknown[] = [];
    for await (const section of file.sections()) {
      found.push(section.state);
      if ('enrichments' in section) {
        for await (const { cve, value } of section.enrichments)
          found.push({ kind: 'enrichment', cve, value: JSON.parse(value ?? '') });
        continue;
      }
      for await (const { id, contentHash, read } of section.advisories) {
        found.push({ kind: 'advisory', contentHash: contentHash.toString('hex'), ...read() });
        expect(read().id).toBe(id);
      }
    }
    await file.close();
    expect(found).toEqual(exportRecords().slice(1, -1));
  });

  it('may have the first format, without enrichments', async () => {
    writeExport(path, firstFormatRecords());
    const file = await open();
    const feeds: string[] = [];
    for await (const { state } of file.sections()) feeds.push(state.feed);
    await file.close();
    expect(feeds).toEqual(['debian', 'other']);
  });

  it('may have the second format, with `source` for a feed and `by` for the role of a name', async () => {
    const [header, debian, , , ...rest] = exportRecords();
    const named = [advisoryRecord('CVE-1', { by: 'source', fixed: '2' }), advisoryRecord('CVE-2', { fixed: '2' })];
    writeExport(path, formerRecords([{ ...header, format: 2 }, debian!, ...named, ...rest]));
    const file = await open();
    const roles: (string | undefined)[] = [];
    for await (const section of file.sections()) {
      if (!('advisories' in section)) continue;
      for await (const { read } of section.advisories) roles.push(read().affected[0]?.role);
    }
    await file.close();
    expect(roles).toEqual(['source', undefined]);
    expect(await faultOf([header, debian, ...named, ...rest])).toMatch(/line 3: /);
  });

  it('skips the records of a feed that the caller does not read', async () => {
    writeExport(path, exportRecords());
    const file = await open();
    for (const wanted of [0, 1]) {
      const feeds: string[] = [];
      for await (const section of file.sections()) {
        feeds.push(section.state.feed);
        const items = 'advisories' in section ? section.advisories : section.enrichments;
        const iterator = items[Symbol.asyncIterator]();
        for (let count = 0; count < wanted; count += 1) await iterator.next();
      }
      expect(feeds).toEqual(['debian', 'other', 'first']);
    }
    await file.close();
  });

  it('may have no feed', async () => {
    const [header] = exportRecords();
    writeExport(path, [
      { ...header, feeds: [], enrichers: [] },
      { kind: 'end', feeds: 0, advisories: 0, enrichers: 0, enrichments: 0 },
    ]);
    const file = await open();
    for await (const { state } of file.sections()) expect(state).toBeUndefined();
    await file.close();
  });

  it.each<[string, number, unknown]>([
    ['debian', 2, advisoryRecord('CVE-1', { fixed: '3' })],
    ['first', -2, { kind: 'enrichment', cve: 'CVE-2099-0001', value: { score: 0.6 } }],
  ])('is not accepted when it is overwritten after verification: %s', async (feed, at, record) => {
    writeExport(path, exportRecords());
    const file = await open();
    const { size } = statSync(path);
    writeExport(path, (exportRecords() as unknown[]).with(at, record));
    // The test is only valid if the length stays the same, so that only the content differs.
    expect(statSync(path).size).toBe(size);
    const reading = (async () => {
      for await (const { state } of file.sections()) expect(state.kind).toMatch(/feed|enricher/);
    })();
    await expect(reading).rejects.toThrow(`the data of ${feed} in the file changed after verification`);
    await file.close();
  });

  it('stops verification on abort', async () => {
    writeExport(path, exportRecords());
    const stopped = openExportFile(path, { ...EXPORT_FEEDS, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(/abort/);
  });
});

describe('a file that is not an export', () => {
  const good = (): Buffer => (writeExport(path, exportRecords()), readFileSync(path));
  const lines = Buffer.from(
    exportRecords()
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  );

  it.each<[string, () => Uint8Array, RegExp]>([
    ['an empty file', () => Buffer.alloc(0), /is empty/],
    ['one byte', () => Buffer.from([0x28]), /not a Clair export/],
    ['plain text', () => lines, /not a Clair export/],
    ['a gzip file', () => withChecksum(gzipSync(lines)), /not a Clair export/],
    ['a tar', () => tarOf({ name: 'a', content: 'b' }), /not a Clair export/],
    ['a zstd-compressed tar', () => compress(Buffer.from(tarMember({ name: 'a' }))), /truncated or not a Clair export/],
    [
      'a zstd-compressed tar with a checksum',
      () => withChecksum(compress(Buffer.from(tarMember({ name: 'a' })))),
      /is incomplete|invalid JSON/,
    ],
    ['an export without its checksum', () => good().subarray(0, -40), /truncated/],
    [
      'an export with a trailing byte',
      () => Buffer.concat([good(), Buffer.from([0])]),
      /truncated or not a Clair export/,
    ],
    ['two concatenated exports', () => Buffer.concat([good(), good()]), /damaged/],
    ['a checksum without contents', () => withChecksum(Buffer.alloc(0)), /not a Clair export/],
  ])('%s', async (_, bytes, message) => {
    writeFileSync(path, bytes());
    await expect(open()).rejects.toMatchObject({ code: 'export/invalid', message: expect.stringMatching(message) });
  });

  it.skipIf(!existsSync('/proc/self/fd'))('is closed even if most of it was not read', async () => {
    const noise = Array.from({ length: 500 }, () => randomBytes(4000).toString('hex'));
    writeExport(path, ['no JSON', ...noise]);
    await expect(open()).rejects.toMatchObject({ code: 'export/invalid' });
    const isOpen = (descriptor: string): boolean => {
      const link = `/proc/self/fd/${descriptor}`;
      return existsSync(link) && readlinkSync(link) === path;
    };
    expect(readdirSync('/proc/self/fd').filter(isOpen)).toEqual([]);
  });

  it('a malformed Zstandard frame', async () => {
    writeFileSync(path, withChecksum(compress(lines).fill(0xff, 4, 20)));
    await expect(open()).rejects.toMatchObject({ code: 'bytes/corrupt' });
  });

  it.each([
    ['a missing file', () => join(folder, 'none'), 'bytes/not-found'],
    ['a directory', () => folder, 'bytes/unreachable'],
  ])('%s', async (_, where, code) => {
    await expect(openExportFile(where(), EXPORT_FEEDS)).rejects.toMatchObject({ code });
  });
});

const SCORE = {
  version: '2.0',
  vector: 'AV:N/AC:M/Au:N/C:P/I:P/A:P',
  score: 6.8,
  source: 'nvd',
  type: 'primary',
  accessVector: 'network',
  complexity: 'medium',
};

describe('an export with a valid checksum and invalid content', () => {
  const [header = {}, debian = {}, one, two, other, first = {}, scored = {}, end = {}] = exportRecords();
  const withAdvisory = (advisory: unknown): unknown[] => [header, debian, one, advisory, other, first, scored, end];
  const withEnrichment = (change: object, kind = 'epss'): unknown[] => [
    header,
    debian,
    one,
    two,
    other,
    { ...first, enrichmentKind: kind, feed: { cvss: 'nist', epss: 'first', kev: 'cisa' }[kind] },
    { ...scored, ...change },
    end,
  ];
  const ofKind = (kind: 'cvss' | 'kev', value: unknown): unknown[] => {
    const records = withEnrichment({ value }, kind);
    const feed = kind === 'cvss' ? 'nist' : 'cisa';
    return records.with(0, { ...header, enrichers: [{ feed, enrichments: 1 }] });
  };

  it.each<[string, readonly unknown[], RegExp]>([
    ['a later format', [{ ...header, format: 8, more: true }], /unsupported .* format 8, .* only formats up to 7/],
    ['an invalid format', [{ ...header, format: 0 }, ...exportRecords().slice(1)], /invalid .* not the header/],
    ['no header', [debian, one, two, other, end], /invalid .*line 1: not the header/],
    ['no end record', [header, debian, one, two, other, first, scored], /invalid .*line 8: unexpected end/],
    ['truncated within a feed', [header, debian, one], /invalid .*line 4: unexpected end/],
    ['data after the end', [...exportRecords(), end], /invalid .*line 8: unexpected data/],
    ['a line that is not JSON', withAdvisory('{"kind":'), /invalid .*line 4: invalid JSON/],
    ['an unknown kind of record', withAdvisory({ kind: 'rumour' }), /line 4: unknown kind of entry "rumour"/],
    ['a record without a kind', withAdvisory(null), /line 4: unknown kind of entry undefined/],
    ['a missing feed', [header, debian, one, two, end], /line 5: expected the start of other/],
    ['feeds in another order', [header, other, debian, one, two, end], /line 2: expected the start of debian/],
    ['a missing advisory', [header, debian, one, other, end], /line 4: debian ends with 1 advisory instead of 2/],
    [
      'an extra advisory',
      [header, debian, one, two, advisoryRecord('CVE-3'), other, end],
      /with 3 advisories instead of 2/,
    ],
    [
      'another count at the end',
      [header, debian, one, two, other, first, scored, { ...end, advisories: 3 }],
      /same counts as the header/,
    ],
    ['a repeated advisory', withAdvisory(one), /line 4: CVE-1 follows CVE-1/],
    ['advisories in another order', withAdvisory(advisoryRecord('CVE-0')), /line 4: CVE-0 follows CVE-1/],
    ['an invalid identifier', withAdvisory(advisoryRecord('CVE-2 ')), /invalid advisory identifier "CVE-2 "/],
    ['an invalid version', withAdvisory(advisoryRecord('CVE-2', { fixed: '1 2' })), /line 4: CVE-2: .*1 2/],
    ['an invalid lower bound', withAdvisory(advisoryRecord('CVE-2', { introduced: '1 2' })), /CVE-2: .*1 2/],
    [
      'an invalid last affected version',
      withAdvisory(advisoryRecord('CVE-2', { lastAffected: '1 2' })),
      /CVE-2: .*1 2/,
    ],
    ['an invalid severity', withAdvisory(advisoryRecord('CVE-2', { severity: 'Bad' })), /affected\/0\/severity/],
    ['an invalid status', withAdvisory(advisoryRecord('CVE-2', { status: 'maybe' })), /affected\/0\/status/],
    ['an invalid namespace', withAdvisory(advisoryRecord('CVE-2', { namespace: 'Debian 12' })), /0\/namespace/],
    ['an invalid origin', withAdvisory(advisoryRecord('CVE-2', { severityFrom: 'me' })), /0\/severityFrom/],
    ['an architecture with a comma', withAdvisory(advisoryRecord('CVE-2', { archs: ['a,b'] })), /archs\/0/],
    ['an unknown field', withAdvisory({ ...two, notes: [] }), /must not have additional properties/],
    ['a missing field', withAdvisory({ ...two, link: undefined }), /required properties link/],
    ['an invalid hash', withAdvisory({ ...two, contentHash: 'abc' }), /contentHash/],
    [
      'a key named __proto__',
      withAdvisory(JSON.stringify({ ...two, x: 1 }).replace('"x"', '"__proto__"')),
      /additional/,
    ],
    ['an unknown scheme', [header, { ...debian, scheme: 'magic' }], /line 2: \/scheme/],
    ['an invalid time', [header, { ...debian, fetchedAt: '2026-99-02T00:00:00.000Z' }], /invalid time/],
    [
      'a feed with another scheme',
      [header, { ...debian, scheme: 'apk' }],
      /unsupported .*9\.9\.9.*feed debian \(apk\)/,
    ],
    [
      'a feed unknown to this release',
      [{ ...header, feeds: [{ feed: 'mars', advisories: 0 }] }, feedRecord('mars')],
      /unsupported .*9\.9\.9.*feed mars \(dpkg\)/,
    ],
    [
      'a repeated feed',
      [
        {
          ...header,
          feeds: [
            { feed: 'debian', advisories: 0 },
            { feed: 'debian', advisories: 0 },
          ],
        },
        debian,
        debian,
        { kind: 'end', feeds: 2, advisories: 0 },
      ],
      /line 3: expected the start of debian/,
    ],
    ['missing enrichments', [header, debian, one, two, other, end], /line 6: expected the start of first/],
    ['enrichments before advisories', [header, first, scored, debian], /line 2: expected the start of debian/],
    ['a missing enrichment', [header, debian, one, two, other, first, end], /with 0 enrichments instead of 1/],
    [
      'a repeated enrichment',
      [header, debian, one, two, other, first, scored, scored, end],
      /line 8: CVE-2099-0001 follows CVE-2099-0001/,
    ],
    [
      'another count of enrichments at the end',
      [...exportRecords().slice(0, -1), { ...end, enrichments: 2 }],
      /same counts as the header/,
    ],
    [
      'another count of enrichers at the end',
      [...exportRecords().slice(0, -1), { ...end, enrichers: 0 }],
      /same counts as the header/,
    ],
    ['enrichments in format 1', [{ ...header, format: 1 }], /line 1: a header of format 1 must not have `enrichers`/],
    [
      'no enrichments in format 2',
      [{ ...firstFormatRecords()[0], format: 2 }],
      /line 1: a header of format 2 must have `enrichers`/,
    ],
    ['extra counts at the end in format 1', [...firstFormatRecords().slice(0, -1), end], /same counts as the header/],
    ['an advisory among enrichments', [...exportRecords().slice(0, -2), two, end], /line 7: first ends with 0/],
    ['an enrichment among advisories', withAdvisory(scored), /line 4: debian ends with 1/],
    ['an enrichment of an invalid CVE', withEnrichment({ cve: 'GHSA-1' }), /line 7: invalid CVE identifier "GHSA-1"/],
    [
      'an enrichment without an identifier',
      withEnrichment({ cve: undefined }),
      /line 7: the value must have required properties cve/,
    ],
    ['an empty enrichment', withEnrichment({ value: null }), /CVE-2099-0001: epss: the value must be object/],
    ['an invalid probability', withEnrichment({ value: { score: 1.5 } }), /epss: \/score/],
    ['an invalid percentile', withEnrichment({ value: { score: 0, percentile: -1 } }), /epss: \/percentile/],
    [
      'an unknown field of an enrichment',
      withEnrichment({ value: { score: 0, mood: 'bad' } }),
      /additional properties/,
    ],
    ['an empty list of scores', ofKind('cvss', []), /cvss: the value must/],
    ['an invalid score', ofKind('cvss', [{ ...SCORE, score: 10.5 }]), /cvss: \/0\/score/],
    ['an invalid weakness', ofKind('cvss', [{ ...SCORE, cwes: ['NVD-CWE-noinfo'] }]), /cvss: \/0\/cwes\/0/],
    ['an invalid CVSS version', ofKind('cvss', [{ ...SCORE, version: '5.0' }]), /cvss: \/0\/version/],
    ['an NVD entry without scores', ofKind('cvss', { description: 'A hole.' }), /cvss: .*scores/],
    [
      'an invalid score in an NVD entry',
      ofKind('cvss', { scores: [{ ...SCORE, score: 11 }] }),
      /cvss: \/scores\/0\/score/,
    ],
    ['an empty description', ofKind('cvss', { scores: [], description: '' }), /cvss: \/description/],
    ['an invalid day of publication', ofKind('cvss', { scores: [], published: 'today' }), /cvss: \/published/],
    ['an invalid date', ofKind('kev', { added: 'today' }), /kev: \/added/],
    ['an unknown kind of enrichment', withEnrichment({}, 'rumour'), /line 6: \/enrichmentKind/],
    [
      'a kind of enrichment that the feed lacks',
      [header, debian, one, two, other, { ...first, enrichmentKind: 'kev' }],
      /unsupported .*feed first \(kev\)/,
    ],
    [
      'enrichments of a feed unknown to this release',
      [{ ...header, feeds: [], enrichers: [{ feed: 'mars', enrichments: 0 }] }, enricherRecord('mars')],
      /unsupported .*feed mars \(epss\)/,
    ],
  ])('is rejected: %s', async (_, records, message) => {
    expect(await faultOf(records)).toMatch(message);
  });
});
