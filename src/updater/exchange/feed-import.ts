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
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Whether to take also what is older than what is stored. */
  readonly force: boolean;
  /** Whether to accept a feed that has far fewer records than are stored; the bound is {@link DEFAULT_SHRINK_BOUND}. */
  readonly allowShrink: boolean;
  readonly signal?: AbortSignal;
};

/** What became of one feed of an export. */
export type ImportedFeed = {
  readonly feed: string;
  /** When the feed said so, in milliseconds since 1970, as the file has it. */
  readonly fetchedAt: number;
} & ({ readonly counts: UpdateCounts } | { readonly error: ClairError });

/**
 * Makes the data of each feed in an export what the export says, as an update would: one transaction a feed, only
 * differences, each of an advisory with a row in the change log. Other feeds stay as they are. The state of a feed becomes that of
 * the export, so that its age shows and the next update goes on from there.
 *
 * A feed that cannot be imported (`update/locked`, `export/outdated`, `feed/shrunk`, `database/…`) stays as it is, and does not stop
 * the others.
 *
 * @throws the reason of `signal`; nothing is stored of the feed that was being imported then.
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
        `what ${path} holds of ${feed} is of ${state.fetchedAt}, and older than what is stored, which is of ${stored}`,
      );
    }
    const at = now();
    // Where the clocks differ, data must not look younger than it can be.
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

/** Does the import, and records in the state of the feed that newer data was refused. */
async function refusalNoted<T>({ store }: Lease, feed: string, at: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClairError && error.code === 'feed/shrunk') {
      await store.feeds.recordFailure(feed, at, error.message, { isRefused: true });
    }
    throw error;
  }
}
