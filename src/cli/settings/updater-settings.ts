import { env } from 'node:process';
import { KNOWN_FEEDS } from '../../compose/known-feeds.ts';
import { configOfSources } from './config-sources.ts';
import { parseDuration } from '../../config/duration.ts';
import type { Environment } from '../../config/environment.ts';
import type { Config } from '../../config/schema.ts';
import { ClairError } from '../../errors.ts';
import { OSV_ECOSYSTEMS } from '../../updater/fetchers/osv/ecosystems.ts';
import type { UpdaterSettings } from '../../updater/updater.ts';
import { discoveredConfig } from '../options/config-discovery.ts';
import { cacheFolder } from './cache-folder.ts';

/** The settings of the section `updater`. */
export type UpdaterPlan = {
  readonly settings: UpdaterSettings;
  /** The feeds to update. */
  readonly feeds: readonly string[];
  /** The feeds that the server updates on schedule, with the intervals in milliseconds. */
  readonly intervals: ReadonlyMap<string, number>;
  /** The published database to pull from. */
  readonly database?: { readonly reference: string; readonly key?: string };
};

/**
 * Returns the settings of the section `updater`.
 *
 * @param known the names of all feeds
 * @throws ClairError `config/invalid` for an unknown feed or ecosystem
 */
export function updaterPlan({ updater }: Config, known: readonly string[]): UpdaterPlan {
  const { feeds = known, intervals, addresses, offline } = updater;
  const unknown = [...feeds, ...Object.keys(intervals), ...Object.keys(addresses)].find(
    (each) => !known.includes(each),
  );
  if (unknown !== undefined) {
    throw new ClairError(
      'config/invalid',
      `updater: unknown feed ${JSON.stringify(unknown)}; the feeds are ${known.join(', ')}`,
    );
  }
  const { ecosystems } = updater.osv;
  const names = OSV_ECOSYSTEMS.map(({ name }) => name);
  const foreign = ecosystems.find((each) => !names.includes(each));
  if (foreign !== undefined) {
    throw new ClairError(
      'config/invalid',
      `updater.osv.ecosystems: unknown ecosystem ${JSON.stringify(foreign)}; the ecosystems are ${names.join(', ')}`,
    );
  }
  const isReached = (feed: string): boolean => !offline || addresses[feed]?.startsWith('file:') === true;
  const each = feeds
    .filter(isReached)
    .map((feed): [string, number] => [feed, parseDuration(intervals[feed] ?? updater.interval) ?? 0]);
  return {
    settings: {
      offline,
      addresses,
      ...(ecosystems.length > 0 && { ecosystems }),
      maxShrink: { percent: updater.maxShrinkPercent, records: updater.maxShrinkRecords },
      ...(updater.staleAfter !== undefined && { staleAfter: parseDuration(updater.staleAfter) ?? 0 }),
      minimumRate: updater.minimumRate,
      cache: updater.cache ?? cacheFolder(env),
    },
    feeds,
    intervals: new Map(each.filter(([, interval]) => interval > 0)),
    ...(updater.database !== undefined && {
      database: {
        reference: updater.database,
        ...(updater.databaseKey !== undefined && { key: updater.databaseKey }),
      },
    }),
  };
}

/**
 * Returns the settings for commands that read feeds or images, from a file and the environment. Does not read files
 * with secrets, because these commands need no secrets.
 *
 * @param file the configuration file; by default, the discovered file
 * @throws ClairError `config/invalid`
 */
export async function discoveredUpdaterPlan(
  environment: Environment,
  file: string | undefined = discoveredConfig(environment),
): Promise<UpdaterPlan & { readonly classifiers?: string; readonly fileDigests: boolean }> {
  const config = await configOfSources({ ...(file !== undefined && { file }), environment, secrets: 'none' });
  const { classifiers, fileDigests } = config.worker;
  const plan = updaterPlan(
    config,
    KNOWN_FEEDS.map(({ name }) => name),
  );
  return { ...plan, fileDigests, ...(classifiers !== undefined && { classifiers }) };
}
