import type { Location, Log, Run } from 'sarif';
import { describe, expect, it } from 'vitest';
import { finding, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';
import type { Report } from '../model/report/report.ts';
import { libraryFindingOf, noteOf, packageOf } from './testing/report-builder.ts';
import { sarif } from './sarif.ts';

function runOf(parts: Partial<Report>): Run {
  return (JSON.parse(sarif.render(reportWith(parts))) as Log).runs[0]!;
}

describe('SARIF', () => {
  it('has a rule for each vulnerability and a result for each package with its layer', () => {
    const findings = [finding(), finding({ package: 'libcurl4' }), finding({ id: 'CVE-2026-9', severity: 'Low' })];
    const { tool, results } = runOf({ findings: findings });
    expect(tool.driver.rules?.map(({ id, shortDescription }) => [id, shortDescription?.text])).toEqual([
      ['CVE-2026-1', 'CVE-2026-1 in curl, libcurl4'],
      ['CVE-2026-9', 'CVE-2026-9 in curl'],
    ]);
    expect(results?.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
      ['CVE-2026-1', 0, 'error'],
      ['CVE-2026-1', 0, 'error'],
      ['CVE-2026-9', 1, 'note'],
    ]);
    expect(results?.[0]?.message.text).toBe(
      'curl 7.88.1-10 is affected by CVE-2026-1 (High). Upgrade curl to 7.88.1-11 or later. ' +
        'Added by layer 1 (own instruction): RUN apt-get install curl.',
    );
    expect(results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('var/lib/dpkg');
  });

  it.each([
    ['High', 8.1, '8.1'],
    ['High', 9.8, '7.0'],
    ['Critical', 7, '9.0'],
    ['Defcon1', 5, '10.0'],
    ['Negligible', 0, '0.1'],
    ['Unknown', 9.8, undefined],
  ] as const)(
    '%s with a CVSS score of %d has the number %s, because the distribution determines the band',
    (severity, score, number) => {
      const cvss = [{ score }] as unknown as NonNullable<Report['findings'][number]['cves'][number]['cvss']>;
      const { tool } = runOf({ findings: [finding({ severity, cves: [{ id: 'CVE-2026-1', cvss }] })] });
      expect(tool.driver.rules?.[0]?.properties?.['security-severity']).toBe(number);
    },
  );

  it('keeps the fingerprint of a finding after an upgrade and a new tag, but not in another package', () => {
    const { target } = reportWith();
    const fingerprint = (parts: Partial<Report>): unknown => runOf(parts).results?.[0]?.partialFingerprints;
    const before = fingerprint({ findings: [finding()] });
    const findings = [finding({ version: '8', purl: 'pkg:deb/debian/curl@8?arch=amd64', layer: 0 })];
    expect(fingerprint({ findings, target: { ...target, reference: 'registry.test/team/app:2' } })).toEqual(before);
    expect(fingerprint({ findings: [finding({ package: 'libcurl4' })] })).not.toEqual(before);
    expect(runOf({}).automationDetails?.id).toBe('clair/registry.test/team/app/linux/amd64/');
  });

  it('locates a library at its paths, as relative references', () => {
    const owner = { type: 'deb', name: 'node-lodash', version: '4' };
    const library = libraryFindingOf({ paths: ['a b/ü:#/package.json', 'app.jar!/META-INF/x', 'c'] });
    const [result] = runOf({ findings: [library], packages: [packageOf(library, { owner })] }).results!;
    const uris = (locations: Location[] | undefined): unknown =>
      locations?.map(({ physicalLocation }) => physicalLocation?.artifactLocation?.uri);
    expect(uris(result?.locations)).toEqual(['a%20b/%C3%BC%3A%23/package.json']);
    expect(uris(result?.relatedLocations)).toEqual(['app.jar!/META-INF/x', 'c']);
    expect(result?.message.text).toContain(
      'Upgrade lodash 4.17.20 to 4.17.21. Found at a b/ü:#/package.json and 2 more.',
    );
    expect(result?.properties).toMatchObject({ paths: library.paths, owner });
  });

  it('keeps the fingerprint of a library after an upgrade, but not at another path', () => {
    const fingerprint = (version: string, path: string): unknown =>
      runOf({ findings: [libraryFindingOf({ version, paths: [path] })] }).results?.[0]?.partialFingerprints;
    const before = fingerprint('1.0', 'lib/idna-1.0.dist-info/METADATA');
    expect(fingerprint('1.1', 'lib/idna-1.1.dist-info/METADATA')).toEqual(before);
    expect(fingerprint('1.0', 'other/idna-1.0.dist-info/METADATA')).not.toEqual(before);
  });

  it('has a notification for each note, and no result', () => {
    const { results, invocations } = runOf({ notes: [noteOf()] });
    expect(results).toEqual([]);
    expect(invocations?.[0]?.toolExecutionNotifications?.[0]).toMatchObject({
      descriptor: { id: 'note' },
      level: 'note',
      message: { text: 'fxhash 0.2.1 is unmaintained: RUSTSEC-2025-0057, fxhash is no longer maintained' },
    });
  });

  it('marks suppressed results, and then has suppressions for all results', () => {
    const { results } = runOf({ findings: [finding()], suppressed: [suppressed()] });
    expect(results?.map(({ suppressions }) => suppressions?.map(({ status }) => status))).toEqual([[], ['accepted']]);
    expect(results?.[1]?.suppressions?.[0]?.justification).toBe(
      'Suppressed by the OpenVEX statement vex.json, statement 2 as vulnerable_code_not_in_execute_path: never called; by ada',
    );
    expect(runOf({ findings: [finding()] }).results?.[0]).not.toHaveProperty('suppressions');
  });

  it('is unsuccessful for an incomplete report, and has diagnostics, undetermined findings and the age of the data', () => {
    const [invocation] = runOf({ diagnostics: [INCOMPLETE], undecided: { count: 1, listed: [UNDECIDED] } })
      .invocations!;
    expect(invocation?.executionSuccessful).toBe(false);
    expect(invocation?.toolExecutionNotifications?.map(({ level, message }) => [level, message.text])).toEqual([
      ['error', 'feed-stale: debian was updated long ago (debian)'],
      ['note', 'debian has not decided whether CVE-2026-3 affects curl 7.88.1-10 (under-investigation).'],
      ['note', 'debian: updated 2026-01-02T00:00:00.000Z'],
    ]);
    expect(runOf({}).invocations?.[0]?.executionSuccessful).toBe(true);
  });

  it('escapes links and placeholders in a message', () => {
    const { results } = runOf({ findings: [finding({ package: 'a[b](1){0}' })] });
    expect(results?.[0]?.message.text).toMatch(/^a\\\[b\\\]\(1\)\{\{0\}\} /);
  });
});
