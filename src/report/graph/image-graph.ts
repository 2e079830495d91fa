import type { Match } from '../../model/report/match.ts';
import type { FeatureChange } from '../../model/layer.ts';
import { archOf, type Feature, type SystemPackage, sourceOf } from '../../model/feature.ts';
import type { Report, ReportLayer, ReportFinding } from '../../model/report/report.ts';
import { type PackageKind, packageKindOf } from '../../model/package-kind.ts';
import type { Severity } from '../../model/severity.ts';
import { type GraphLine, versionLines } from './version-lines.ts';

/**
 * An image as a graph. The graph contains the layers, with the packages that each layer adds and removes, and the
 * version lines from 0 to ∞, on which packages are points and vulnerabilities are intervals. New versions may add
 * fields, but not change or remove fields.
 */
export type ImageGraph = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly schemaVersion: 2;
  /** The layers, base first. */
  readonly layers: readonly GraphLayer[];
  /** The version lines, sorted by namespace and name. */
  readonly lines: readonly GraphLine[];
};

export type GraphLayer = Pick<ReportLayer, 'index' | 'createdBy' | 'origin' | 'size'> & {
  readonly added: readonly GraphPackage[];
  readonly removed: readonly GraphPackage[];
  /** The findings of this layer that the layer below does not have, worst first. */
  readonly brings: readonly GraphFinding[];
  /** The findings of the layer below that this layer does not have. */
  readonly repairs: readonly GraphFinding[];
};

export type GraphPackage = Pick<Feature, 'type'> & Pick<SystemPackage, 'name' | 'version' | 'arch' | 'source'>;

export type GraphFinding = Pick<
  ReportFinding,
  'id' | 'namespace' | 'severity' | 'status' | 'package' | 'version' | 'fixedIn'
> & {
  /** Whether a rule suppresses the finding in the image. */
  readonly isSuppressed: boolean;
};

/** The report of an image, and the changes and the matches of the image as lists with an item per layer, base first. */
export type GraphQuestion = {
  readonly report: Report;
  readonly changes: readonly (readonly FeatureChange[])[];
  readonly matches: readonly (readonly Match[])[];
};

/** The parts of an image to draw. If no field is set, the whole image is drawn. */
export type GraphFilter = {
  /** The names of packages or of their source packages. */
  readonly packages?: readonly string[];
  readonly severities?: readonly Severity[];
  /** The kinds of packages to draw vulnerabilities for. */
  readonly kinds?: readonly PackageKind[];
};

/** Returns the graph of an image: the packages and findings that each layer adds and removes, and the version lines. */
export function imageGraph({ report, changes, matches }: GraphQuestion, filter: GraphFilter = {}): ImageGraph {
  const { target, distribution, diagnostics } = report;
  const suppressed = new Set(report.suppressed.map(suppressedKey));
  const wantedChanges = changes.map((of) => of.filter(({ feature: each }) => isWanted(each, filter)));
  const wantedMatches = matches.map((of) =>
    of.filter((match) => isWanted(match.feature, filter) && isShown(match, filter)),
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

function isShown({ severity, feature }: Match, { severities, kinds }: GraphFilter): boolean {
  return (
    (severities === undefined || severities.includes(severity)) &&
    (kinds === undefined || kinds.includes(packageKindOf(feature)))
  );
}

function packagesOf(changes: readonly FeatureChange[] | undefined, wanted: 1 | -1): readonly GraphPackage[] {
  return (changes ?? [])
    .filter(({ change }) => change === wanted)
    .map(({ feature: of }) => ({
      type: of.type,
      name: of.name,
      version: of.version,
      arch: archOf(of),
      source: sourceOf(of),
    }));
}

/**
 * Returns the matches that are not in `others`, regardless of the package version, so that an upgrade to another
 * vulnerable version neither adds nor fixes a finding.
 */
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
  return JSON.stringify([vulnerability.name, of.type, of.name, archOf(of)]);
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
