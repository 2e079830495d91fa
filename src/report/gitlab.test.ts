import { describe, expect, it } from 'vitest';
import type { CvssScore } from '../model/enrichment.ts';
import type { Report, ReportFinding } from '../model/report/report.ts';
import { SEVERITIES } from '../model/severity.ts';
import { gitlab } from './gitlab.ts';
import { libraryFindingOf, noteOf, packageOf } from './testing/report-builder.ts';
import { gitlabRules } from './testing/gitlab-rules.ts';
import { finding, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';

type Vulnerability = {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  readonly description: string;
  readonly solution: string;
  readonly identifiers: readonly object[];
  readonly cvss_vectors?: readonly object[];
  readonly flags?: readonly object[];
  readonly details: Readonly<Record<string, { readonly value?: string }>>;
  readonly location: { readonly image: string; readonly operating_system: string };
};

type Document = {
  readonly scan: { readonly status: string; readonly messages: readonly { level: string; value: string }[] };
  readonly vulnerabilities: readonly Vulnerability[];
};

const rules = gitlabRules();

function documentOf(text: string): Document {
  expect(rules(text)).toEqual([]);
  return JSON.parse(text) as Document;
}

const rendered = (parts: Partial<Report>): Document => documentOf(gitlab.render(reportWith(parts)));

function vulnerabilityOf(parts: Partial<ReportFinding>, of: Partial<Report> = {}): Vulnerability {
  return rendered({ findings: [finding(parts)], ...of }).vulnerabilities[0]!;
}

describe('a GitLab report', () => {
  it('has a vulnerability for each finding', () => {
    const { scan, vulnerabilities } = rendered({ findings: [finding({ aliases: ['GHSA-aaaa-bbbb-cccc'] })] });
    expect(scan).toMatchObject({
      status: 'success',
      start_time: '2026-01-02T03:04:05',
      end_time: '2026-01-02T03:04:05',
    });
    expect(vulnerabilities).toMatchObject([
      {
        name: 'CVE-2026-1',
        severity: 'High',
        description: 'What it is about.',
        solution: 'Upgrade curl to 7.88.1-11 or later.',
        identifiers: [
          { type: 'cve', value: 'CVE-2026-1', url: 'https://www.cve.org/CVERecord?id=CVE-2026-1' },
          { type: 'ghsa', value: 'GHSA-aaaa-bbbb-cccc', url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc' },
        ],
        links: [{ url: 'https://tracker.test/CVE-2026-1' }],
        location: {
          dependency: { package: { name: 'curl' }, version: '7.88.1-10' },
          operating_system: 'debian:12',
          image: 'registry.test/team/app:1',
        },
        details: { layer: { value: 'layer 1 (own instruction): RUN apt-get install curl' } },
      },
    ]);
  });

  it('maps each severity to the GitLab severities, and shows the original', () => {
    const severities = SEVERITIES.map((severity) => vulnerabilityOf({ severity }));
    expect(severities.map(({ severity, details }) => `${details['severity']?.value} ${severity}`)).toEqual([
      'Unknown Unknown',
      'Negligible Info',
      'Low Low',
      'Medium Medium',
      'High High',
      'Critical Critical',
      'Defcon1 Critical',
    ]);
  });

  it('has a finding in kernel headers as Info, unless it is included', () => {
    const report = reportWith({ findings: [finding({ class: 'kernel-headers' })] });
    const severityOf = (text: string): unknown => documentOf(text).vulnerabilities[0]?.severity;
    expect(severityOf(gitlab.render(report))).toBe('Info');
    expect(severityOf(gitlab.render(report, { include: ['kernel-headers'] }))).toBe('High');
  });

  it.each([
    ['an erratum', { id: 'RHSA-2026:1', cves: [{ id: 'CVE-1' }, { id: 'CVE-2' }] }, ['rhsa', 'cve', 'cve']],
    ['an advisory without a known prefix', { id: 'fix 7', aliases: ['', ' '], cves: [] }, ['clair']],
    ['a finding without a name', { id: '', cves: [] }, ['clair']],
    [
      'a finding with 40 names',
      { aliases: Array.from({ length: 40 }, (_, at) => `CVE-2026-${100 + at}`) },
      Array(20).fill('cve'),
    ],
  ])('has the best-known name as the first identifier: %s', (_, parts, types) => {
    expect(vulnerabilityOf(parts).identifiers.map((each) => (each as { type: string }).type)).toEqual(types);
  });

  it('keeps the ID of a finding with a new tag, and has a different ID for each package and platform', () => {
    const { target } = reportWith();
    const before = vulnerabilityOf({}).id;
    expect(
      vulnerabilityOf({ severity: 'Low' }, { target: { ...target, reference: 'registry.test/team/app:2' } }).id,
    ).toBe(before);
    expect(vulnerabilityOf({ purl: 'pkg:deb/debian/curl@8' }).id).not.toBe(before);
    expect(vulnerabilityOf({}, { target: { ...target, platform: 'linux/arm64' } }).id).not.toBe(before);
  });

  it.each([
    ['registry.test/team/app:1', 'registry.test/team/app:1'],
    ['registry.test:5000/app', 'registry.test:5000/app:latest'],
    [`registry.test/app:1@sha256:${'a'.repeat(64)}`, 'registry.test/app:1'],
    [`registry.test/app@sha256:${'a'.repeat(64)}`, `registry.test/app@sha256:${'a'.repeat(64)}`],
    ['', reportWith().target.digest],
  ])('names the image %j as %s, so that GitLab tracks findings across builds', (reference, image) => {
    const target = { ...reportWith().target, reference };
    expect(vulnerabilityOf({}, { target }).location.image).toBe(image);
  });

  it('has the image of the default branch', () => {
    const text = gitlab.render(reportWith({ findings: [finding()] }), { defaultBranchImage: `app:${'m'.repeat(300)}` });
    expect(documentOf(text).vulnerabilities[0]?.location).toMatchObject({
      default_branch_image: expect.stringMatching(/^app:m+…$/),
    });
  });

  it('has only CVSS 2 and 3 vectors, the primary vector first', () => {
    const score = { score: 7, source: 'nvd', type: 'primary', accessVector: 'network', complexity: 'low' } as const;
    const v2 = { ...score, version: '2.0', vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P', type: 'secondary' } as const;
    const v3 = { ...score, version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } as const;
    const v4 = {
      ...score,
      version: '4.0',
      vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
    } as const;
    const broken: CvssScore = { ...v3, vector: 'CVSS:3.1/AV:N' };
    const vectorsOf = (...cvss: readonly CvssScore[]): unknown =>
      vulnerabilityOf({ cves: [{ id: 'CVE-2026-1', cvss }] }).cvss_vectors;
    expect(vectorsOf(v2, v4, v3)).toEqual([v3, v2].map(({ vector }) => ({ vendor: 'nvd', vector })));
    expect(vectorsOf(v4, broken)).toBeUndefined();
  });

  it('omits findings that an ignore rule accepts and states how many, and flags findings that do not affect the image', () => {
    const accepted = { by: 'ignore', justification: null } as const;
    const { scan, vulnerabilities } = rendered({
      suppressed: [
        suppressed(accepted),
        suppressed(accepted, { id: 'CVE-2026-7' }),
        suppressed({}, { id: 'CVE-2026-8' }),
      ],
    });
    expect(vulnerabilities).toMatchObject([
      {
        name: 'CVE-2026-8',
        flags: [
          {
            type: 'flagged-as-likely-false-positive',
            description: expect.stringContaining('never called'),
          },
        ],
      },
    ]);
    expect(scan.messages).toContainEqual({ level: 'info', value: 'Ignore rules leave 2 findings out of this report.' });
  });

  it('flags Go findings whose code is not in the program', () => {
    const go = { type: 'golang', reachability: 'not-linked', reachabilityReason: 'No function is linked.' } as const;
    expect(vulnerabilityOf(go).flags).toMatchObject([{ description: 'No function is linked.' }]);
    expect(vulnerabilityOf({ ...go, reachability: 'linked' }).flags).toBeUndefined();
  });

  it.each([
    ['feed-stale', 'warn'],
    ['distribution-unknown', 'fatal'],
    ['namespace-without-data', 'fatal'],
    ['package-database-unreadable', 'fatal'],
  ] as const)('fails for an incomplete report with %s, as a message of level %s', (code, level) => {
    const { scan } = rendered({ diagnostics: [{ ...INCOMPLETE, code }] });
    expect(scan.status).toBe('failure');
    expect(scan.messages).toContainEqual({ level, value: `${code}: debian was updated long ago (debian)` });
  });

  it('has the summary, undecided findings, notes and the age of the data as messages', () => {
    const { scan, vulnerabilities } = rendered({ undecided: { count: 1, listed: [UNDECIDED] }, notes: [noteOf()] });
    expect(scan.status).toBe('success');
    expect(vulnerabilities).toEqual([]);
    expect(scan.messages.map(({ level, value }) => `${level} ${value}`)).toEqual([
      'info No findings; 1 undetermined.',
      'info debian has not decided whether CVE-2026-3 affects curl 7.88.1-10 (under-investigation).',
      'info fxhash 0.2.1 is unmaintained: RUSTSEC-2025-0057, fxhash is no longer maintained',
      'info debian: updated 2026-01-02T00:00:00.000Z',
    ]);
  });

  it.each([
    ['distribution-absent', false, 'none', 'success'],
    ['distribution-unknown', true, 'unknown', 'failure'],
  ] as const)(
    'states no operating system and keeps the libraries of an image with %s',
    (code, incomplete, word, status) => {
      const library = libraryFindingOf({ paths: ['a', 'b'] });
      const { scan, vulnerabilities } = rendered({
        distribution: null,
        findings: [library],
        packages: [packageOf(library, { owner: { type: 'deb', name: 'node-lodash', version: '4' } })],
        diagnostics: [{ code, message: 'none was found', where: '', incomplete }],
      });
      expect(scan.status).toBe(status);
      expect(vulnerabilities).toMatchObject([
        {
          location: { operating_system: word },
          details: { owner: { value: 'deb node-lodash 4' }, paths: { items: [{ value: 'a' }, { value: 'b' }] } },
        },
      ]);
    },
  );

  it('is one document for all platforms, with the platform of each finding and message', () => {
    const { target } = reportWith();
    const arm = { ...target, platform: 'linux/arm64' };
    const reports = [
      reportWith({ findings: [finding()] }),
      reportWith({ findings: [finding()], target: arm, diagnostics: [INCOMPLETE] }),
    ];
    const { scan, vulnerabilities } = documentOf(gitlab.renderAll(reports));
    expect(vulnerabilities.map(({ details }) => details['platform']?.value)).toEqual(['linux/amd64', 'linux/arm64']);
    expect(new Set(vulnerabilities.map(({ id }) => id)).size).toBe(2);
    expect(scan).toMatchObject({ status: 'failure' });
    expect(scan.messages.filter(({ value }) => value.startsWith('linux/arm64: '))).not.toEqual([]);
  });

  it('cuts texts at the limits of the schema', () => {
    const [longName, longDescription, longSolution] = [256, 1_048_577, 7001].map((length) => 'x'.repeat(length));
    const { name, description, solution } = vulnerabilityOf({
      id: longName!,
      description: longDescription!,
      fixedIn: longSolution!,
    });
    expect([name, description, solution].map(({ length }) => length)).toEqual([255, 1_048_576, 7000]);
  });

  it.each([
    ['@admin !1 #2 &3 $4 %5 ^6 ~bug', '\\@admin \\!1 \\#2 \\&3 \\$4 \\%5 \\^6 \\~bug'],
    ['![x](http://a.test) <b>', '\\!\\[x\\](http://a.test) \\<b\\>'],
    ['- a\n# b\n1. c\n    code\n===', '\\- a\n\\# b\n1\\. c\ncode\n\\==='],
    ['curl 1:7.88.1-10~deb12u1 in /usr/lib/a_b', 'curl 1:7.88.1-10~deb12u1 in /usr/lib/a_b'],
  ])('escapes the GitLab Markdown: %j', (description, escaped) => {
    expect(vulnerabilityOf({ description }).description).toBe(escaped);
  });
});
