import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { JsonMember } from '../../../bytes/documents/json-members.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { parseTracker, readSourcePackage } from './parse.ts';
import { messagesOf, withMessages } from '../../testing/record-messages.ts';

const TRACKER = new URL('testdata/tracker.json', import.meta.url);

describe('the tracker', () => {
  it('returns a part of an advisory for each package and CVE, in the order of the feed', async () => {
    const { advisories } = await parse(await trackerMembers());
    expect(advisories.map((advisory) => [advisory.id, advisory.affected.length])).toEqual([
      ['CVE-2099-0001', 3],
      ['CVE-2099-0002', 4],
      ['TEMP-0990003-A1B2C3', 1],
      ['CVE-2099-0003', 1],
      ['CVE-2099-0001', 2],
      ['CVE-2099-0004', 2],
    ]);
  });

  it('returns the link, the description and one entry for each release', async () => {
    const { advisories } = await parse(await trackerMembers());
    expect(advisories[0]).toEqual({
      id: 'CVE-2099-0001',
      link: 'https://security-tracker.debian.org/tracker/CVE-2099-0001',
      description: 'The handshake of a made-up protocol accepts a certificate that ended yesterday.',
      affected: [
        { namespace: 'debian:12', package: 'openssl', fixed: '3.0.14-1~deb12u2', severity: 'High', status: 'fixed' },
        { namespace: 'debian:13', package: 'openssl', fixed: '3.4.1-2', severity: 'Medium', status: 'fixed' },
        { namespace: 'debian:unstable', package: 'openssl', fixed: '3.4.1-2', severity: 'Low', status: 'fixed' },
      ],
    });
  });

  it('counts values that it does not understand, once for each release or record', async () => {
    const { recordDiagnostics } = await parse(await trackerMembers());
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 4,
      skipped: 2,
      examples: [
        'lighthouse CVE-2099-0004 in bookworm treated as affected: unknown status "sunk"',
        'lighthouse CVE-2099-0004 in trixie has an unknown urgency: "dire"; treated as affected: dpkg rejects the fixed version "two point one"',
        'lighthouse CVE-2099-0004 in atlantis skipped: unknown release',
        'lighthouse CVE-2099-0005 skipped: missing releases',
      ],
    });
  });

  it.each([
    ['an object without packages', [], 'feed/empty'],
    ['an object with other members', [{ key: 'error', value: 'too many requests' }], 'feed/invalid'],
    ['packages without records', [{ key: 'openssl', value: {} }], 'feed/invalid'],
    ['records without releases', [{ key: 'openssl', value: { 'CVE-2099-0001': {} } }], 'feed/invalid'],
  ])('%s is not a feed', async (_, members, code) => {
    await expect(parse(members)).rejects.toMatchObject({ code });
  });
});

describe('the state of a release', () => {
  it.each([
    ['a fix', { status: 'resolved', fixed_version: '1:2.0-1' }, { status: 'fixed', fixed: '1:2.0-1' }],
    [
      'a fix after the end of life',
      { status: 'resolved', fixed_version: '2', urgency: 'end-of-life' },
      { status: 'fixed', fixed: '2' },
    ],
    ['no fix', { status: 'open' }, { status: 'open' }],
    ['no fix, with nulls for absent members', { status: 'open', nodsa: null, urgency: null }, { status: 'open' }],
    ['no fix, with a version that is ignored', { status: 'open', fixed_version: '2' }, { status: 'open' }],
    ['no DSA', { status: 'open', nodsa: 'Minor issue', nodsa_reason: '' }, { status: 'no-dsa' }],
    ['no DSA, without a reason', { status: 'open', nodsa: 'Minor issue' }, { status: 'no-dsa' }],
    [
      'an ignored vulnerability',
      { status: 'open', nodsa: 'Minor issue', nodsa_reason: 'ignored' },
      { status: 'ignored' },
    ],
    ['a postponed fix', { status: 'open', nodsa: 'Minor issue', nodsa_reason: 'postponed' }, { status: 'postponed' }],
    ['the end of life', { status: 'open', urgency: 'end-of-life' }, { status: 'end-of-life' }],
    [
      'the end of life, after another decision',
      { status: 'open', urgency: 'end-of-life', nodsa: 'x' },
      { status: 'end-of-life' },
    ],
    ['undetermined', { status: 'undetermined' }, { status: 'undetermined' }],
    [
      'undetermined after the end of life',
      { status: 'undetermined', urgency: 'end-of-life' },
      { status: 'end-of-life' },
    ],
  ])('%s', (_, entry, expected) => {
    const { affected, diagnostics } = readRelease(entry);
    expect(affected).toEqual([{ namespace: 'debian:12', package: 'openssl', severity: 'Unknown', ...expected }]);
    expect(diagnostics).toEqual([]);
  });

  it('returns no entry and no diagnostic for the fixed version 0, which means never affected', () => {
    const reading = readSourcePackage('openssl', recordOf({ bookworm: { status: 'resolved', fixed_version: '0' } }));
    expect(reading).toEqual({ advisories: [expect.objectContaining({ affected: [] })], diagnostics: [] });
  });
});

describe('an invalid value counts as affected, with a diagnostic', () => {
  it.each([
    ['an unknown status', { status: 'sunk' }, {}],
    ['no status', {}, {}],
    ['a status that is not a string', { status: 1 }, {}],
    ['a status named like an inherited member', { status: 'constructor' }, {}],
    ['an unknown status with a version', { status: 'sunk', fixed_version: '2.0-1' }, { fixed: '2.0-1' }],
    ['an unknown status with a version of 0', { status: 'sunk', fixed_version: '0' }, {}],
    ['an unknown status after the end of life', { status: 'sunk', urgency: 'end-of-life' }, {}],
    ['a fix without a version', { status: 'resolved' }, {}],
    ['a fix whose version is not a string', { status: 'resolved', fixed_version: 2 }, {}],
    ['a fix with an empty version', { status: 'resolved', fixed_version: '' }, {}],
    ['a fix whose version dpkg rejects', { status: 'resolved', fixed_version: 'a:1' }, {}],
  ])('%s', (_, entry, expected) => {
    const { affected, diagnostics } = readRelease(entry);
    expect(affected).toEqual([
      { namespace: 'debian:12', package: 'openssl', severity: 'Unknown', status: 'unknown', ...expected },
    ]);
    expect(diagnostics).toEqual([expect.stringMatching(/^openssl CVE-2099-0001 in bookworm treated as affected: /)]);
  });
});

describe('the urgency', () => {
  it.each([
    ['unimportant', 'Negligible'],
    ['low', 'Low'],
    ['low*', 'Low'],
    ['low**', 'Low'],
    ['medium', 'Medium'],
    ['medium**', 'Medium'],
    ['high', 'High'],
    ['high**', 'High'],
    ['not yet assigned', 'Unknown'],
    ['end-of-life', 'Unknown'],
    ['', 'Unknown'],
    [undefined, 'Unknown'],
    [null, 'Unknown'],
  ])('%s is %s', (urgency, severity) => {
    const { affected, diagnostics } = readRelease({ status: 'open', urgency });
    expect(affected).toMatchObject([{ severity }]);
    expect(diagnostics).toEqual([]);
  });

  it.each(['dire', 'low***', 'Low', 'constructor', 3, {}])('%s is unknown and adds a diagnostic', (urgency) => {
    const { affected, diagnostics } = readRelease({ status: 'open', urgency });
    expect(affected).toMatchObject([{ severity: 'Unknown', status: 'open' }]);
    expect(diagnostics).toEqual([expect.stringContaining('unknown urgency')]);
  });
});

describe('a malformed value is skipped, with a diagnostic', () => {
  it.each<[string, unknown]>([
    ['a package that is not an object', 'openssl'],
    ['a package that is an array', [{}]],
    ['a package that is null', null],
    ['a record that is null', { 'CVE-2099-0001': null }],
    ['a record without releases', { 'CVE-2099-0001': { description: 'x' } }],
    ['releases that are an array', { 'CVE-2099-0001': { releases: [] } }],
    ['an identifier with white space', { 'CVE 2099': { releases: {} } }],
    ['an empty identifier', { '': { releases: {} } }],
  ])('%s', (_, value) => {
    expect(readSourcePackage('openssl', value)).toEqual({
      advisories: [],
      diagnostics: [{ kind: 'skipped', message: expect.stringMatching(/^openssl.* skipped/) }],
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an unknown release', { atlantis: { status: 'open' } }],
    ['a release named like an inherited member', { constructor: { status: 'open' } }],
    ['a release that is not an object', { bookworm: 'open' }],
  ])('%s, and other releases are kept', (_, releases) => {
    const reading = readSourcePackage('openssl', recordOf({ ...releases, sid: { status: 'open' } }));
    expect(reading.advisories).toMatchObject([{ affected: [{ namespace: 'debian:unstable' }] }]);
    expect(messagesOf(reading.diagnostics)).toEqual([
      expect.stringMatching(/ in (atlantis|constructor|bookworm) skipped/),
    ]);
  });

  it('a malformed description loses only the description', () => {
    const value = { 'CVE-2099-0001': { description: ['x'], releases: { sid: { status: 'open' } } } };
    const reading = readSourcePackage('openssl', value);
    expect(reading.advisories).toMatchObject([{ description: '', affected: [{ status: 'open' }] }]);
    expect(reading.diagnostics).toEqual([{ kind: 'inexact', message: expect.stringContaining('description') }]);
  });
});

async function trackerMembers(): Promise<JsonMember[]> {
  const tracker: unknown = JSON.parse(await readFile(TRACKER, 'utf8'));
  return Object.entries(Object(tracker)).map(([key, value]) => ({ key, value }));
}

async function parse(
  members: readonly JsonMember[],
): Promise<{ advisories: Advisory[]; recordDiagnostics: RecordDiagnostics }> {
  const recordDiagnostics = noRecordDiagnostics();
  const advisories: Advisory[] = [];
  for await (const advisory of parseTracker(streamOf(members), recordDiagnostics, 'tracker.json'))
    advisories.push(advisory);
  return { advisories, recordDiagnostics };
}

async function* streamOf(members: readonly JsonMember[]): AsyncGenerator<JsonMember> {
  yield* members;
}

function recordOf(releases: Record<string, unknown>): unknown {
  return { 'CVE-2099-0001': { releases } };
}

function readRelease(entry: Record<string, unknown>): Pick<Advisory, 'affected'> & { diagnostics: readonly string[] } {
  const { advisories, diagnostics } = readSourcePackage('openssl', recordOf({ bookworm: entry }));
  return { affected: advisories.flatMap((advisory) => advisory.affected), diagnostics: messagesOf(diagnostics) };
}
