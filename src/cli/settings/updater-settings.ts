import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { parseDuration } from '../../config/duration.ts';
import type { Config } from '../../config/schema.ts';
import { ClairError } from '../../errors.ts';
import type { UpdaterSettings } from '../../updater/updater.ts';

/** What the section `updater` of the configuration means. */
export type UpdaterPlan = {
  readonly settings: UpdaterSettings;
  /** The sources that are kept up to date. */
  readonly sources: readonly string[];
  /** Those that the server keeps up to date by itself, with the milliseconds between two updates. */
  readonly intervals: ReadonlyMap<string, number>;
};

/**
 * Reads the section `updater`.
 *
 * @param known the sources that there are
 * @throws ClairError `config/invalid` for a source that is none of them
 */
export function updaterPlan({ updater }: Config, known: readonly string[]): UpdaterPlan {
  const { sources = known, intervals, addresses, offline } = updater;
  const unknown = [...sources, ...Object.keys(intervals), ...Object.keys(addresses)].find(
    (each) => !known.includes(each),
  );
  if (unknown !== undefined) {
    throw new ClairError(
      'config/invalid',
      `updater: there is no source ${JSON.stringify(unknown)}: ${known.join(', ')}`,
    );
  }
  const isReached = (source: string): boolean => !offline || addresses[source]?.startsWith('file:') === true;
  const each = sources
    .filter(isReached)
    .map((source): [string, number] => [source, parseDuration(intervals[source] ?? updater.interval) ?? 0]);
  return {
    settings: {
      offline,
      addresses,
      maxShrink: { percent: updater.maxShrinkPercent, records: updater.maxShrinkRecords },
      staleAfter: parseDuration(updater.staleAfter) ?? 0,
      minimumRate: updater.minimumRate,
      cache: updater.cache ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'clair'),
    },
    sources,
    intervals: new Map(each.filter(([, interval]) => interval > 0)),
  };
}
