import type { AffectedPackage } from '../../src/model/advisories/advisory.ts';
import { madeAdvisory } from './made-advisories.ts';
import type { World } from './world.ts';

/** A vulnerability that is asked about, by its place among all. */
export type AskedVulnerability = { readonly id: string; readonly at: number };

/** What is asked backward: vulnerabilities without a fix, so that all versions of their packages have them. */
export type AskedVulnerabilities = {
  /** In packages that the first base holds. */
  readonly onBase: readonly AskedVulnerability[];
  /** In packages that images install by themselves, those first that most do. */
  readonly inImages: readonly AskedVulnerability[];
};

const COUNT = 10;

/** Chooses them by the names of packages, so that they are the same in databases of all sizes. */
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
  const found = (feeds: readonly string[]): readonly AskedVulnerability[] =>
    feeds.flatMap((feed) => open.get(feed) ?? []).slice(0, COUNT);
  return {
    onBase: found(ofBase),
    inImages: found(sourcesOf(release.roots).filter((feed) => !ofBase.includes(feed))),
  };
}

function isOpen({ namespace, status }: AffectedPackage, wanted: string): boolean {
  return namespace === wanted && status === 'open';
}
