import { BY_NAMESPACE, schemeIn } from '../../../ecosystems/feed-scheme.ts';
import { normalizedPypiName } from '../../../ecosystems/languages/pypi-name.ts';
import type { SchemeId } from '../../../versions/index.ts';

/** An OSV language ecosystem (https://ossf.github.io/osv-schema/#defined-ecosystems). */
export type OsvEcosystem = {
  /** The name of the ecosystem in documents, and the name of its directory in the bucket. */
  readonly name: string;
  /** The namespace of the ecosystem's packages, equal to the type of their package URLs. */
  readonly namespace: string;
  /** Returns the name under which a package is looked up. */
  readonly nameOf: (name: string) => string;
  /** Converts a bound of a range to the notation of installed package versions. */
  readonly boundOf?: (bound: string, name: string) => string;
  /** Whether documents name the vulnerable packages and functions of a module in `imports`. */
  readonly namesImports?: boolean;
};

export const OSV_ECOSYSTEMS: readonly OsvEcosystem[] = [
  { name: 'Bitnami', namespace: 'bitnami', nameOf: asWritten, boundOf: bitnamiBound },
  { name: 'crates.io', namespace: 'cargo', nameOf: asWritten },
  { name: 'Go', namespace: 'golang', nameOf: asWritten, namesImports: true },
  // Hex names are in lower case, but GitHub advisories name `Samly` (GHSA-h3rw-77w7-92gf) and `MongooseIM`.
  { name: 'Hex', namespace: 'hex', nameOf: (name) => name.toLowerCase() },
  { name: 'Maven', namespace: 'maven', nameOf: asWritten },
  { name: 'npm', namespace: 'npm', nameOf: asWritten },
  // NuGet names are case-insensitive, and GitHub advisories differ in the case of names
  // (https://github.com/github/advisory-database/issues/4440).
  { name: 'NuGet', namespace: 'nuget', nameOf: (name) => name.toLowerCase() },
  // Composer names are case-insensitive (https://getcomposer.org/doc/04-schema.md#name).
  { name: 'Packagist', namespace: 'composer', nameOf: (name) => name.toLowerCase() },
  { name: 'PyPI', namespace: 'pypi', nameOf: normalizedPypiName },
  { name: 'RubyGems', namespace: 'gem', nameOf: asWritten },
];

/**
 * Returns the ecosystem with a name from a document, if it is one of `among`. In a name such as
 * `Packagist:https://packages.drupal.org/8`, the suffix names a registry of the ecosystem and is ignored.
 */
export function ecosystemNamed(name: string, among: readonly OsvEcosystem[]): OsvEcosystem | undefined {
  const [first] = name.split(':', 1);
  return among.find((each) => each.name === first);
}

/**
 * Returns a function that maps ecosystems of documents to version schemes, and ecosystems outside `among` to undefined.
 */
export function schemesOf(among: readonly OsvEcosystem[]): (name: string) => SchemeId | undefined {
  return (name) => {
    const ecosystem = ecosystemNamed(name, among);
    return ecosystem && schemeIn(BY_NAMESPACE, ecosystem.namespace);
  };
}

function asWritten(name: string): string {
  return name;
}

const JAVA: ReadonlySet<string> = new Set(['java', 'java-min', 'jre']);

/**
 * Converts Bitnami's bounds of Java versions. Bitnami writes the fourth number of a Java version after a hyphen
 * (`17.0.3-1`), which Semantic Versioning orders before 17.0.3, and writes 8u333 as `1.8.0-333` (BIT-java-2022-34169).
 * Bounds of other packages stay unchanged; for example, Go's `1.21.0-0` is the start of the pre-releases.
 */
function bitnamiBound(bound: string, name: string): string {
  if (!JAVA.has(name)) return bound;
  return bound.replace(/^1\.([5-8])\.0-(\d+)$/, '$1.0.$2').replace(/^(\d+\.\d+\.\d+)-\d+$/, '$1');
}
