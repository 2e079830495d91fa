import type { Match } from '../../model/report/match.ts';
import type { FeatureChange } from '../../model/layer.ts';
import { archOf, type Feature, type SystemPackage, sourceOf } from '../../model/feature.ts';
import type { Report, ReportLayer, ReportFinding } from '../../model/report/report.ts';
import { type Severity, severityRank } from '../../model/severity.ts';
import { type GraphLine, versionLines } from './version-lines.ts';

/**
 * An image as the graph that Clair's idea is: its layers, what each adds and removes, and the lines of versions, from 0 to ∞,
 * on which packages are points and vulnerabilities intervals. Fields may only be added.
 */
export type ImageGraph = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly schemaVersion: 2;
  /** Base first. */
  readonly layers: readonly GraphLayer[];
  /** By namespace and name. */
  readonly lines: readonly GraphLine[];
};

export type GraphLayer = Pick<ReportLayer, 'index' | 'createdBy' | 'origin' | 'size'> & {
  readonly added: readonly GraphPackage[];
  readonly removed: readonly GraphPackage[];
  /** The findings that this layer has and the one below has not, the worst first. */
  readonly brings: readonly GraphFinding[];
  /** Those that the layer below has and this one has not. */
  readonly repairs: readonly GraphFinding[];
};

export type GraphPackage = Pick<SystemPackage, 'name' | 'version' | 'arch' | 'source'>;

export type GraphFinding = Pick<
  ReportFinding,
  'id' | 'namespace' | 'severity' | 'status' | 'package' | 'version' | 'fixedIn'
> & {
  /** Whether a rule takes it out of the findings of the whole image. */
  readonly isSuppressed: boolean;
};

/** What the store answers about an image, beside its report; one list for each layer, base first. */
export type GraphQuestion = {
  readonly report: Report;
  readonly changes: readonly (readonly FeatureChange[])[];
  readonly matches: readonly (readonly Match[])[];
};

/** What of an image is wanted; all of it when absent. */
export type GraphFilter = {
  /** Names of packages or of their source packages. */
  readonly packages?: readonly string[];
  /** Vulnerabilities as severe as that, or worse. */
  readonly severity?: Severity;
};

/** Makes the graph of an image from what the store answers. */
export function imageGraph({ report, changes, matches }: GraphQuestion, filter: GraphFilter = {}): ImageGraph {
  const { target, distribution, diagnostics } = report;
  const suppressed = new Set(report.suppressed.map(suppressedKey));
  const wantedChanges = changes.map((of) => of.filter(({ feature: each }) => isWanted(each, filter)));
  const wantedMatches = matches.map((of) =>
    of.filter((match) => isWanted(match.feature, filter) && isSevere(match.severity, filter)),
  );
  return {
    schemaVersion: 2,
    target,
    distribution,
    layers: report.layers.map(({ index, createdBy, origin, size }) => {
      const [here, below] = [wantedMatches[index] ?? [], wantedMatches[index - 1] ?? []];
      return {
        index,
        createdBy,
        origin,
        size,
        added: packagesOf(wantedChanges[index], 1),
        removed: packagesOf(wantedChanges[index], -1),
        brings: without(here, below).map((match) => findingOf(match, suppressed)),
        repairs: without(below, here).map((match) => findingOf(match, suppressed)),
      };
    }),
    lines: versionLines(wantedChanges, wantedMatches),
    diagnostics,
  };
}

function isWanted(of: Feature, { packages }: GraphFilter): boolean {
  return packages === undefined || packages.includes(of.name) || packages.includes(sourceOf(of).name);
}

function isSevere(severity: Severity, { severity: least }: GraphFilter): boolean {
  return least === undefined || severityRank(severity) >= severityRank(least);
}

function packagesOf(changes: readonly FeatureChange[] | undefined, wanted: 1 | -1): readonly GraphPackage[] {
  return (changes ?? [])
    .filter(({ change }) => change === wanted)
    .map(({ feature: of }) => ({ name: of.name, version: of.version, arch: archOf(of), source: sourceOf(of) }));
}

/** An upgrade that leaves a package vulnerable brings nothing and repairs nothing. */
function without(matches: readonly Match[], others: readonly Match[]): readonly Match[] {
  const seen = new Set(others.map(matchKey));
  return matches.filter((match) => {
    const key = matchKey(match);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function matchKey({ vulnerability, feature: of }: Match): string {
  return JSON.stringify([vulnerability.name, of.name, archOf(of)]);
}

function suppressedKey({ id, package: name, version }: Pick<ReportFinding, 'id' | 'package' | 'version'>): string {
  return JSON.stringify([id, name, version]);
}

function findingOf({ vulnerability, feature: of, ...match }: Match, suppressed: ReadonlySet<string>): GraphFinding {
  return {
    id: vulnerability.name,
    namespace: match.namespace,
    severity: match.severity,
    status: match.status,
    package: of.name,
    version: of.version,
    fixedIn: match.fixed,
    isSuppressed: suppressed.has(suppressedKey({ id: vulnerability.name, package: of.name, version: of.version })),
  };
}
