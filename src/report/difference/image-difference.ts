import type { Report, ReportLayer, ReportPackage, ReportFinding } from '../../model/report/report.ts';
import { sortedFindings } from '../../model/report/finding-order.ts';
import { type FindingFilter, isShown } from '../image/finding-filter.ts';
import { pairsOf } from './pairs.ts';

/**
 * The difference between two images in packages and findings. New versions may add fields, but not change or remove
 * fields.
 */
export type ImageDifference = {
  readonly schemaVersion: 2;
  readonly before: ComparedImage;
  readonly after: ComparedImage;
  /** The number of equal layers, counted from the base. */
  readonly sharedLayers: number;
  readonly packages: {
    readonly added: readonly ReportPackage[];
    readonly removed: readonly ReportPackage[];
    readonly changed: readonly PackageDifference[];
  };
  readonly findings: {
    readonly added: readonly AddedFinding[];
    readonly removed: readonly RemovedFinding[];
    readonly changed: readonly FindingDifference[];
    /**
     * The number of findings that both images have with the same severity, status and fix, possibly for different
     * versions of the package.
     */
    readonly unchanged: number;
    /** The number of added, removed and changed findings that a filter hides; absent if no finding is hidden. */
    readonly hidden?: number;
  };
};

/** An image in a comparison, with its diagnostics. */
export type ComparedImage = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly layers: readonly Pick<ReportLayer, 'index' | 'diffId' | 'createdBy' | 'origin'>[];
};

export type PackageDifference = Pick<ReportPackage, 'name' | 'arch' | 'type'> & {
  readonly before: Placed;
  readonly after: Placed;
};

type Placed = Pick<ReportPackage, 'version' | 'layer' | 'paths'>;

/** A finding that only the second image has, with the reason why the first image does not have the finding. */
export type AddedFinding = ReportFinding & {
  readonly cause: 'package-added' | 'package-changed' | 'no-longer-suppressed' | 'other-data';
};

/** A finding that only the first image has, with the reason why the second image does not have the finding. */
export type RemovedFinding = ReportFinding & {
  readonly cause: 'package-removed' | 'package-changed' | 'suppressed' | 'other-data';
};

/** A finding that both images have, but with a different severity, status or fix. */
export type FindingDifference = { readonly before: ReportFinding; readonly after: ReportFinding };

/**
 * Compares two images by their reports, which must use the same data. Packages are equal if their name, architecture
 * and type are equal. If an image has several versions of a package, equal versions are paired first, and then the
 * other versions in order. Findings are equal if they share a name, the release and the package. The identifiers of
 * equal findings can differ, because the identifier depends on the advisories that match a version.
 */
export function differenceOf(before: Report, after: Report): ImageDifference {
  return {
    schemaVersion: 2,
    before: compared(before),
    after: compared(after),
    sharedLayers: sharedLayers(before, after),
    packages: packageDifferences(before, after),
    findings: findingDifferences(before, after),
  };
}

/**
 * Returns the difference with only the findings that the filter shows; a changed finding is shown if the filter shows
 * either side.
 */
export function filteredDifference(difference: ImageDifference, filter: FindingFilter): ImageDifference {
  const { added, removed, changed, unchanged } = difference.findings;
  const shown = {
    added: added.filter((finding) => isShown(finding, filter)),
    removed: removed.filter((finding) => isShown(finding, filter)),
    changed: changed.filter(({ before, after }) => isShown(before, filter) || isShown(after, filter)),
  };
  const hidden =
    added.length - shown.added.length + removed.length - shown.removed.length + changed.length - shown.changed.length;
  return hidden === 0 ? difference : { ...difference, findings: { ...shown, unchanged, hidden } };
}

function compared({ target, distribution, diagnostics, layers }: Report): ComparedImage {
  return {
    target,
    distribution,
    diagnostics,
    layers: layers.map(({ index, diffId, createdBy, origin }) => ({ index, diffId, createdBy, origin })),
  };
}

function sharedLayers(before: Report, after: Report): number {
  const differs = before.layers.findIndex(({ diffId }, index) => after.layers[index]?.diffId !== diffId);
  return differs === -1 ? before.layers.length : differs;
}

function packageDifferences(before: Report, after: Report): ImageDifference['packages'] {
  const pairs = pairsOf(before.packages, after.packages, packageKey, ({ version }) => version);
  return {
    added: pairs.added,
    removed: pairs.removed,
    changed: pairs.both
      .filter(([one, other]) => one.version !== other.version)
      .map(([one, other]) => ({
        name: one.name,
        arch: one.arch,
        type: one.type,
        before: placed(one),
        after: placed(other),
      })),
  };
}

function placed({ version, layer, paths }: ReportPackage): Placed {
  return { version, layer, paths };
}

function packageKey({ name, arch, type }: ReportPackage): string {
  return JSON.stringify([type, name, arch]);
}

function findingDifferences(before: Report, after: Report): ImageDifference['findings'] {
  const findingKey = findingKeys(after);
  const pairs = pairsOf(before.findings, after.findings, findingKey, ({ version }) => version);
  const changed = pairs.both.filter(([one, other]) => isOther(one, other));
  return {
    added: sortedFindings(
      pairs.added.map((finding) => ({ ...finding, cause: causeOf(finding, before, findingKey, 'added') })),
      'risk',
    ),
    removed: sortedFindings(
      pairs.removed.map((finding) => ({ ...finding, cause: causeOf(finding, after, findingKey, 'removed') })),
      'risk',
    ),
    changed: changed.map(([one, other]) => ({ before: one, after: other })),
    unchanged: pairs.both.length - changed.length,
  };
}

type FindingKey = (finding: ReportFinding) => string;

/**
 * Returns a function that maps all findings of a vulnerability in a package to the same key, regardless of the
 * identifiers of the findings.
 */
function findingKeys({ findings, suppressed }: Report): FindingKey {
  const keys = new Map<string, string>();
  for (const finding of [...findings, ...suppressed]) {
    for (const name of [finding.id, ...finding.aliases]) keys.set(nameKey(finding, name), nameKey(finding, finding.id));
  }
  return (finding) => {
    const known = [finding.id, ...finding.aliases].find((name) => keys.has(nameKey(finding, name)));
    const key = nameKey(finding, known ?? finding.id);
    return keys.get(key) ?? key;
  };
}

function nameKey({ namespace, package: of, purl }: ReportFinding, name: string): string {
  // Only the package URL contains the architecture of a package.
  return JSON.stringify([name, namespace, of, /[?&]arch=([^&]*)/.exec(purl)?.[1] ?? '']);
}

function isOther(one: ReportFinding, other: ReportFinding): boolean {
  return one.severity !== other.severity || one.status !== other.status || one.fixedIn !== other.fixedIn;
}

function causeOf(finding: ReportFinding, other: Report, findingKey: FindingKey, what: 'added'): AddedFinding['cause'];
function causeOf(
  finding: ReportFinding,
  other: Report,
  findingKey: FindingKey,
  what: 'removed',
): RemovedFinding['cause'];
function causeOf(
  finding: ReportFinding,
  { suppressed, packages }: Report,
  findingKey: FindingKey,
  what: 'added' | 'removed',
): AddedFinding['cause'] | RemovedFinding['cause'] {
  const key = findingKey(finding);
  if (suppressed.some((each) => findingKey(each) === key)) {
    return what === 'added' ? 'no-longer-suppressed' : 'suppressed';
  }
  const same = packages.filter(({ name }) => name === finding.package);
  if (same.length === 0) return what === 'added' ? 'package-added' : 'package-removed';
  return same.some(({ version }) => version === finding.version) ? 'other-data' : 'package-changed';
}
