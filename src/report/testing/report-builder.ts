import { NO_REACHABILITY } from '../../model/report/finding-reachability.ts';
import { reportCounts } from '../../model/report/finding-counts.ts';
import type {
  Report,
  ReportFinding,
  ReportLayer,
  ReportNote,
  ReportPackage,
  ReportSuppression,
} from '../../model/report/report.ts';

/** Returns a fixable finding of CVE-1 in curl, in layer 0. */
export function findingOf(parts: Partial<ReportFinding> = {}): ReportFinding {
  const { id = 'CVE-1', package: name = 'curl', version = '1', link = 'https://x.test' } = parts;
  return {
    id,
    aliases: [],
    cves: id.startsWith('CVE-') ? [{ id }] : [],
    namespace: 'debian:12',
    severity: 'High',
    severityFrom: 'feed',
    status: 'fixed',
    risk: 50,
    class: 'package',
    type: 'deb',
    package: name,
    version,
    purl: `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-12`,
    candidates: [],
    paths: [],
    source: { name, version },
    fixedIn: '2',
    layer: 0,
    link,
    links: [link],
    description: 'words',
    ...NO_REACHABILITY,
    ...parts,
  };
}

/** Returns a fixable finding in the npm package lodash, at a single path. */
export function libraryFindingOf(parts: Partial<ReportFinding> = {}): ReportFinding {
  const { package: name = 'lodash', version = '4.17.20' } = parts;
  return findingOf({
    namespace: 'npm',
    type: 'npm',
    package: name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    paths: [`app/node_modules/${name}/package.json`],
    fixedIn: '4.17.21',
    ...parts,
  });
}

export function packageOf(finding: ReportFinding, parts: Partial<ReportPackage> = {}): ReportPackage {
  const { namespace, package: name, version, type, purl, source, paths, candidates, layer } = finding;
  const unowned = { flags: [], owner: null };
  return { namespace, name, version, arch: '', type, purl, source, paths, candidates, ...unowned, layer, ...parts };
}

/** Returns a note about the end of maintenance of the crate fxhash. */
export function noteOf(parts: Partial<ReportNote> = {}): ReportNote {
  return {
    kind: 'unmaintained',
    id: 'RUSTSEC-2025-0057',
    namespace: 'crates.io',
    type: 'cargo',
    package: 'fxhash',
    version: '0.2.1',
    purl: 'pkg:cargo/fxhash@0.2.1',
    paths: ['usr/bin/app'],
    layer: 0,
    link: 'https://x.test',
    description: 'fxhash is no longer maintained\n\nMore words.',
    ...parts,
  };
}

/** A suppression in which all optional fields are null. */
export const SUPPRESSION: ReportSuppression = {
  by: 'ignore',
  where: 'f',
  justification: null,
  reason: 'r',
  author: null,
  expires: null,
};

/** Returns a layer with digests derived from its index. */
export function layerOf(index: number, parts: Partial<ReportLayer> = {}): ReportLayer {
  const digest = `sha256:${String(index).repeat(64)}`;
  const facts = { origin: 'unknown', size: null, packagesAdded: 1, packagesRemoved: 0, unknownExecutables: 0 } as const;
  return { index, digest, diffId: digest, createdBy: `RUN step-${index}`, ...facts, ...parts };
}

/** Returns a report of `image:1` with the Debian feed and without findings. */
export function reportOf(parts: Partial<Report> = {}): Report {
  return {
    schemaVersion: 2,
    createdAt: '2026-01-02T03:05:05.000Z',
    clairVersion: '1.2.3',
    target: { kind: 'oci', reference: 'image:1', digest: `sha256:${'f'.repeat(64)}`, platform: 'linux/amd64' },
    distribution: { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' },
    contentSets: [],
    layers: [],
    layersVerified: true,
    packages: [],
    findings: [],
    counts: reportCounts(parts.findings ?? []),
    suppressed: [],
    undecided: { count: 0, listed: [] },
    notes: [],
    coverage: [{ namespace: 'debian:12', packages: 1, feeds: ['debian'] }],
    feeds: [DEBIAN],
    diagnostics: [],
    ...parts,
  };
}

/** The feed of {@link reportOf}. */
export const DEBIAN: Report['feeds'][number] = {
  name: 'debian',
  updatedAt: '2026-01-02T03:04:05.000Z',
  attemptedAt: '2026-01-02T03:04:05.000Z',
  ageSeconds: 60,
  isStale: false,
  error: null,
  refused: null,
  fingerprint: null,
  vulnerabilities: 7,
  recordDiagnostics: 0,
  skippedRecords: 0,
  isUsed: true,
  listsFixedOnly: false,
};
