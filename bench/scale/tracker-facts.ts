import { existsSync } from 'node:fs';
import { FETCHERS } from '../../src/updater/fetchers/index.ts';
import { sharedPath } from '../../test/fixtures/shared-data.ts';
import { FigureUnavailable } from '../figure.ts';

/** Debian's tracker data for one CVE. */
export type TrackerFacts = {
  readonly id: string;
  readonly link: string;
  readonly description: string;
  /** The fixed version, by source package and then by namespace (`debian:12`). */
  readonly fixes: ReadonlyMap<string, ReadonlyMap<string, string>>;
};

const FEED = 'feeds/debian/debian-tracker-derived.json.zst';

/**
 * Reads Debian's tracker data beside the repository with Clair's own feed code, by ascending identifier.
 *
 * @throws FigureUnavailable when the data is missing
 */
export async function readTrackerFacts(): Promise<readonly TrackerFacts[]> {
  const from = sharedPath(FEED);
  if (!existsSync(from)) throw new FigureUnavailable(`${from} not found`);
  const fetcher = FETCHERS.find(({ id }) => id === 'debian');
  const outcome = await fetcher?.fetch({ http: { get: noNetwork }, from });
  if (outcome?.kind !== 'advisories') throw new Error('the tracker returned no advisories');
  const found = new Map<string, { link: string; description: string; fixes: Map<string, Map<string, string>> }>();
  for await (const { id, link, description, affected } of outcome.advisories) {
    const facts = found.get(id) ?? { link, description, fixes: new Map<string, Map<string, string>>() };
    found.set(id, facts);
    if (facts.description === '') facts.description = description;
    for (const { namespace, package: source, fixed } of affected) {
      if (fixed === undefined) continue;
      const ofSource = facts.fixes.get(source) ?? new Map<string, string>();
      facts.fixes.set(source, ofSource.set(namespace, fixed));
    }
  }
  return [...found]
    .filter(([, { fixes }]) => fixes.size > 0)
    .map(([id, facts]) => ({ id, ...facts }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function noNetwork(): never {
  throw new Error('this bench sends no HTTP requests');
}
