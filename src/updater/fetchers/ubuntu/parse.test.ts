import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { isTrackerRecord, parseUbuntuTracker, readRecord } from './parse.ts';
import { messagesOf, withMessages } from '../../testing/record-messages.ts';

describe('a file of the tracker', () => {
  const { advisory, diagnostics } = readFile('active/CVE-2099-0001');

  it('returns an advisory with its page and description', () => {
    expect(advisory).toMatchObject({
      id: 'CVE-2099-0001',
      link: 'https://ubuntu.com/security/CVE-2099-0001',
      description: 'A made up flaw of libfoo lets whoever sends a long name read memory.',
    });
    expect(diagnostics).toEqual([]);
  });

  it.each<[string, string, Omit<AffectedPackage, 'namespace' | 'package'> | undefined]>([
    ['ubuntu:14.04', 'libfoo', { severity: 'Medium', status: 'fixed-for-subscribers', fixed: '1.0-1ubuntu0.1+esm2' }],
    ['ubuntu:16.04', 'libfoo', { severity: 'Medium', status: 'end-of-life' }],
    ['ubuntu:18.04', 'libfoo', { severity: 'Medium', status: 'fixed', fixed: '1.4-2ubuntu0.1' }],
    ['ubuntu:20.04', 'libfoo', { severity: 'Medium', status: 'under-investigation' }],
    ['ubuntu:22.04', 'libfoo', undefined],
    ['ubuntu:24.04', 'libfoo', undefined],
    ['ubuntu:18.04', 'bar', { severity: 'Low', status: 'postponed' }],
    ['ubuntu:20.04', 'bar', { severity: 'Negligible', status: 'pending', fixed: '3.1-1' }],
    ['ubuntu:22.04', 'bar', { severity: 'Low', status: 'ignored' }],
    ['ubuntu:24.04', 'bar', { severity: 'Low', status: 'fixed-for-subscribers', fixed: '4.0-1ubuntu0.1~esm1' }],
  ])('states for %s %s: %o', (namespace, name, expected) => {
    const found = advisory?.affected.filter((each) => each.namespace === namespace && each.package === name);
    expect(found).toEqual(expected === undefined ? [] : [{ namespace, package: name, ...expected }]);
  });

  it('states nothing else', () => expect(advisory?.affected).toHaveLength(8));
});

describe('malformed content', () => {
  const { advisory, diagnostics } = readFile('active/CVE-2099-0002');

  it('adds a diagnostic per malformed line, and the other lines are kept', () => {
    expect(diagnostics.map(({ message }) => message.replace('CVE-2099-0002 ', ''))).toEqual([
      'line skipped because it belongs to no field: baz: needed',
      'in nowhere skipped: unknown release',
      'in noble skipped: invalid package name "b?z"',
      'in ubuntu:20.04 baz treated as affected: missing fixed version',
      'in ubuntu:22.04 baz treated as affected: unknown state "maybe"',
      'in ubuntu:24.04 baz treated as affected: invalid fixed version (not a version)',
      'in ubuntu:25.10 baz treated as affected: conflicting states',
    ]);
  });

  it('is affected in all versions; without a rating of Ubuntu, the CVSS score counts', () => {
    const rest = { package: 'baz', severity: 'Critical', severityFrom: 'cvss' };
    expect(advisory?.affected).toEqual([
      { namespace: 'ubuntu:18.04', status: 'open', ...rest },
      { namespace: 'ubuntu:20.04', status: 'unknown', ...rest },
      { namespace: 'ubuntu:22.04', status: 'unknown', ...rest },
      { namespace: 'ubuntu:24.04', status: 'unknown', ...rest },
      { namespace: 'ubuntu:25.10', status: 'unknown', ...rest },
    ]);
    expect(advisory?.description).toBe('Words of Ubuntu alone.');
  });

  it.each([
    ['no candidate', 'Priority: low\nbionic_x: needed\n', 'F skipped: missing candidate'],
    ['an invalid identifier', 'Candidate: CVE 1\n', 'F skipped: invalid identifier "CVE 1"'],
    ['no content', '\n\n', 'F skipped: missing candidate'],
  ])('skips a file with %s', (_, text, diagnostic) => {
    expect(readRecord('F', Buffer.from(text))).toEqual({ diagnostics: [{ kind: 'skipped', message: diagnostic }] });
  });

  it('keeps a file that is not UTF-8, with a diagnostic', () => {
    const bytes = Buffer.from('Candidate: CVE-1\nDescription:\n caf\u00e9\nbionic_x: needed\n', 'latin1');
    const { advisory: kept, diagnostics: told } = readRecord('F', bytes);
    expect(kept).toMatchObject({ description: 'caf\ufffd', affected: [{ package: 'x', status: 'open' }] });
    expect(messagesOf(told)).toEqual(['CVE-1 contains bytes that are not UTF-8; these bytes were replaced']);
  });

  it('keeps a CVE without affected packages and skips a rejected CVE', () => {
    expect(readFile('ignored/CVE-2099-0004')).toMatchObject({
      advisory: { affected: [] },
      diagnostics: [{ kind: 'inexact', message: 'CVE-2099-0004 has an unknown priority: "dreadful"' }],
    });
    expect(readFile('retired/CVE-2099-0003')).toEqual({ diagnostics: [] });
  });
});

describe('a document of a feed', () => {
  it('returns its advisory and adds its diagnostics to the diagnostics of the feed', async () => {
    const recordDiagnostics = noRecordDiagnostics();
    expect(await advisoriesOf('active/CVE-2099-0002', recordDiagnostics)).toMatchObject([{ id: 'CVE-2099-0002' }]);
    expect(recordDiagnostics.count).toBe(7);
  });

  it('is skipped when it is too large', async () => {
    const recordDiagnostics = noRecordDiagnostics();
    const stream = (async function* () {
      for (let at = 0; at < 5; at += 1) yield Buffer.alloc(1024 * 1024, 'x');
    })();
    const advisories: Advisory[] = [];
    for await (const each of parseUbuntuTracker({ name: 'F', where: 'F', stream }, recordDiagnostics))
      advisories.push(each);
    expect(advisories).toEqual([]);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 1,
      skipped: 1,
      examples: ['F skipped: larger than 4194304 bytes'],
    });
  });
});

it.each([
  ['active/CVE-2099-0001', true],
  ['ubuntu-cve-tracker-master/retired/CVE-2099-0001', true],
  ['tracker.tar/ignored/CVE-2099-0001', true],
  ['CVE-2099-0001', true],
  ['active/00boilerplate.linux', false],
  ['ignored/not-for-us.txt', false],
  ['active/CVE-2099-0001/x', false],
  ['scripts/CVE-2099-0001', false],
  ['subprojects/other/active/CVE-2099-0001', false],
  ['test/active/CVE-2099-0001', false],
  ['inactive/CVE-2099-0001', false],
])('%s is a file of a CVE: %s', (path, isOne) => expect(isTrackerRecord(path)).toBe(isOne));

function bytesOf(name: string): Buffer {
  return readFileSync(new URL(`testdata/tracker/${name}`, import.meta.url));
}

function readFile(name: string): ReturnType<typeof readRecord> {
  return readRecord(name, bytesOf(name));
}

async function advisoriesOf(
  name: string,
  recordDiagnostics: ReturnType<typeof noRecordDiagnostics>,
): Promise<Advisory[]> {
  const stream = (async function* () {
    yield bytesOf(name);
  })();
  const advisories: Advisory[] = [];
  for await (const each of parseUbuntuTracker({ name, where: name, stream }, recordDiagnostics)) advisories.push(each);
  return advisories;
}
