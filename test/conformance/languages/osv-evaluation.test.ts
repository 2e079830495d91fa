/**
 * Compares the findings in Maven and NuGet packages with an evaluation of the real OSV documents version by version, as
 * the OSV specification describes (https://ossf.github.io/osv-schema/#evaluation), without keys and without a database.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { zipOf } from '../../../src/bytes/testing/zip-builder.ts';
import { newLayer } from '../../../src/database/testing/stores.ts';
import { osv } from '../../../src/updater/fetchers/osv/fetcher.ts';
import { groupedBy } from '../../../src/report/writing/grouped.ts';
import { compareByMaven } from '../../../src/versions/testing/maven-rule.ts';
import { compareByNuget } from '../../../src/versions/testing/nuget-rule.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { importOf } from '../feeds/stored-records.ts';

type OsvEvent = Readonly<Record<string, string>>;

type Member = {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly ranges?: readonly { readonly type: string; readonly events: readonly OsvEvent[] }[];
  readonly versions?: readonly string[];
  readonly database_specific?: Readonly<Record<string, unknown>>;
};

type OsvRecord = { readonly id: string; readonly withdrawn?: string; readonly affected: readonly Member[] };

type Subject = {
  readonly ecosystem: string;
  readonly type: string;
  readonly compare: (a: string, b: string) => number;
  readonly nameOf: (name: string) => string;
  /** The minimum numbers of packages with a version and of findings. */
  readonly least: { readonly packages: number; readonly findings: number };
};

const SUBJECTS: readonly Subject[] = [
  {
    ecosystem: 'Maven',
    type: 'maven',
    compare: compareByMaven,
    nameOf: (name) => name,
    least: { packages: 10_000, findings: 20_000 },
  },
  {
    ecosystem: 'NuGet',
    type: 'nuget',
    compare: compareByNuget,
    nameOf: (name) => name.toLowerCase(),
    least: { packages: 150, findings: 200 },
  },
];

const fileOf = (ecosystem: string): string => `feeds/osv-languages/${ecosystem}.jsonl.zst`;

describeShared(
  'findings by real records',
  SUBJECTS.map(({ ecosystem }) => fileOf(ecosystem)),
  () => {
    it.each(SUBJECTS)('follow the specification: $ecosystem', { timeout: 120_000 }, async (subject) => {
      const texts = recordsOf(subject.ecosystem);
      const records = texts
        .map((text): OsvRecord => JSON.parse(text))
        .filter(({ withdrawn }) => withdrawn === undefined);
      const packages = packagesIn(records, subject);
      const found = await foundInStore(texts, packages, subject);
      expect(packages.length).toBeGreaterThan(subject.least.packages);
      expect(found.length).toBeGreaterThan(subject.least.findings);
      expect(found).toEqual(expectedOf(records, packages, subject));
    });
  },
);

function recordsOf(ecosystem: string): readonly string[] {
  const output = { maxBuffer: 1024 ** 3, encoding: 'utf8' } as const;
  return execFileSync('zstd', ['-dcq', '--long=27', sharedPath(fileOf(ecosystem))], output)
    .trim()
    .split('\n');
}

type Package = { readonly name: string; readonly version: string };

/**
 * Returns all versions of the packages in the documents and, for each bound, the version itself, a pre-release and a
 * higher version.
 */
function packagesIn(records: readonly OsvRecord[], { ecosystem, nameOf }: Subject): readonly Package[] {
  const versions = new Map<string, Set<string>>();
  for (const each of membersOf(records, ecosystem)) {
    const name = nameOf(each.package.name);
    const known = versions.get(name) ?? new Set();
    versions.set(name, known);
    const bounds = (each.ranges ?? []).flatMap(({ events }) => events.flatMap((event) => Object.values(event)));
    for (const bound of bounds) for (const version of [bound, `${bound}-rc.1`, `${bound}.1`]) known.add(version);
    const { unaffected_versions: unaffected = [] } = each.database_specific ?? {};
    for (const version of [...(each.versions ?? []), ...(unaffected as readonly string[])]) known.add(version);
  }
  return [...versions].flatMap(([name, all]) =>
    [...all]
      .filter((version) => ecosystem === 'Maven' || isNugetVersion(version))
      .map((version) => ({ name, version })),
  );
}

/** A version with a fifth number is invalid. */
function isNugetVersion(version: string): boolean {
  return /^\d+(\.\d+){0,3}(-[0-9a-z.-]+)?$/i.test(version);
}

function membersOf(records: readonly OsvRecord[], ecosystem: string): readonly Member[] {
  return records.flatMap(({ affected }) => affected).filter((each) => each.package.ecosystem === ecosystem);
}

/** Returns `ADVISORY NAME VERSION` for each finding, sorted. */
async function foundInStore(
  texts: readonly string[],
  packages: readonly Package[],
  { ecosystem, type }: Subject,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-evaluation-'));
  try {
    mkdirSync(join(folder, ecosystem));
    const archive = zipOf(...texts.map((content, at) => ({ name: `${at}.json`, content })));
    writeFileSync(join(folder, ecosystem, 'all.zip'), archive);
    const { store } = await importOf(osv, folder);
    try {
      const changes = packages.map(({ name, version }, at) => {
        const feature = { type, name, version };
        return { feature, path: `${at}.file`, namespace: type, originDepth: 0, change: 1 } as const;
      });
      const { id } = await store.layers.insert(newLayer('layer', null, changes));
      const matches = await store.matches.ofLayer(id);
      return matches
        .map(({ vulnerability, feature }) => `${vulnerability.name} ${feature.name} ${feature.version}`)
        .toSorted();
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function expectedOf(
  records: readonly OsvRecord[],
  packages: readonly Package[],
  { ecosystem, nameOf, compare }: Subject,
): readonly string[] {
  const members = records.flatMap(({ id, affected }) =>
    affected.filter((each) => each.package.ecosystem === ecosystem).map((member) => ({ id, member })),
  );
  const byName = groupedBy(members, ({ member }) => nameOf(member.package.name));
  const found = [...groupedBy(packages, ({ name }) => name)].flatMap(([name, ofName]) => {
    const stated = byName.get(name) ?? [];
    const bounds = stated.flatMap(({ member }) => versionsOf(member));
    const rankOf = ranksOf([...ofName.map(({ version }) => version), ...bounds], compare);
    return ofName.flatMap(({ version }) => {
      const ids = stated.filter(({ member }) => isAffected(version, member, rankOf)).map(({ id }) => id);
      return [...new Set(ids)].map((id) => `${id} ${name} ${version}`);
    });
  });
  return found.toSorted();
}

type RankOf = (version: string) => number;

/**
 * Sorts versions, because comparing each version with each other version is slow; equal versions have the same rank.
 */
function ranksOf(versions: readonly string[], compare: Subject['compare']): RankOf {
  const sorted = [...new Set(versions)].filter((version) => version !== START).toSorted(compare);
  const ranks = new Map([[START, 0]]);
  let rank = 0;
  for (const [at, version] of sorted.entries()) {
    if (at === 0 || compare(sorted[at - 1] ?? '', version) !== 0) rank += 1;
    ranks.set(version, rank);
  }
  return (version) => {
    const found = ranks.get(version);
    if (found === undefined) throw new Error(`no rank for ${version}`);
    return found;
  };
}

/** A version below every other version. */
const START = '0';

function versionsOf(member: Member): readonly string[] {
  const ends = (member.ranges ?? []).flatMap(({ events }) => withEnd(events, member));
  return [...ends.flatMap((event) => Object.values(event)), ...(member.versions ?? [])];
}

function isAffected(version: string, { ranges = [], versions = [], ...member }: Member, rankOf: RankOf): boolean {
  if (versions.some((listed) => rankOf(listed) === rankOf(version))) return true;
  return ranges
    .filter(({ type }) => type !== 'GIT')
    .some(({ events }) => isIn(rankOf(version), withEnd(events, member), rankOf));
}

/** For a range without a fix, GitHub states the end in `database_specific` (docs/reference/coverage.md, "osv"). */
function withEnd(
  events: readonly OsvEvent[],
  { database_specific: specific = {} }: Partial<Member>,
): readonly OsvEvent[] {
  if (events.some((event) => 'fixed' in event || 'last_affected' in event)) return events;
  const known = specific['last_known_affected_version_range'];
  const [, sign, bound] = /^(<=?) (.*)$/.exec(typeof known === 'string' ? known : '') ?? [];
  if (bound === undefined) return events;
  return [...events, sign === '<=' ? { last_affected: bound } : { fixed: bound }];
}

/** The algorithm of the specification: the events, sorted by version, switch the state. */
function isIn(rank: number, events: readonly OsvEvent[], rankOf: RankOf): boolean {
  const changes = events
    .flatMap((event) => Object.entries(event))
    .map(([kind, bound]) => ({ kind, bound: rankOf(bound) }))
    .toSorted((a, b) => a.bound - b.bound);
  let isVulnerable = false;
  for (const { kind, bound } of changes) {
    if (kind === 'introduced' && rank >= bound) isVulnerable = true;
    if (kind === 'fixed' && rank >= bound) isVulnerable = false;
    if (kind === 'last_affected' && rank > bound) isVulnerable = false;
  }
  return isVulnerable;
}
