import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { findingOf } from '../../test/fixtures/report-builder.ts';
import type { ReportVulnerability } from '../model/report.ts';
import { type GateBound, gateBound, gateFailures, gateText } from './gate.ts';

const low = findingOf({ severity: 'Low' });
const high = findingOf({ severity: 'High' });
const unknown = findingOf({ severity: 'Unknown' });
const exploited = findingOf({ severity: 'Negligible', cves: [{ id: 'CVE-1', kev: {} }] });
const unfixed = findingOf({ status: 'open', fixedIn: null });

describe('a gate', () => {
  it.each<[string, readonly ReportVulnerability[], readonly GateBound[], boolean, number]>([
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
  ])('%s holds up what it should', (_, vulnerabilities, failOn, onlyFixed, count) => {
    expect(gateFailures({ vulnerabilities }, { failOn, onlyFixed })).toHaveLength(count);
  });

  it('says what did not pass, and names a few of many', () => {
    const many = Array.from({ length: 6 }, () => high);
    expect(gateText([high], { failOn: ['High'], onlyFixed: false })).toBe('1 finding at or above High: CVE-1 in curl');
    expect(gateText(many, { failOn: ['High', 'kev'], onlyFixed: true })).toMatch(
      /^6 findings at or above High or known to be exploited, and fixed by an upgrade: (CVE-1 in curl, ){5}…$/,
    );
  });

  it('takes severities in any case of letters, and no other words', () => {
    expect(gateBound('hIGH', gateBound('KEV', []))).toEqual(['kev', 'High']);
    expect(() => gateBound('worst', [])).toThrow(InvalidArgumentError);
  });
});
