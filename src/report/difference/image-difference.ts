import type { Report, ReportLayer, ReportPackage, ReportFinding } from '../../model/report/report.ts';
import { sortedFindings } from '../../model/report/finding-order.ts';
import { pairsOf } from './pairs.ts';

/** What one image has that another one has not. Fields may only be added. */
export type ImageDifference = {
  readonly schemaVersion: 2;
  readonly before: ComparedImage;
  readonly after: ComparedImage;
  /** How many layers, from the base on, are the same. */
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
    /** How many are the same in both, though perhaps of another version of the package. */
    readonly unchanged: number;
  };
};

/** Of each image: what it is, its layers, and what must be known to trust the answer. */
export type ComparedImage = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly layers: readonly Pick<ReportLayer, 'index' | 'diffId' | 'createdBy' | 'origin'>[];
};

export type PackageDifference = Pick<ReportPackage, 'name' | 'arch' | 'type'> & {
  readonly before: Placed;
  readonly after: Placed;
};

type Placed = Pick<ReportPackage, 'version' | 'layer'>;

/** A finding of the second image alone, and why the first one has it not. */
export type AddedFinding = ReportFinding & {
  readonly cause: 'package-added' | 'package-changed' | 'no-longer-suppressed' | 'other-data';
};

/** A finding of the first image alone, and why the second one has it not. */
export type RemovedFinding = ReportFinding & {
  readonly cause: 'package-removed' | 'package-changed' | 'suppressed' | 'other-data';
};

/** A finding of both in which something besides the version differs. */
export type FindingDifference = { readonly before: ReportFinding; readonly after: ReportFinding };

/**
 * Compares two images by their reports, of the same data. A package is the same by name, architecture and kind; of several
 * versions of one side by side those that both have are no difference, and the others are paired in their order. A finding
 * is the same by its names, release and package: which of its advisories match may depend on the version, and the identifier on those.
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
        before: { version: one.version, layer: one.layer },
        after: { version: other.version, layer: other.layer },
      })),
  };
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

/** Returns the function that gives findings of one vulnerability in one package the same key, whichever of its names they have. */
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
  // Of the same package for two architectures the purl alone tells which one it is.
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
