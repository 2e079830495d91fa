import { readBaseImages } from './base-images.ts';
import type { Base } from './layer-tree.ts';
import { readPackagesIndex } from './packages-index.ts';
import { type ReleasePackages, releasePackages } from './release-packages.ts';
import { readTrackerFacts, type TrackerFacts } from './tracker-facts.ts';

/** The input of the databases: real names and versions. */
export type World = {
  readonly facts: readonly TrackerFacts[];
  /** The kinds of bases: the first kind was never patched, the second kind is up to date. */
  readonly bases: readonly [Base, Base, ...Base[]];
  readonly release: ReleasePackages;
};

/**
 * Reads the input: an index of Debian 13 (`readPackagesIndex`), the shared base images, and the tracker.
 *
 * @throws FigureUnavailable when one of these inputs is missing
 */
export async function readWorld(packages?: string): Promise<World> {
  const index = readPackagesIndex(packages);
  const facts = await readTrackerFacts();
  const [whole, essential, old] = await readBaseImages();
  if (whole === undefined || essential === undefined || old === undefined)
    throw new Error('expected three base images');
  const known = [...essential.packages, ...whole.packages];
  const release = releasePackages(whole.distribution.namespace, { index, facts, known, isIndexed: true });
  const oldRelease = releasePackages(old.distribution.namespace, {
    index,
    facts,
    known: old.packages,
    isIndexed: false,
  });
  const baseOf = ({ distribution, packages: of }: typeof whole, from: ReleasePackages, day: number): Base => ({
    distribution,
    release: from,
    names: of.map(({ name }) => name),
    day,
  });
  return {
    facts,
    release,
    bases: [
      baseOf(whole, release, 0),
      baseOf(whole, release, 1),
      baseOf(essential, release, 0.5),
      baseOf(old, oldRelease, 0.25),
      baseOf(old, oldRelease, 1),
    ],
  };
}
