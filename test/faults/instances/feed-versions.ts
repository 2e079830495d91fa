import type { Random } from '../fuzz/random.ts';
import { packagesOfBase, SHARED } from './image-work.ts';

/** Consecutive versions of a feed, in the format of Debian's security tracker. */
export type FeedVersions = readonly string[];

/** Returns the vulnerability that a feed version adds to every layer; version 0 adds no such vulnerability. */
export function markerOf(version: number): string {
  return `CVE-2098-${String(version).padStart(4, '0')}`;
}

/** Returns the versions of the marker vulnerabilities among these identifiers. */
export function markersIn(ids: Iterable<string>): ReadonlySet<number> {
  return new Set([...ids].flatMap((id) => (id.startsWith('CVE-2098-') ? [Number(id.slice('CVE-2098-'.length))] : [])));
}

/**
 * Generates the first version and `count` further versions. The further versions change only advisories for packages of
 * the bases, at versions that no layer changes, and for packages that no image has. Therefore the effect of a change
 * does not depend on the number of stored layers, once the bases are stored.
 */
export function makeFeedVersions(count: number, bases: number, random: Random): FeedVersions {
  const held = [...SHARED, ...Array.from({ length: bases }, (_, base) => packagesOfBase(base)).flat()];
  const absent = Array.from({ length: 50 }, (_, at) => `absent-${at}`);
  let next = 0;
  const newId = (): string => `CVE-2099-${(next += 1) + 10_000}`;
  const records: FeedRecord[] = [];
  const add = (name: string, id = newId()): void =>
    void records.push({ id, package: name, fixed: FAR, urgency: 'low', description: `What ${id} is about.` });

  for (const name of [...held, ...absent, ...held]) add(name);
  // These advisories never change.
  for (let at = 0; at < 20; at += 1) add(`tool-${at}`);
  for (let at = 0; at < 4; at += 1) add(`upgraded-${at}`);
  const constant = records.length - 24;
  const versions = [documentOf(records)];
  for (let version = 1; version <= count; version += 1) {
    const changed = new Set<FeedRecord>();
    /** Changes each advisory at most once, so that each change has one meaning. */
    const each = (times: number, change: (record: FeedRecord) => void): void => {
      for (let time = 0; time < times; time += 1) {
        const record = random.pick(records.slice(0, constant));
        if (changed.has(record)) continue;
        changed.add(record);
        change(record);
      }
    };
    each(6, (record) => void (record.urgency = record.urgency === 'low' ? 'high' : 'low'));
    each(6, (record) => void (record.fixed = record.fixed === FAR ? NEAR : FAR));
    each(6, (record) => void (record.description += ' And more.'));
    each(4, (record) => void (record.isWithdrawn = true));
    for (let time = 0; time < 6; time += 1) add(random.pick([...held, ...absent]));
    add(SHARED[0] ?? '', markerOf(version));
    versions.push(documentOf(records));
  }
  return versions;
}

type FeedRecord = {
  readonly id: string;
  readonly package: string;
  fixed: string;
  urgency: string;
  description: string;
  isWithdrawn?: boolean;
};

/** Higher than the versions of all packages. */
const FAR = '9.0-1';
const NEAR = '0.1-1';

function documentOf(records: readonly FeedRecord[]): string {
  const packages: Record<string, Record<string, object>> = {};
  for (const { id, package: name, fixed, urgency, description, isWithdrawn = false } of records) {
    if (isWithdrawn) continue;
    const release = { status: 'resolved', repositories: { bookworm: fixed }, fixed_version: fixed, urgency };
    packages[name] = { ...packages[name], [id]: { description, releases: { bookworm: release } } };
  }
  return JSON.stringify(packages);
}
