import { featureOfPurl } from '../../ecosystems/index.ts';
import { type PackageUrl, parsePackageUrl } from '../../ecosystems/package-url.ts';
import { sourceOfFile } from '../../ecosystems/system-purl.ts';
import {
  featureIdentity,
  isSystemPackage,
  LIBRARY_FLAGS,
  type LibraryPackage,
  type SystemPackage,
  type SystemPackageType,
} from '../../model/feature.ts';
import { isIndexable } from '../../model/indexed-text.ts';
import type { FeatureMark } from '../detectors/detector.ts';
import type { FileOwner, OwnedPaths } from '../detectors/packages/owned-paths.ts';
import { isOfClair, isSystem, type SbomComponent, type SbomFacts } from './sbom-document.ts';
import {
  distributionId,
  isKnown,
  isSameFamily,
  namespaceOfRelease,
  releaseOfPurl,
  type SbomRelease,
} from './sbom-release.ts';
import type { SbomSystems } from './sbom-systems.ts';

/** Why a component is not checked. */
export type UnjudgedReason =
  | 'other'
  | 'excluded'
  | 'external'
  | 'source'
  | 'no-purl'
  | 'purl-invalid'
  | 'no-version'
  | 'text-too-long'
  | 'other-distribution'
  | 'system-unclear'
  | 'type';

/** The reasons for components that are not installed packages; no finding is missing because of these components. */
export const NO_PACKAGE: ReadonlySet<UnjudgedReason> = new Set(['other', 'excluded', 'external', 'source']);

/** A component that is not checked; `what` is its name, or its package URL type for the reason `type`. */
export type Unjudged = { readonly reason: UnjudgedReason; readonly what: string };

export type SbomPackages = {
  readonly packages: readonly SystemPackage[];
  readonly libraries: readonly { readonly feature: LibraryPackage; readonly path: string }[];
  readonly owned: readonly OwnedPaths[];
  readonly marks: readonly FeatureMark[];
  readonly contentSets: readonly string[];
  /** The number of components that were checked, with duplicates. */
  readonly judged: number;
  readonly unjudged: readonly Unjudged[];
  /** The number of deb and apk packages if the document states no source packages at all; otherwise 0. */
  readonly withoutSource: number;
  /** The number of components whose version differs from their package URL. The version of the package URL applies. */
  readonly contradictions: number;
};

/** The releases to which packages belong. */
export type PackagePlace = {
  /** The release of the document; undefined if unknown. */
  readonly release: SbomRelease | undefined;
  /** Whether the client chose the release, so that it applies to all packages. */
  readonly isChosen: boolean;
  readonly systems: SbomSystems;
};

/** Parses the package URL of each component that has one; undefined for an invalid package URL. */
export function purlsOf(components: readonly SbomComponent[]): ReadonlyMap<SbomComponent, PackageUrl | undefined> {
  return new Map(components.flatMap((each) => (each.purl === '' ? [] : [[each, parsePackageUrl(each.purl)] as const])));
}

/**
 * Returns the packages that the components describe, and the components that are not checked.
 *
 * @param purls the result of {@link purlsOf}
 * @param place the releases of the packages
 */
export function packagesOf(
  components: readonly SbomComponent[],
  purls: ReadonlyMap<SbomComponent, PackageUrl | undefined>,
  place: PackagePlace,
): SbomPackages {
  const found = new Map<string, SystemPackage>();
  const libraries = new Map<string, { readonly feature: LibraryPackage; readonly path: string }>();
  const owned = new Map<string, { readonly owner: FileOwner; readonly paths: string[] }>();
  const marks: FeatureMark[] = [];
  const unjudged: Unjudged[] = [];
  const contentSets = new Set<string>();
  const hasBinaries = [...purls].some(
    ([each, purl]) => purl !== undefined && !isSourcePackage(purl) && isInstalled(each, purl),
  );
  const lacksEpochs = !statesEpochs(components, purls);
  const statesSources = components.some(({ facts }) => facts.source !== undefined) || statesUpstream(purls.values());
  const counts = { judged: 0, withoutSource: 0, contradictions: 0 };

  for (const component of components) {
    for (const name of component.facts.contentSets ?? []) contentSets.add(name);
    const reason = reasonAgainst(component, purls, { ...place, hasBinaries });
    const purl = purls.get(component);
    const named = reason === undefined && purl !== undefined ? featureOfPurl(purl) : undefined;
    if (reason !== undefined || purl === undefined || named === undefined) {
      unjudged.push(reason ?? { reason: 'type', what: purl?.type ?? '' });
      continue;
    }
    for (const name of (purl.qualifiers.get('repository_id') ?? '').split(',')) if (name !== '') contentSets.add(name);
    counts.judged += 1;
    if (component.version !== '' && !isSameVersion(component.version, named.version)) counts.contradictions += 1;
    if (isSystemPackage(named)) {
      const own = place.isChosen ? undefined : ownRelease(component, purl, place);
      const feature = completed(named, component.facts, purl, { own, lacksEpochs });
      if (feature.type !== 'rpm' && !statesSources) counts.withoutSource += 1;
      found.set(featureIdentity(feature), feature);
      continue;
    }
    const feature = flagged(named, component.facts);
    const paths = pathsOf(component.facts);
    for (const path of paths.length === 0 ? [''] : paths) {
      libraries.set(`${featureIdentity(feature)}\n${path}`, { feature, path });
      const owner = ownerOf(component.facts);
      if (path === '' || owner === undefined) continue;
      if (owner.name === undefined) marks.push({ path, installer: owner.type });
      else {
        const key = JSON.stringify(owner);
        const known = owned.get(key) ?? { owner: { ...owner, name: owner.name }, paths: [] };
        owned.set(key, known);
        known.paths.push(path.split('!/', 1)[0] ?? path);
      }
    }
  }
  return {
    packages: [...found.values()],
    libraries: [...libraries.values()],
    owned: [...owned.values()],
    marks,
    contentSets: [...contentSets].toSorted(),
    unjudged,
    ...counts,
  };
}

type Context = PackagePlace & { readonly hasBinaries: boolean };

function reasonAgainst(
  component: SbomComponent,
  purls: ReadonlyMap<SbomComponent, PackageUrl | undefined>,
  { hasBinaries, ...place }: Context,
): Unjudged | undefined {
  const { name, version, absence, facts } = component;
  const purl = purls.get(component);
  const because = (reason: UnjudgedReason, what = name || component.ref): Unjudged => ({ reason, what });
  if (absence !== undefined) return because(absence);
  if (component.purl === '') {
    return isSystem(component) || version === '' || NO_PACKAGES.has(component.type)
      ? because('other')
      : because('no-purl');
  }
  if (purl === undefined) return because('purl-invalid');
  if (IMAGES.has(purl.type) || (component.type === 'container' && purl.type === 'generic')) return because('other');
  if (isSourcePackage(purl) && hasBinaries) return because('source');
  const isUnknown = purl.version === '' || UNKNOWN_VERSIONS.has(purl.version.toUpperCase());
  if (SYSTEM_TYPES.has(purl.type) ? isUnknown : isUnknown && purl.version !== '') return because('no-version');
  const texts = [
    purl.name,
    purl.namespace,
    purl.version,
    purl.qualifiers.get('upstream') ?? '',
    ...(facts.paths ?? []),
  ];
  if (!texts.every(isIndexable)) return because('text-too-long');
  if (!SYSTEM_TYPES.has(purl.type) || place.isChosen) return undefined;
  if (place.systems.releases.length > 1) {
    return place.systems.releaseOf(component, purl) === undefined ? because('system-unclear') : undefined;
  }
  const isForeign = isOfAnother(purl, place.release) && ownRelease(component, purl, place) === undefined;
  return isForeign ? because('other-distribution') : undefined;
}

/** Returns the namespace of a package's release if it differs from the release of the document. */
function ownRelease(
  component: SbomComponent,
  purl: PackageUrl,
  { release, systems }: PackagePlace,
): string | undefined {
  const isOne = systems.releases.length < 2;
  const stated = isOne ? releaseOfPurl(purl) : systems.releaseOf(component, purl);
  if (stated === undefined || release === undefined || !isKnown(stated.id)) return undefined;
  if (isOne && (stated.version === '' || !isOfAnother(purl, release))) return undefined;
  const namespace = namespaceOfRelease(stated);
  return namespace === namespaceOfRelease(release) ? undefined : namespace;
}

/** The types of components that are not packages, including images. */
const NO_PACKAGES: ReadonlySet<string> = new Set([
  'file',
  'container',
  'cryptographic-asset',
  'data',
  'archive',
  'source',
]);
const IMAGES: ReadonlySet<string> = new Set(['oci', 'docker']);
const SYSTEM_TYPES: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm', 'alpine']);
const UNKNOWN_VERSIONS: ReadonlySet<string> = new Set(['UNKNOWN', 'NOASSERTION', 'NONE', '(DEVEL)']);

function isSourcePackage({ type, qualifiers }: PackageUrl): boolean {
  return SYSTEM_TYPES.has(type) && ['source', 'src'].includes(qualifiers.get('arch') ?? '');
}

function isInstalled({ absence }: SbomComponent, { type }: PackageUrl): boolean {
  return absence === undefined && SYSTEM_TYPES.has(type);
}

/**
 * Returns whether a package states a different release from the document; in package URLs, Red Hat can also mean
 * CentOS.
 */
function isOfAnother(purl: PackageUrl, release: SbomRelease | undefined): boolean {
  if (release === undefined) return false;
  const stated = releaseOfPurl(purl);
  if (stated !== undefined && stated.version !== '') {
    const [one, other] = [stated, release].map(namespaceOfRelease);
    return one !== other && !isSameFamily(stated.id, release.id);
  }
  const vendor = distributionId(purl.namespace);
  return isKnown(vendor) && vendor !== release.id && !isSameFamily(vendor, release.id);
}

function statesUpstream(purls: Iterable<PackageUrl | undefined>): boolean {
  for (const purl of purls) if (purl?.qualifiers.has('upstream') === true) return true;
  return false;
}

/** Adds the facts that the package URL lacks, from the properties of the component. */
function completed(
  of: SystemPackage,
  facts: SbomFacts,
  { namespace, qualifiers }: PackageUrl,
  { own, lacksEpochs }: { readonly own: string | undefined; readonly lacksEpochs: boolean },
): SystemPackage {
  const isRpm = of.type === 'rpm';
  const epoch = isRpm && !/^\d+:/.test(of.version) && /^[1-9]\d*$/.test(facts.epoch ?? '') ? `${facts.epoch}:` : '';
  const stated = qualifiers.has('upstream') ? undefined : sourceIn(facts, of, isRpm);
  const module = of.module ?? (isRpm ? facts.module : undefined);
  // Vendors other than distributions are third parties.
  const foreign = namespace === '' || isKnown(distributionId(namespace)) ? undefined : namespace;
  const vendor = of.vendor ?? (isRpm ? facts.vendor : undefined) ?? foreign;
  return {
    ...of,
    version: `${epoch}${of.version}`,
    ...(isRpm && ANY_ARCHITECTURE.has(of.arch) && { arch: '' }),
    ...(stated !== undefined && { source: stated }),
    ...(module !== undefined && module !== '' && { module }),
    ...(vendor !== undefined && { vendor }),
    ...(own !== undefined && { release: own }),
    ...(isRpm && lacksEpochs && { epoch: 'unknown' }),
  };
}

/**
 * The names that package types other than rpm use for every architecture. An rpm package of every architecture has
 * `noarch`, so these names state no architecture of an rpm package.
 */
const ANY_ARCHITECTURE: ReadonlySet<string> = new Set(['any', 'all']);

/**
 * Returns whether any rpm package states an epoch, even 0. If no package states an epoch, the tool probably drops
 * epochs, as some versions of Syft and Grype do. Clair never drops epochs.
 */
function statesEpochs(
  components: readonly SbomComponent[],
  purls: ReadonlyMap<SbomComponent, PackageUrl | undefined>,
): boolean {
  if (components.some(isOfClair)) return true;
  return [...purls].some(([{ facts, version }, purl]) => {
    if (purl?.type !== 'rpm') return false;
    return purl.qualifiers.has('epoch') || facts.epoch !== undefined || hasEpoch(purl.version) || hasEpoch(version);
  });
}

function sourceIn(facts: SbomFacts, of: SystemPackage, isRpm: boolean): SystemPackage['source'] | undefined {
  const { source, sourceFile = '' } = facts;
  if (source === undefined || !isIndexable(source.name) || !isIndexable(source.version ?? ''))
    return sourceOfFile(sourceFile);
  const version = source.version ?? of.source.version;
  return { name: source.name, version: isRpm ? version.replace(/^\d+:/, '') : version };
}

function flagged(of: LibraryPackage, { flags = '' }: SbomFacts): LibraryPackage {
  const known = LIBRARY_FLAGS.filter((flag) => flags.split(',').includes(flag));
  return known.length === 0 ? of : { ...of, flags: known };
}

/** Returns the paths without leading slashes; drops paths outside the root. */
function pathsOf({ paths = [] }: SbomFacts): readonly string[] {
  const parts = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  return [...new Set(parts.filter((each) => each.length > 0 && !each.includes('..')).map((each) => each.join('/')))];
}

function ownerOf({ owner = '' }: SbomFacts): (Omit<FileOwner, 'name'> & { readonly name?: string }) | undefined {
  const [, word, name = '', version] = /^(deb|apk|rpm) (\S+)(?: (\S+))?$/.exec(owner) ?? [];
  const type = OWNER_TYPES.find((each) => each === word);
  if (type === undefined) return undefined;
  if (name === 'package' && version === undefined) return { type };
  return { type, name, ...(version !== undefined && { version }) };
}

const OWNER_TYPES: readonly SystemPackageType[] = ['apk', 'deb', 'rpm'];

function hasEpoch(version: string): boolean {
  return /^(?:\d+|\(none\)):/.test(version);
}

/**
 * Returns whether two versions are equal apart from their epochs: the package URL may state the epoch as a qualifier,
 * and the component may lack the epoch.
 */
function isSameVersion(one: string, other: string): boolean {
  return withoutEpoch(one) === withoutEpoch(other);
}

function withoutEpoch(version: string): string {
  return version.replace(/^(?:\d+|\(none\)):/, '');
}
