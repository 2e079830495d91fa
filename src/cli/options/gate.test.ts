import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEBIAN, findingOf, SUPPRESSION, reportOf } from '../../report/testing/report-builder.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { REACHABILITIES } from '../../model/reachability.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { differenceOf } from '../../report/difference/image-difference.ts';
import {
  type Gate,
  type GateBound,
  gateBound,
  gateDiagnostics,
  gatedImage,
  gateFailures,
  gateOf,
  gateText,
  newGateFailures,
  newUnjudgedFindings,
  unjudgedFindings,
} from './gate.ts';

const low = findingOf({ severity: 'Low' });
const high = findingOf({ severity: 'High' });
const unknown = findingOf({ severity: 'Unknown' });
const exploited = findingOf({ severity: 'Negligible', cves: [{ id: 'CVE-1', kev: {} }] });
const headers = findingOf({ class: 'kernel-headers' });
const unfixed = findingOf({ status: 'open', fixedIn: null });

describe('a gate', () => {
  it.each<[string, readonly ReportFinding[], readonly GateBound[], boolean, number]>([
    ['nothing without a bound', [high, exploited], [], false, 0],
    ['a finding at the bound', [low, high], ['High'], false, 1],
    ['findings above the bound', [low, high], ['Low'], false, 2],
    ['nothing below the bound', [low, high], ['Critical'], false, 0],
    ['a finding without a severity for the bound Unknown', [unknown], ['Unknown'], false, 1],
    ['no finding without a severity for another bound', [unknown], ['Negligible'], false, 0],
    ['a finding in the KEV catalog', [high, exploited], ['kev'], false, 1],
    ['findings at either bound', [low, high, exploited], ['kev', 'High'], false, 2],
    ['only findings with a fix, if restricted', [high, unfixed], ['High'], true, 1],
    ['findings without a fix, if not restricted', [high, unfixed], ['High'], false, 2],
    [
      'no finding with a fix for subscribers only, if restricted',
      [findingOf({ status: 'fixed-for-subscribers' })],
      ['High'],
      true,
      0,
    ],
    ['no finding with an unpublished fix, if restricted', [findingOf({ status: 'pending' })], ['High'], true, 0],
  ])('fails %s', (_, findings, failOn, onlyFixed, count) => {
    expect(gateFailures({ findings }, { failOn, onlyFixed })).toHaveLength(count);
  });

  it('names the bound and the first failed findings', () => {
    const many = Array.from({ length: 6 }, () => high);
    expect(gateText([high], { failOn: ['High'], onlyFixed: false })).toBe(
      '1 finding of severity high or higher: CVE-1 in curl',
    );
    expect(gateText(many, { failOn: ['High', 'kev'], onlyFixed: true })).toMatch(
      /^6 findings with a fix of severity high or higher, or in the KEV catalog: (CVE-1 in curl, ){5}…$/,
    );
  });

  it.each<[string, readonly ReportFinding[], Gate, number]>([
    ['a finding without a severity', [unknown, low], { failOn: ['High'], onlyFixed: false }, 1],
    ['nothing without a severity as a bound', [unknown], { failOn: ['kev'], onlyFixed: false }, 0],
    ['nothing without a gate', [unknown], { failOn: [], onlyFixed: false }, 0],
    ['nothing if all severities fail', [unknown], { failOn: ['Unknown'], onlyFixed: false }, 0],
    [
      'nothing that fails by another bound',
      [findingOf({ severity: 'Unknown', cves: exploited.cves })],
      { failOn: ['High', 'kev'], onlyFixed: false },
      0,
    ],
    [
      'only findings with a fix, if restricted',
      [unknown, findingOf({ severity: 'Unknown', status: 'open', fixedIn: null })],
      { failOn: ['High'], onlyFixed: true },
      1,
    ],
    [
      'no finding in kernel headers',
      [findingOf({ severity: 'Unknown', class: 'kernel-headers' })],
      { failOn: ['High'], onlyFixed: false },
      0,
    ],
  ])('cannot evaluate %s', (_, findings, gate, count) => {
    expect(unjudgedFindings({ findings }, gate)).toHaveLength(count);
    const asFailures = gateFailures({ findings }, { ...gate, unrated: 'fail' }).length;
    expect(asFailures - gateFailures({ findings }, gate).length).toBe(count);
    const ignored = gateFailures({ findings }, { ...gate, unrated: 'ignore' });
    expect(ignored).toEqual(gateFailures({ findings }, gate));
  });

  it('ignores kernel headers unless they are included', () => {
    const of = { findings: [headers, { ...headers, cves: exploited.cves }] };
    expect(gateFailures(of, { failOn: ['High', 'kev'], onlyFixed: false })).toEqual([]);
    expect(gateFailures(of, { failOn: ['High'], onlyFixed: false, include: ['kernel-headers'] })).toHaveLength(2);
  });

  const list = { ...DEBIAN, name: 'kev' };
  const scores = { ...DEBIAN, name: 'nvd' };
  const byScore = findingOf({ severity: 'Low', severityFrom: 'nvd' });
  type Sources = Parameters<typeof gateDiagnostics>[1]['feeds'];
  const UNRATED = /^1 finding has no severity: CVE-1 in curl; --fail-on cannot evaluate it: add --unrated=fail or /;
  it.each<[string, Partial<Gate>, Sources, readonly ReportFinding[], RegExp, boolean]>([
    ['reports nothing with a fresh KEV catalog', { failOn: ['kev'] }, [DEBIAN, list], [], /^$/, false],
    [
      'reports a missing KEV catalog',
      { failOn: ['High', 'kev'] },
      [],
      [],
      / KEV catalog is not stored; run clair update --feed kev$/,
      false,
    ],
    [
      'reports a KEV catalog without data',
      { failOn: ['kev'] },
      [{ ...list, updatedAt: null }],
      [],
      / is not stored; /,
      false,
    ],
    [
      'reports a stale KEV catalog',
      { failOn: ['kev'] },
      [{ ...list, isStale: true }],
      [],
      / is stale \(updated 2026-01-02T03:04:05\.000Z\); /,
      false,
    ],
    [
      'reports a KEV catalog with skipped entries',
      { failOn: ['kev'] },
      [{ ...list, skippedRecords: 2 }],
      [],
      / has 2 skipped entries; /,
      false,
    ],
    [
      'reports a KEV catalog with one skipped entry',
      { failOn: ['kev'] },
      [{ ...list, skippedRecords: 1 }],
      [],
      / has 1 skipped entry; /,
      false,
    ],
    ['ignores the KEV catalog without the bound kev', { failOn: ['High'] }, [DEBIAN], [low], /^$/, false],
    ['reports a finding without a severity', { failOn: ['High'] }, [scores], [unknown, high], UNRATED, false],
    [
      'counts it with --unrated=fail',
      { failOn: ['High'], unrated: 'fail' },
      [scores],
      [unknown],
      /; --unrated=fail makes the command exit 4$/,
      true,
    ],
    ['ignores it with --unrated=ignore', { failOn: ['High'], unrated: 'ignore' }, [], [unknown], / ignores it$/, true],
    [
      'names missing NVD scores as the reason',
      { failOn: ['High'] },
      [DEBIAN],
      [unknown, unknown],
      /^2 findings have no severity, and no NVD scores are stored: .*: run clair update --feed nvd, or /,
      false,
    ],
    [
      'names stale NVD scores as the reason',
      { failOn: ['High'] },
      [{ ...scores, isStale: true }],
      [unknown],
      /, and the NVD scores are stale \(updated 2026-01-02T03:04:05\.000Z\): .*: run clair update --feed nvd, or /,
      false,
    ],
    [
      'reports stale NVD scores that rate a finding',
      { failOn: ['High'] },
      [{ ...scores, isStale: true }],
      [byScore],
      /^the severities of some findings come from NVD scores, and the NVD scores are stale \(updated 2026.*\); run clair update --feed nvd$/,
      false,
    ],
    [
      'accepts stale NVD scores with --unrated=ignore',
      { failOn: ['High'], unrated: 'ignore' },
      [{ ...scores, isStale: true }],
      [byScore],
      / are stale /,
      true,
    ],
    [
      'ignores stale NVD scores that rate no finding',
      { failOn: ['High'] },
      [{ ...scores, isStale: true }],
      [low],
      /^$/,
      false,
    ],
    [
      'ignores stale NVD scores without a severity as a bound',
      { failOn: ['kev'] },
      [list, { ...scores, isStale: true }],
      [byScore],
      /^$/,
      false,
    ],
    ['ignores missing NVD scores if every finding has a severity', { failOn: ['High'] }, [], [low], /^$/, false],
  ])('%s', (_, parts, feeds, findings, text, isDecided) => {
    const gate: Gate = { failOn: [], onlyFixed: false, ...parts };
    const unjudged = unjudgedFindings({ findings }, gate);
    const diagnostics = gateDiagnostics(gate, { feeds, findings, unjudged });
    expect(diagnostics.map((diagnostic) => diagnostic.text).join('\n')).toMatch(text);
    expect(diagnostics.every((diagnostic) => diagnostic.isDecided === isDecided)).toBe(true);
  });

  it('parses lists of severities in any case, and rejects other words', () => {
    expect(gateBound('hIGH,low', gateBound('KEV'))).toEqual(['kev', 'High', 'Low']);
    expect(() => gateBound('worst')).toThrow(InvalidArgumentError);
  });
});

describe('gateOf', () => {
  const options = { failOn: ['High'], failOnFixed: false, onlyFixed: false } as const;

  it.each([
    [{ ...options }, false],
    [{ ...options, onlyFixed: true }, true],
    [{ ...options, failOnFixed: true }, true],
  ])('with %j restricts the gate to findings with a fix: %s', (given, onlyFixed) => {
    expect(gateOf(given)).toEqual({ failOn: ['High'], onlyFixed });
  });

  it('with --reachable counts only Go findings whose code may be in the binary', () => {
    const gate = gateOf({ ...options, reachable: true });
    const findings = [...REACHABILITIES, null].map((reachability) =>
      findingOf({ id: String(reachability), severity: 'Critical', reachability }),
    );
    expect(gateFailures({ findings }, gate).map(({ id }) => id)).toEqual(['linked', 'unknown', 'null']);
    expect(gateFailures({ findings }, gateOf(options))).toHaveLength(5);
    const unrated = findings.map((each) => ({ ...each, severity: 'Unknown' as const }));
    expect(unjudgedFindings({ findings: unrated }, gate)).toHaveLength(3);
  });

  it('accepts --only-fixed without --fail-on', () => {
    expect(gateOf({ failOn: [], failOnFixed: false, onlyFixed: true })).toEqual({ failOn: [], onlyFixed: true });
  });

  it.each([
    [{ ...options, failOn: [], failOnFixed: true }, '--fail-on-fixed has no effect without --fail-on'],
    [{ ...options, failOn: ['kev'], unrated: 'fail' }, '--unrated=fail has no effect without a severity'],
  ] as const)('rejects %j', (given, message) => {
    expect(() => gateOf(given)).toThrow(message);
  });
});

it.each([
  ['linux/arm64', 'linux/arm64'],
  ['linux/unknown', '/srv/root'],
])('names an image for %s in messages of the gate %s', (platform, name) => {
  expect(gatedImage({ kind: 'rootfs', reference: '/srv/root', digest: `sha256:${'0'.repeat(64)}`, platform })).toBe(
    name,
  );
});

describe('a gate for new findings', () => {
  type Findings = Parameters<typeof reportOf>[0];
  const found = (...findings: readonly ReportFinding[]): Findings => ({ findings });
  const suppressed = (finding: ReportFinding): Findings => ({
    suppressed: [{ ...finding, suppression: SUPPRESSION }],
  });

  function newIds(before: Findings, after: Findings, gate: Gate): readonly string[] {
    return newGateFailures(differenceOf(reportOf(before), reportOf(after)), gate).map(({ id }) => id);
  }

  it.each<[string, Findings, Findings, readonly string[]]>([
    ['passes a finding of both images', found(high), found(high), []],
    ['passes a finding of both images in another version', found(high), found(findingOf({ version: '1.1' })), []],
    ['passes a finding of the first image only', found(high), found(), []],
    ['passes a new finding below the bound', found(), found(low), []],
    ['passes a new finding without a fix', found(), found(unfixed), []],
    ['fails a new finding', found(low), found(low, findingOf({ id: 'CVE-2' })), ['CVE-2']],
    [
      'fails a known vulnerability in another package',
      found(high),
      found(high, findingOf({ package: 'wget' })),
      ['CVE-1'],
    ],
    [
      'fails a known vulnerability in a second version',
      found(high),
      found(high, findingOf({ version: '2' })),
      ['CVE-1'],
    ],
    [
      'fails a known vulnerability in another release',
      found(high),
      found(findingOf({ namespace: 'debian:13' })),
      ['CVE-1'],
    ],
    ['fails a finding that is no longer suppressed', suppressed(high), found(high), ['CVE-1']],
    ['passes a suppressed finding', found(), suppressed(high), []],
    ['fails a finding with a raised severity', found(low), found(high), ['CVE-1']],
    ['passes a finding that failed before', found(high), found(findingOf({ severity: 'Critical' })), []],
    ['fails a finding that has a fix now', found(unfixed), found(high), ['CVE-1']],
    ['passes a finding that lost its fix', found(high), found(unfixed), []],
  ])('%s', (_, before, after, ids) => {
    expect(newIds(before, after, { failOn: ['High'], onlyFixed: true })).toEqual(ids);
  });

  it.each<[string, Findings, Findings, readonly string[]]>([
    ['a new finding', found(), found(unknown, high), ['CVE-1']],
    ['no known finding', found(unknown), found(unknown), []],
    ['a finding that lost its severity', found(low), found(unknown), ['CVE-1']],
    ['no finding that failed before', found(high), found(unknown), []],
    [
      'a finding that has a fix now',
      found(findingOf({ severity: 'Unknown', status: 'open' })),
      found(unknown),
      ['CVE-1'],
    ],
  ])('cannot evaluate %s without a severity', (_, before, after, ids) => {
    const difference = differenceOf(reportOf(before), reportOf(after));
    const unjudged = newUnjudgedFindings(difference, { failOn: ['High'], onlyFixed: true });
    expect(unjudged.map(({ id }) => id)).toEqual(ids);
  });

  const finding = fc.record({
    id: fc.constantFrom('CVE-1', 'CVE-2'),
    package: fc.constantFrom('curl', 'wget'),
    version: fc.constantFrom('1', '2'),
    severity: fc.constantFrom(...SEVERITIES),
    status: fc.constantFrom('fixed', 'open'),
  });
  const findings = fc.array(finding.map(findingOf), { maxLength: 8 });
  const gates = fc.record<Gate, 'failOn' | 'onlyFixed'>(
    {
      failOn: fc.array(fc.constantFrom<GateBound>('kev', ...SEVERITIES), { maxLength: 2 }),
      onlyFixed: fc.boolean(),
      unrated: fc.constantFrom('fail', 'ignore'),
    },
    { requiredKeys: ['failOn', 'onlyFixed'] },
  );

  it('finds nothing new in an image compared with itself, and all findings compared with an empty image', () => {
    fc.assert(
      fc.property(findings, gates, (all, gate) => {
        expect(newIds(found(...all), found(...all), gate)).toEqual([]);
        const failing = gateFailures({ findings: all }, gate).map(({ id }) => id);
        expect(newIds(found(), found(...all), gate).toSorted()).toEqual(failing.toSorted());
      }),
    );
  });

  it('fails at most the findings that fail a scan, and at least as many as were added', () => {
    fc.assert(
      fc.property(findings, findings, gates, (before, after, gate) => {
        const isNew = newIds(found(...before), found(...after), gate).length;
        const [old, now] = [before, after].map((of) => gateFailures({ findings: of }, gate).length);
        expect(isNew).toBeLessThanOrEqual(now!);
        expect(isNew).toBeGreaterThanOrEqual(now! - old!);
      }),
    );
  });
});
