import type { AffectedPackage } from '../../src/model/advisories/advisory.ts';
import { madeAdvisory } from './made-advisories.ts';
import type { World } from './world.ts';

/** A queried vulnerability, with its index in the list of all vulnerabilities. */
export type AskedVulnerability = { readonly id: string; readonly at: number };

/**
 * The vulnerabilities of the reverse queries. These vulnerabilities have no fix, so each vulnerability affects all
 * versions of its package.
 */
export type AskedVulnerabilities = {
  /** Vulnerabilities in packages of the first base. */
  readonly onBase: readonly AskedVulnerability[];
  /** Vulnerabilities in packages that images install themselves, most installed first. */
  readonly inImages: readonly AskedVulnerability[];
};

const COUNT = 10;

/** Selects vulnerabilities by package name, so that databases of all sizes use the same vulnerabilities. */
export function askedVulnerabilities({ facts, bases: [first], release }: World): AskedVulnerabilities {
  const open = new Map<string, AskedVulnerability>();
  for (const [at, each] of facts.entries()) {
    for (const of of madeAdvisory(each, at, 'debian').affected) {
      if (isOpen(of, release.namespace) && !open.has(of.package)) open.set(of.package, { id: each.id, at });
    }
  }
  const sourcesOf = (names: readonly string[]): readonly string[] => [
    ...new Set(names.flatMap((name) => release.at(name, 1)?.source.name ?? [])),
  ];
  const ofBase = sourcesOf(first.names);
  const found = (sources: readonly string[]): readonly AskedVulnerability[] =>
    sources.flatMap((source) => open.get(source) ?? []).slice(0, COUNT);
  return {
    onBase: found(ofBase),
    inImages: found(sourcesOf(release.roots).filter((source) => !ofBase.includes(source))),
  };
}

function isOpen({ namespace, status }: AffectedPackage, wanted: string): boolean {
  return namespace === wanted && status === 'open';
}
