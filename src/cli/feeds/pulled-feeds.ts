import { openPublishedDatabase, type PublishedAccess } from '../../compose/published-database.ts';
import { ClairError } from '../../errors.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { ShrinkBound } from '../../model/shrink-bound.ts';
import { readArtifact } from '../../updater/artifact/artifact-reader.ts';
import { readPublicKey } from '../../updater/artifact/artifact-signature.ts';
import { type LockWait, pullFeeds } from '../../updater/artifact/database-pull.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import type { Console } from '../console.ts';
import { ASKED_AGAIN_MS, type FeedServices, type RefreshFeeds } from './image-feeds.ts';
import type { UpdaterPlan } from '../settings/updater-settings.ts';

/** The published database that a command pulls, and the settings for access to its registry. */
export type PullSettings = {
  readonly database: NonNullable<UpdaterPlan['database']>;
  readonly access: PublishedAccess;
  readonly maxShrink?: ShrinkBound | undefined;
};

/** Returns how long a pull waits while another process updates a feed: five minutes. Prints a line about the wait. */
export function lockWaitOf(console: Console): LockWait {
  return {
    ms: 5 * 60_000,
    started: (feed) => console.err(`${feed}: waiting for another process that is updating this feed\n`),
  };
}

/** The name of the stored flag that contains the times of the last checks of feeds. */
const CHECKED_FLAG = 'pull-checked';

/**
 * Creates a function that pulls feeds from the published database of `updater.database`. The function checks a feed
 * again only an hour after the last successful check, and pulls the feed only if its content changed. If a feed cannot
 * be pulled, the stored data of the feed remains, and the report contains a diagnostic.
 */
export function createPulledFeeds(
  { store, updater }: FeedServices,
  console: Console,
  { database, access, maxShrink }: PullSettings,
): RefreshFeeds {
  const { signal } = console;
  const { reference, key } = database;

  async function pull(feeds: readonly string[]): Promise<readonly Diagnostic[]> {
    const published = await openPublishedDatabase(reference, access);
    try {
      const publicKey = key === undefined ? undefined : await readPublicKey(key);
      const artifact = await readArtifact(published.place, { signal, ...(publicKey && { key: publicKey }) });
      const diagnostics: Diagnostic[] = [];
      const known = [...FETCHERS, ...ENRICHERS];
      const options = { store, place: published.place, artifact, known, signal, ...(maxShrink && { maxShrink }) };
      const contained = new Set(artifact.config.feeds.map(({ state }) => state.feed));
      for (const wanted of feeds) {
        const isStored = await hasData(wanted);
        // The report states the age of stored data.
        if (!contained.has(wanted) && !isStored && !updater.enrichers.includes(wanted)) {
          diagnostics.push(notContained(wanted));
        }
        for await (const each of pullFeeds({
          ...options,
          wanted: [wanted],
          ...(!isStored && { lockWait: lockWaitOf(console) }),
        })) {
          if (each.kind === 'updated') console.err(`${wanted}: pulled ${megabytes(each.bytes)}\n`);
          if (each.kind !== 'failed') continue;
          // With stored data, a scan does not wait for the other process.
          if (each.error.code === 'update/locked' && isStored) continue;
          diagnostics.push(diagnosticOf(wanted, each.error));
        }
      }
      return diagnostics;
    } finally {
      await published.close();
    }
  }

  async function hasData(feed: string): Promise<boolean> {
    const { lastSuccess = null } = (await store.feeds.find(feed)) ?? {};
    return lastSuccess !== null;
  }

  function notContained(feed: string): Diagnostic {
    const message = `${feed} could not be pulled from ${reference}: the published database does not contain this feed`;
    return { code: 'feed-update-failed', message, where: feed };
  }

  function diagnosticOf(feed: string, error: ClairError): Diagnostic {
    const message = `${feed} could not be pulled from ${reference}: ${error.message} [${error.code}]`;
    const code = updater.enrichers.includes(feed) ? 'enrichment-update-failed' : 'feed-update-failed';
    return { code, message, where: feed };
  }

  return async (feeds) => {
    const checked = await readChecked();
    const now = store.now();
    const due = feeds.filter((feed) => !(now - (checked[feed] ?? 0) < ASKED_AGAIN_MS));
    if (due.length === 0) return [];
    let diagnostics: readonly Diagnostic[];
    try {
      diagnostics = await pull(due);
    } catch (error) {
      if (!(error instanceof ClairError) || signal.aborted) throw error;
      return due.map((feed) => diagnosticOf(feed, error));
    }
    const failed = new Set(diagnostics.map(({ where }) => where));
    const times = Object.fromEntries(due.filter((feed) => !failed.has(feed)).map((feed) => [feed, now]));
    await store.flags.set(CHECKED_FLAG, JSON.stringify({ reference, times: { ...checked, ...times } }));
    return diagnostics;
  };

  /** Returns, by feed, the time of the last successful check with this reference, in milliseconds since 1970. */
  async function readChecked(): Promise<Readonly<Record<string, number>>> {
    const text = await store.flags.get(CHECKED_FLAG);
    if (text === undefined) return {};
    const flag: { readonly reference?: string; readonly times?: Readonly<Record<string, number>> } = JSON.parse(text);
    return flag.reference === reference ? (flag.times ?? {}) : {};
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
