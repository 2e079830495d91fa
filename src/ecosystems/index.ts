import type { Feature } from '../model/feature.ts';
import type { FindingClass } from '../model/report/finding-class.ts';
import type { SchemeId } from '../versions/index.ts';
import { apk } from './apk.ts';
import { cargo } from './languages/cargo.ts';
import { composer } from './languages/composer.ts';
import { conda } from './programs/conda.ts';
import { deb } from './deb.ts';
import { type Ecosystem, type FeatureTraits, NO_TRAITS } from './ecosystem.ts';
import { file } from './programs/file.ts';
import { gem } from './languages/gem.ts';
import { generic } from './programs/generic.ts';
import { golang } from './languages/golang.ts';
import { maven } from './languages/maven.ts';
import { npm } from './languages/npm.ts';
import { nuget } from './languages/nuget.ts';
import type { PackageUrl } from './package-url.ts';
import { otp } from './programs/otp.ts';
import { pypi } from './languages/pypi.ts';
import { rpm } from './rpm.ts';

/** All ecosystems. */
export const ECOSYSTEMS: readonly Ecosystem[] = [
  apk,
  cargo,
  composer,
  conda,
  deb,
  file,
  gem,
  generic,
  golang,
  maven,
  npm,
  nuget,
  otp,
  pypi,
  rpm,
];

const BY_TYPE: ReadonlyMap<string, Ecosystem> = new Map(ECOSYSTEMS.map((each) => [each.type, each]));

/**
 * Returns the ecosystem of a feature.
 *
 * @throws Error for an unknown type, which only a newer release can have stored
 */
export function ecosystemOf({ type }: Pick<Feature, 'type'>): Ecosystem {
  const ecosystem = BY_TYPE.get(type);
  if (ecosystem === undefined) throw new Error(`unknown ecosystem type ${type}`);
  return ecosystem;
}

/** Returns the version scheme of a namespace, according to its prefix, or undefined for an unknown namespace. */
export function schemeOfNamespace(namespace: string): SchemeId | undefined {
  return ecosystemOfNamespace(namespace)?.scheme;
}

/** Returns the package type of a namespace, according to its prefix; empty for an unknown namespace. */
export function typeOfNamespace(namespace: string): string {
  return ecosystemOfNamespace(namespace)?.type ?? '';
}

function ecosystemOfNamespace(namespace: string): Ecosystem | undefined {
  const first = namespace.split(/[:.-]/, 1)[0] ?? '';
  return ECOSYSTEMS.find(({ namespaces }) => namespaces.includes(namespace) || namespaces.includes(first));
}

/**
 * Returns the feature that a package URL names; this is the inverse of {@link Ecosystem.purl}. Returns undefined if no
 * ecosystem has features of this type, or if the URL lacks a part that the ecosystem requires.
 */
export function featureOfPurl(purl: PackageUrl): Feature | undefined {
  for (const ecosystem of ECOSYSTEMS) {
    const feature = ecosystem.featureOf(purl);
    if (feature !== undefined) return feature;
  }
  return undefined;
}

/**
 * Returns the version scheme of a feature type, or undefined for an unknown type, such as a type from a newer server.
 */
export function schemeOfType(type: string): SchemeId | undefined {
  return BY_TYPE.get(type)?.scheme;
}

/** Returns the properties of a feature to which advisories may be limited. */
export function traitsOf(feature: Feature): FeatureTraits {
  return ecosystemOf(feature).traits?.(feature) ?? NO_TRAITS;
}

/** Returns the class of the findings in a feature (docs/explanation/severity.md, "Kernel headers"). */
export function findingClassOf(feature: Feature): FindingClass {
  return ecosystemOf(feature).findingClass?.(feature) ?? 'package';
}
