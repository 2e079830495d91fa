import fc from 'fast-check';
import { ANY_CHARACTER } from '../../../test/fixtures/any-text.ts';
import { NO_REACHABILITY } from '../../model/report/finding-reachability.ts';
import { reportCounts } from '../../model/report/finding-counts.ts';
import { systemPurl } from '../../ecosystems/system-purl.ts';
import type {
  Report,
  ReportSuppression,
  ReportUndecided,
  ReportFinding,
  SuppressedFinding,
} from '../../model/report/report.ts';
import { REACHABILITIES } from '../../model/reachability.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { STATUSES } from '../../model/advisories/status.ts';
import { deb, digestOf } from '../../database/testing/packages.ts';
import { DEBIAN, packageOf } from './report-builder.ts';

/** Returns a fixable finding in curl on debian:12. */
export function finding(parts: Partial<ReportFinding> = {}): ReportFinding {
  return {
    id: 'CVE-2026-1',
    aliases: [],
    cves: [{ id: 'CVE-2026-1' }],
    namespace: 'debian:12',
    severity: 'High',
    severityFrom: 'feed',
    class: 'package',
    type: 'deb',
    status: 'fixed',
    risk: 50,
    package: 'curl',
    version: '7.88.1-10',
    purl: 'pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12',
    candidates: [],
    paths: [],
    source: { name: 'curl', version: '7.88.1-10' },
    fixedIn: '7.88.1-11',
    layer: 1,
    link: 'https://tracker.test/CVE-2026-1',
    links: [parts.link ?? 'https://tracker.test/CVE-2026-1'],
    description: 'What it is about.',
    ...NO_REACHABILITY,
    ...parts,
  };
}

export function suppressed(
  rule: Partial<ReportSuppression> = {},
  parts: Partial<ReportFinding> = {},
): SuppressedFinding {
  const suppression: ReportSuppression = {
    by: 'openvex',
    where: 'vex.json, statement 2',
    justification: 'vulnerable_code_not_in_execute_path',
    reason: 'never called',
    author: 'ada',
    expires: null,
    ...rule,
  };
  return { ...finding({ id: 'CVE-2026-2', ...parts }), suppression };
}

/** An undetermined finding in curl. */
export const UNDECIDED: ReportUndecided = {
  id: 'CVE-2026-3',
  reportedBy: 'debian',
  namespace: 'debian:12',
  status: 'under-investigation',
  package: 'curl',
  version: '7.88.1-10',
  purl: finding().purl,
  source: finding().source,
  layer: 1,
};

/** A diagnostic that makes the report incomplete. */
export const INCOMPLETE = {
  code: 'feed-stale',
  message: 'debian was updated long ago',
  where: 'debian',
  incomplete: true,
} as const;

/** Returns a report of an image with two layers that contain curl and bash, by default without findings. */
export function reportWith(parts: Partial<Report> = {}): Report {
  const layer = { diffId: digestOf('d'), size: 1234, packagesAdded: 1, packagesRemoved: 0, unknownExecutables: 0 };
  return {
    schemaVersion: 2,
    createdAt: '2026-01-02T03:04:05.678Z',
    clairVersion: '1.2.3',
    target: {
      kind: 'registry',
      reference: 'registry.test/team/app:1',
      digest: digestOf('a'),
      platform: 'linux/amd64',
    },
    distribution: { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' },
    contentSets: [],
    layers: [
      { ...layer, index: 0, digest: digestOf('0'), createdBy: 'ADD rootfs.tar /', origin: 'base' },
      { ...layer, index: 1, digest: digestOf('1'), createdBy: 'RUN apt-get install curl', origin: 'own' },
    ],
    layersVerified: true,
    packages: [
      {
        namespace: 'debian:12',
        name: 'bash',
        version: '5.2-1',
        arch: 'amd64',
        type: 'deb',
        purl: 'pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12',
        source: { name: 'bash', version: '5.2-1' },
        paths: [],
        flags: [],
        candidates: [],
        owner: null,
        layer: 0,
      },
      {
        namespace: 'debian:12',
        name: 'curl',
        version: '7.88.1-10',
        arch: 'amd64',
        type: 'deb',
        purl: finding().purl,
        source: finding().source,
        paths: [],
        flags: [],
        candidates: [],
        owner: null,
        layer: 1,
      },
    ],
    findings: [],
    counts: reportCounts(parts.findings ?? []),
    suppressed: [],
    undecided: { count: 0, listed: [] },
    notes: [],
    coverage: [{ namespace: 'debian:12', packages: 2, feeds: ['debian'] }],
    feeds: [{ ...DEBIAN, updatedAt: '2026-01-02T00:00:00.000Z', attemptedAt: '2026-01-02T00:00:00.000Z' }],
    diagnostics: [],
    ...parts,
  };
}

/** Hostile and unusual texts that formats must escape, replace or shorten. */
export const HOSTILE: readonly string[] = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  ']]><x/>&amp;&#0;&unknown;<!--',
  'a|b\\|c`d``e~~~',
  '![x](javascript:alert(1)) [l](http://evil.test) @everyone #1 www.evil.test http://evil.test',
  '{0} {{1}} [link](2) \\',
  '\u202Egnp.exe\u2066\u2069',
  'null\u0000bell\u0007escape\u001B[2J\u0085\u2028\u2029',
  'half \uD800 and \uDFFF, none \uFFFE\uFFFF',
  'line\nbreak\r\nand\ttab',
  '  blanks  ',
  '',
  '%zz%00%',
  'javascript:alert(1)',
  'https://user:password@evil.test/|^[]{}"<>`#a#b',
  '😀'.repeat(300),
  'x'.repeat(3000),
];

/** Returns a report with hostile text in every field that an image or feed can control. */
export function hostileReport(): Report {
  const hostile = HOSTILE.map((text) => hostileFinding(text));
  const base = reportWith();
  return {
    ...base,
    target: { kind: 'docker-archive', reference: HOSTILE[0]!, digest: digestOf('a'), platform: HOSTILE[1]! },
    distribution: { id: HOSTILE[0]!, version: HOSTILE[17]!, namespace: HOSTILE[4]!, prettyName: HOSTILE[2]! },
    layers: HOSTILE.map((createdBy, index) => ({ ...base.layers[0]!, index, createdBy, size: null })),
    packages: hostile.map((each, index) => ({
      ...packageOf(each),
      arch: each.version,
      ...(index % 2 === 0 && { flags: ['dev'] }),
      owner: { type: each.version, name: each.package, version: null },
    })),
    findings: hostile,
    suppressed: HOSTILE.map((text, index) => ({
      ...hostileFinding(text),
      suppression: {
        by: 'ignore',
        where: text,
        justification: index % 2 === 0 ? text : null,
        reason: text,
        author: text,
        expires: '2026-01-01',
      },
    })),
    notes: hostile.map((each) => ({ ...each, kind: 'unsound' })),
    undecided: {
      count: HOSTILE.length,
      listed: HOSTILE.map((text) => ({ ...UNDECIDED, ...hostileFinding(text), reportedBy: text })),
    },
    diagnostics: HOSTILE.map((text) => ({ ...INCOMPLETE, message: text, where: text })),
    feeds: HOSTILE.map((text) => ({ ...base.feeds[0]!, name: text, error: text })),
  };
}

function hostileFinding(text: string): ReportFinding {
  const source = { name: text, version: text };
  const isLibrary = text.length % 2 === 0;
  return finding({
    id: text,
    type: isLibrary ? 'npm' : 'deb',
    paths: isLibrary ? [text, `a/${text}`] : [],
    candidates: isLibrary ? [text, 'a:b'] : [],
    cves: [{ id: text, cvss: [], epss: { score: 0.5 }, kev: { added: text } }],
    namespace: text,
    package: text,
    version: text,
    purl: purlOf(text, text),
    source,
    fixedIn: text,
    link: text,
    description: text,
    reachability: 'not-linked',
    reachabilityBasis: 'package',
    reachabilityReason: text,
  });
}

/** Returns a valid package URL. Replaces an empty name and lone surrogates, which package URLs do not permit. */
function purlOf(name: string, version: string): string {
  const [known = '', of = ''] = [name, version].map((text) => text.replace(/\p{Cs}/gu, '?'));
  return systemPurl(deb(known.trim() || 'x', of), { id: 'debian', namespace: 'debian:12', version: '12' });
}

/** Generates small reports with usual and hostile texts. */
export function reports(): fc.Arbitrary<Report> {
  const index = fc.nat({ max: 3 });
  const suppression = fc.record({
    by: fc.constantFrom<ReportSuppression['by']>('ignore', 'openvex', 'csaf'),
    where: text,
    justification: fc.option(fc.oneof(text, fc.constant('component_not_present'))),
    reason: text,
    author: fc.option(text),
    expires: fc.option(fc.constant('2026-12-31')),
  });
  const ruledOut = fc.record({ finding: findings(index), suppression });
  return fc
    .record({
      kind: fc.constantFrom('docker-archive', 'oci', 'oci-archive', 'rootfs', 'registry'),
      reference: text,
      platform: fc.oneof(text, fc.constant('linux/arm/v7')),
      hasDistribution: fc.boolean(),
      namespace: text,
      layers: fc.array(fc.record({ createdBy: text, size: fc.option(fc.nat()) }), { maxLength: 4 }),
      packages: fc.array(findings(index), { maxLength: 5 }),
      found: fc.array(findings(index), { maxLength: 5 }),
      ruledOut: fc.array(ruledOut, { maxLength: 3 }),
      undecided: fc.array(findings(index), { maxLength: 3 }),
      diagnostics: fc.array(fc.record({ message: text, where: text, incomplete: fc.boolean() }), { maxLength: 3 }),
      source: fc.record({
        isStale: fc.boolean(),
        error: fc.option(text),
        isUsed: fc.boolean(),
        listsFixedOnly: fc.boolean(),
      }),
    })
    .map((drawn): Report => {
      const base = reportWith();
      const { kind, reference, platform, namespace } = drawn;
      return {
        ...base,
        target: { kind, reference, digest: digestOf('a'), platform },
        distribution: drawn.hasDistribution ? { ...base.distribution!, namespace, prettyName: namespace } : null,
        layers: drawn.layers.map((layer, at) => ({ ...base.layers[0]!, ...layer, index: at, origin: 'unknown' })),
        packages: [...drawn.packages, ...drawn.found].map((each) => ({
          ...packageOf(each),
          namespace,
          owner: each.fixedIn === null ? null : { type: 'deb', name: each.fixedIn, version: each.version },
        })),
        notes: drawn.packages.map((each) => ({ ...each, kind: 'notice' })),
        findings: drawn.found,
        suppressed: drawn.ruledOut.map((each) => ({ ...each.finding, suppression: each.suppression })),
        undecided: {
          count: drawn.undecided.length,
          listed: drawn.undecided.map((each) => ({ ...UNDECIDED, ...each, reportedBy: each.namespace })),
        },
        diagnostics: drawn.diagnostics.map((diagnostic) => ({ code: INCOMPLETE.code, ...diagnostic })),
        feeds: base.feeds.map((source) => ({ ...source, ...drawn.source })),
      };
    });
}

const text = fc.oneof(
  fc.constantFrom('curl', 'CVE-2026-1', '1.0-1', 'debian:12', 'https://tracker.test/1'),
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: ANY_CHARACTER, maxLength: 20 }),
);

function findings(layer: fc.Arbitrary<number>): fc.Arbitrary<ReportFinding> {
  return fc
    .record({
      type: fc.constantFrom('deb', 'npm', 'golang'),
      class: fc.constantFrom('package', 'malicious'),
      paths: fc.array(text, { maxLength: 3 }),
      candidates: fc.array(text, { maxLength: 2 }),
      name: text,
      version: text,
      id: text,
      namespace: text,
      severity: fc.constantFrom(...SEVERITIES),
      status: fc.constantFrom(...STATUSES),
      risk: fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10),
      sourceName: text,
      fixedIn: fc.option(text),
      layer,
      link: text,
      description: text,
      cvss: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
      epss: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      exploited: fc.boolean(),
      reachability: fc.option(fc.constantFrom(...REACHABILITIES)),
      reachabilityReason: fc.option(text),
    })
    .map(({ name, version, sourceName, cvss, epss, exploited, ...facts }) =>
      finding({
        ...facts,
        package: name,
        version,
        purl: purlOf(name, version),
        source: { name: sourceName, version },
        cves: [
          {
            id: facts.id,
            ...(cvss !== null && { cvss: [{ ...SCORE, score: cvss }] }),
            ...(epss !== null && { epss: { score: epss } }),
            ...(exploited && { kev: {} }),
          },
        ],
      }),
    );
}

const SCORE = {
  version: '3.1',
  vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  source: 'nvd',
  type: 'primary',
  accessVector: 'network',
  complexity: 'low',
} as const;
