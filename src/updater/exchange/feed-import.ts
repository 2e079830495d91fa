import type { Store } from '../../database/contracts/store.ts';
import type { UpdateCounts } from '../../database/contracts/vulnerabilities.ts';
import type { Lease } from '../../database/queries/lease.ts';
import { ClairError } from '../../errors.ts';
import { DEFAULT_SHRINK_BOUND } from '../../model/shrink-bound.ts';
import { withFeedLock } from '../feed-lock.ts';
import type { ExportFile } from './export-file.ts';
import type { ExportSection } from './export-section.ts';

export type ImportOptions = {
  readonly store: Store;
  /** Returns milliseconds since 1970. */
  readonly now: () => number;
  /** Whether to replace newer data. */
  readonly force: boolean;
  /**
   * Whether to accept a feed that has far fewer advisories or enrichments than the stored feed; otherwise, the maximum
   * loss is {@link DEFAULT_SHRINK_BOUND}.
   */
  readonly allowShrink: boolean;
  readonly signal?: AbortSignal;
};

export type ImportedFeed = {
  readonly feed: string;
  /** The time of the data in milliseconds since 1970. */
  readonly fetchedAt: number;
} & ({ readonly counts: UpdateCounts } | { readonly error: ClairError });

/**
 * Imports each feed of an export as an update, in one transaction per feed that writes only differences and the change
 * log. Also stores the state of the feed from the export, so that the age of the feed is correct and the next update
 * continues from this state. Other feeds stay unchanged.
 *
 * A feed that cannot be imported (`update/locked`, `export/outdated`, `feed/shrunk`, `database/…`) stays unchanged and
 * does not stop the other feeds.
 *
 * @throws the abort reason of `signal`; in this case, no data of the current feed is stored.
 */
export async function* importFeeds(file: ExportFile, options: ImportOptions): AsyncGenerator<ImportedFeed> {
  for await (const section of file.sections()) {
    const { feed, fetchedAt } = section.state;
    const about = { feed, fetchedAt: Date.parse(fetchedAt) };
    try {
      yield { ...about, counts: await importSection(section, file.path, options) };
    } catch (error) {
      if (!(error instanceof ClairError)) throw error;
      yield { ...about, error };
    }
  }
}

async function importSection(
  section: ExportSection,
  path: string,
  { store, now, force, allowShrink, signal }: ImportOptions,
): Promise<UpdateCounts> {
  const { state } = section;
  const { feed, fetcherVersion, etag, lastModified, recordDiagnostics } = state;
  return await withFeedLock(feed, store, async (lease) => {
    signal?.throwIfAborted();
    const lastSuccess = (await store.feeds.find(feed))?.lastSuccess ?? null;
    const fetchedAt = Date.parse(state.fetchedAt);
    if (lastSuccess !== null && fetchedAt < lastSuccess && !force) {
      const stored = new Date(lastSuccess).toISOString();
      throw new ClairError(
        'export/outdated',
        `${path} contains ${feed} data from ${state.fetchedAt}, which is older than the stored data from ${stored}`,
      );
    }
    const at = now();
    // Clocks can differ, but data must not have a later time than the import.
    const times = { at, fetchedAt: Math.min(fetchedAt, at) };
    const bound = allowShrink ? {} : { maxShrink: DEFAULT_SHRINK_BOUND };
    const change = { feed, fetcherVersion, etag, lastModified, recordDiagnostics, ...times, ...bound };
    return await refusalNoted(lease, feed, at, async () =>
      'advisories' in section
        ? await lease.store.vulnerabilities.update({
            ...change,
            scheme: section.state.scheme,
            advisories: section.advisories,
            repositories: section.repositories,
          })
        : await lease.store.enrichments.update({
            ...change,
            kind: section.state.enrichmentKind,
            enrichments: section.enrichments,
          }),
    );
  });
}

/**
 * Runs `work`, and records a rejection of new data (`feed/shrunk`) in the state of the feed.
 *
 * @throws the errors of `work`
 */
export async function refusalNoted<T>({ store }: Lease, feed: string, at: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClairError && error.code === 'feed/shrunk') {
      await store.feeds.recordFailure(feed, at, error.message, { isRefused: true });
    }
    throw error;
  }
}
