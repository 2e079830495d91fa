import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEBIAN, findingOf, SUPPRESSION, reportOf } from '../../report/testing/report-builder.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { differenceOf } from '../../report/difference/image-difference.ts';
import {
  type Gate,
  type GateBound,
  gateBound,
  gateDiagnostics,
  gateFailures,
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
    ['without a bound', [high, exploited], [], false, 0],
    ['at the severity', [low, high], ['High'], false, 1],
    ['below it', [low, high], ['Low'], false, 2],
    ['above it', [low, high], ['Critical'], false, 0],
    ['for any severity', [unknown], ['Unknown'], false, 1],
    ['for what has no severity', [unknown], ['Negligible'], false, 0],
    ['for what is exploited', [high, exploited], ['kev'], false, 1],
    ['for both', [low, high, exploited], ['kev', 'High'], false, 2],
    ['for what has a fix', [high, unfixed], ['High'], true, 1],
    ['for all the same', [high, unfixed], ['High'], false, 2],
    ['for a fix that only subscribers get', [findingOf({ status: 'fixed-for-subscribers' })], ['High'], true, 0],
    ['for a fix that is not published', [findingOf({ status: 'pending' })], ['High'], true, 0],
  ])('%s holds up what it should', (_, findings, failOn, onlyFixed, count) => {
    expect(gateFailures({ findings }, { failOn, onlyFixed })).toHaveLength(count);
  });

  it('says what did not pass, and names a few of many', () => {
    const many = Array.from({ length: 6 }, () => high);
    expect(gateText([high], { failOn: ['High'], onlyFixed: false })).toBe('1 finding at or above High: CVE-1 in curl');
    expect(gateText(many, { failOn: ['High', 'kev'], onlyFixed: true })).toMatch(
      /^6 findings at or above High or known to be exploited, and fixed by an upgrade: (CVE-1 in curl, ){5}…$/,
    );
  });

  it.each<[string, readonly ReportFinding[], Gate, number]>([
    ['what has no severity', [unknown, low], { failOn: ['High'], onlyFixed: false }, 1],
    ['nothing when no severity is asked for', [unknown], { failOn: ['kev'], onlyFixed: false }, 0],
    ['nothing without a gate', [unknown], { failOn: [], onlyFixed: false }, 0],
    ['nothing when all count', [unknown], { failOn: ['Unknown'], onlyFixed: false }, 0],
    [
      'nothing that fails for another reason',
      [findingOf({ severity: 'Unknown', cves: exploited.cves })],
      { failOn: ['High', 'kev'], onlyFixed: false },
      0,
    ],
    [
      'only what an upgrade fixes',
      [unknown, findingOf({ severity: 'Unknown', status: 'open', fixedIn: null })],
      { failOn: ['High'], onlyFixed: true },
      1,
    ],
    [
      'no kernel headers',
      [findingOf({ severity: 'Unknown', class: 'kernel-headers' })],
      { failOn: ['High'], onlyFixed: false },
      0,
    ],
  ])('cannot judge %s', (_, findings, gate, count) => {
    expect(unjudgedFindings({ findings }, gate)).toHaveLength(count);
    const asFailures = gateFailures({ findings }, { ...gate, unrated: 'fail' }).length;
    expect(asFailures - gateFailures({ findings }, gate).length).toBe(count);
    const ignored = gateFailures({ findings }, { ...gate, unrated: 'ignore' });
    expect(ignored).toEqual(gateFailures({ findings }, gate));
  });

  it('leaves kernel headers out unless they are included', () => {
    const of = { findings: [headers, { ...headers, cves: exploited.cves }] };
    expect(gateFailures(of, { failOn: ['High', 'kev'], onlyFixed: false })).toEqual([]);
    expect(gateFailures(of, { failOn: ['High'], onlyFixed: false, include: ['kernel-headers'] })).toHaveLength(2);
  });

  const list = { ...DEBIAN, name: 'kev' };
  const scores = { ...DEBIAN, name: 'nvd' };
  const byScore = findingOf({ severity: 'Low', severityFrom: 'nvd' });
  type Sources = Parameters<typeof gateDiagnostics>[1]['feeds'];
  const UNRATED = /^1 finding has no severity: CVE-1 in curl; --fail-on cannot judge it: decide by --unrated=fail or /;
  it.each<[string, Partial<Gate>, Sources, readonly ReportFinding[], RegExp, boolean]>([
    ['nothing', { failOn: ['kev'] }, [DEBIAN, list], [], /^$/, false],
    [
      'a list that was not read',
      { failOn: ['High', 'kev'] },
      [],
      [],
      / was never read; run clair update --feed kev$/,
      false,
    ],
    ['one that could not be read', { failOn: ['kev'] }, [{ ...list, updatedAt: null }], [], / was never read; /, false],
    ['an old one', { failOn: ['kev'] }, [{ ...list, isStale: true }], [], / is of 2026-01-02T03:04:05\.000Z; /, false],
    [
      'one with gaps',
      { failOn: ['kev'] },
      [{ ...list, skippedRecords: 2 }],
      [],
      / has 2 records that were not /,
      false,
    ],
    ['the list when it is not asked for', { failOn: ['High'] }, [DEBIAN], [low], /^$/, false],
    ['what nobody rates', { failOn: ['High'] }, [scores], [unknown, high], UNRATED, false],
    ['it when it counts', { failOn: ['High'], unrated: 'fail' }, [scores], [unknown], /; --unrated=fail counts /, true],
    ['it when it is ignored', { failOn: ['High'], unrated: 'ignore' }, [], [unknown], / lets it pass$/, true],
    [
      'it where no scores were read',
      { failOn: ['High'] },
      [DEBIAN],
      [unknown, unknown],
      /^2 findings have no severity, and the scores of the NVD were never fetched: .*: run clair update --feed nvd, or /,
      false,
    ],
    [
      'it where the scores are old',
      { failOn: ['High'] },
      [{ ...scores, isStale: true }],
      [unknown],
      /, and the scores of the NVD are of 2026-01-02T03:04:05\.000Z: .*: run clair update --feed nvd, or /,
      false,
    ],
    [
      'old scores that rate a finding',
      { failOn: ['High'] },
      [{ ...scores, isStale: true }],
      [byScore],
      /^the scores of the NVD are of 2026.*, by which findings are rated; run clair update --feed nvd$/,
      false,
    ],
    [
      'old scores when that is ignored',
      { failOn: ['High'], unrated: 'ignore' },
      [{ ...scores, isStale: true }],
      [byScore],
      / are of /,
      true,
    ],
    ['no old scores that rate nothing', { failOn: ['High'] }, [{ ...scores, isStale: true }], [low], /^$/, false],
    [
      'no old scores when no severity is asked for',
      { failOn: ['kev'] },
      [list, { ...scores, isStale: true }],
      [byScore],
      /^$/,
      false,
    ],
    ['no missing scores that would rate nothing', { failOn: ['High'] }, [], [low], /^$/, false],
  ])('diagnostics %s', (_, parts, feeds, findings, text, isDecided) => {
    const gate: Gate = { failOn: [], onlyFixed: false, ...parts };
    const unjudged = unjudgedFindings({ findings }, gate);
    const diagnostics = gateDiagnostics(gate, { feeds, findings, unjudged });
    expect(diagnostics.map((diagnostic) => diagnostic.text).join('\n')).toMatch(text);
    expect(diagnostics.every((diagnostic) => diagnostic.isDecided === isDecided)).toBe(true);
  });

  it('takes severities in any case of letters, and no other words', () => {
    expect(gateBound('hIGH', gateBound('KEV', []))).toEqual(['kev', 'High']);
    expect(() => gateBound('worst', [])).toThrow(InvalidArgumentError);
  });
});

describe('a gate for what is new', () => {
  type Findings = Parameters<typeof reportOf>[0];
  const found = (...findings: readonly ReportFinding[]): Findings => ({ findings });
  const ruledOut = (finding: ReportFinding): Findings => ({
    suppressed: [{ ...finding, suppression: SUPPRESSION }],
  });

  function newIds(before: Findings, after: Findings, gate: Gate): readonly string[] {
    return newGateFailures(differenceOf(reportOf(before), reportOf(after)), gate).map(({ id }) => id);
  }

  it.each<[string, Findings, Findings, readonly string[]]>([
    ['passes what both have', found(high), found(high), []],
    ['passes what both have of another version', found(high), found(findingOf({ version: '1.1' })), []],
    ['passes what is gone', found(high), found(), []],
    ['passes what is new, but below it', found(), found(low), []],
    ['passes what is new, but without a fix', found(), found(unfixed), []],
    ['holds up what is new', found(low), found(low, findingOf({ id: 'CVE-2' })), ['CVE-2']],
    ['holds up what another package has now too', found(high), found(high, findingOf({ package: 'wget' })), ['CVE-1']],
    ['holds up what another version has beside', found(high), found(high, findingOf({ version: '2' })), ['CVE-1']],
    ['holds up what another release has', found(high), found(findingOf({ namespace: 'debian:13' })), ['CVE-1']],
    ['holds up what is no longer ruled out', ruledOut(high), found(high), ['CVE-1']],
    ['passes what is ruled out', found(), ruledOut(high), []],
    ['holds up what got worse', found(low), found(high), ['CVE-1']],
    ['passes what got worse, but was bad enough before', found(high), found(findingOf({ severity: 'Critical' })), []],
    ['holds up what has a fix now', found(unfixed), found(high), ['CVE-1']],
    ['passes what lost its fix', found(high), found(unfixed), []],
  ])('%s', (_, before, after, ids) => {
    expect(newIds(before, after, { failOn: ['High'], onlyFixed: true })).toEqual(ids);
  });

  it.each<[string, Findings, Findings, readonly string[]]>([
    ['what is new', found(), found(unknown, high), ['CVE-1']],
    ['what is known', found(unknown), found(unknown), []],
    ['what lost its severity', found(low), found(unknown), ['CVE-1']],
    ['what was bad enough before', found(high), found(unknown), []],
    ['what has a fix now', found(findingOf({ severity: 'Unknown', status: 'open' })), found(unknown), ['CVE-1']],
  ])('cannot judge %s without a severity', (_, before, after, ids) => {
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

  it('finds nothing new in an image beside itself, and everything beside an empty one', () => {
    fc.assert(
      fc.property(findings, gates, (all, gate) => {
        expect(newIds(found(...all), found(...all), gate)).toEqual([]);
        const failing = gateFailures({ findings: all }, gate).map(({ id }) => id);
        expect(newIds(found(), found(...all), gate).toSorted()).toEqual(failing.toSorted());
      }),
    );
  });

  it('holds up nothing that the gate of a scan would let pass, and all of what it counts more than before', () => {
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
