import {
  archOf,
  candidatesOf,
  type Feature,
  featureIdentity,
  flagsOf,
  type LibraryFlag,
  sourceOf,
  withoutFlags,
} from '../../model/feature.ts';
import { typeOfNamespace } from '../../ecosystems/index.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import type { ReportPackage } from '../../model/report/report.ts';

/**
 * Returns the distinct packages of a report with all their paths. The layer of a package is the lowest layer that added
 * one of its paths. A package has an owner if the same system package owns the files at all paths of the package. A
 * package has only the flags that apply at all its paths.
 *
 * @param purlOf returns the package URL of a feature
 */
export function reportPackages(
  installed: readonly LocatedFeature[],
  purlOf: (of: Feature) => string,
): readonly ReportPackage[] {
  const found = new Map<string, Found>();
  for (const of of installed) {
    const key = `${of.namespace}\n${featureIdentity(withoutFlags(of.feature))}`;
    const known = found.get(key);
    const paths = known?.paths ?? [];
    if (of.path !== '') paths.push(of.path);
    const owner = ownerOf(of);
    const flags = flagsOf(of.feature);
    if (known === undefined) found.set(key, { of, paths, owner, flags, layer: of.originDepth });
    else {
      known.layer = Math.min(known.layer, of.originDepth);
      if (!isSame(known.owner, owner)) known.owner = null;
      known.flags = known.flags.filter((flag) => flags.includes(flag));
    }
  }
  return [...found.values()].map(({ of: { feature, namespace }, paths, owner, flags, layer }) => ({
    ...packageOf(feature, namespace, purlOf(feature)),
    paths,
    flags,
    owner,
    layer,
  }));
}

type Found = {
  readonly of: LocatedFeature;
  readonly paths: string[];
  owner: ReportPackage['owner'];
  flags: readonly LibraryFlag[];
  layer: number;
};

/**
 * Returns the distribution package that owns the file of a library; null if no package owns the file. If only the
 * distribution of the owner is known, the name and version are null.
 */
export function ownerOf({ owner, judgedBy }: LocatedFeature): ReportPackage['owner'] {
  if (owner === undefined) {
    return judgedBy === undefined ? null : { type: typeOfNamespace(judgedBy), name: null, version: null };
  }
  const { type, name, version } = owner.feature;
  return { type, name, version };
}

function isSame(a: ReportPackage['owner'], b: ReportPackage['owner']): boolean {
  return a?.type === b?.type && a?.name === b?.name && a?.version === b?.version;
}

function packageOf(
  feature: Feature,
  namespace: string,
  purl: string,
): Omit<ReportPackage, 'layer' | 'owner' | 'paths' | 'flags'> {
  return {
    namespace: namespace === '' ? null : namespace,
    name: feature.name,
    version: feature.version,
    arch: archOf(feature),
    type: feature.type,
    purl,
    source: sourceOf(feature),
    candidates: candidatesOf(feature),
  };
}
