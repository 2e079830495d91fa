import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerReader } from '../layer/layer-reader.ts';
import type { LinkTarget } from '../layer/link-targets.ts';
import type { LayersAtHand, ReadableLayer } from '../layers-at-hand.ts';
import type { SingleFlight } from '../single-flight.ts';
import { loggedDigest } from './logged-databases.ts';
import type { UnreadDatabase, UnreadLogs } from './unread-logs.ts';

export type LoggedReaderOptions = {
  readonly store: Store;
  readonly reader: LayerReader;
  readonly shared: SingleFlight;
};

/** Reads databases together with their logs, and stores the contents by {@link loggedDigest}. */
export type LoggedReader = {
  /**
   * Reads each database if its layer and the layer of its log can be read again; the other databases stay unread.
   *
   * @throws ClairError `bytes/…` of the reader, unless `isTried` is set; all other errors of the reader and of the
   * store; the abort reason of the signal.
   */
  readonly read: (
    unread: UnreadLogs,
    atHand: LayersAtHand,
    engineVersion: number,
    signal?: AbortSignal,
  ) => Promise<void>;
};

/**
 * Creates the reader. Reads the log first: the log is smaller than the database, and its bytes are sent to the thread
 * that reads the database. Images with equal bytes share one reading.
 */
export function createLoggedReader({ store, reader, shared }: LoggedReaderOptions): LoggedReader {
  async function readOne(
    each: UnreadDatabase,
    from: { readonly database: ReadableLayer; readonly log: ReadableLayer },
    { targets, engineVersion, signal }: ReadingOptions,
  ): Promise<void> {
    const kept = loggedDigest(each);
    const { detector, path } = each;
    const more = { targets, ...(signal && { signal }) };
    await shared.once(`contents ${kept} ${engineVersion}`, {
      find: async () => await store.layers.contents(kept, engineVersion),
      async work() {
        const { layout } = from.log;
        const log = await reader.readFile(from.log.source, { detector, content: each.log }, { ...more, layout });
        const contents = await reader.readFile(
          from.database.source,
          { detector, content: each.database, logged: { path, log } },
          { ...more, layout: from.database.layout },
        );
        await store.layers.keepContents(kept, engineVersion, contents);
        return contents;
      },
      ...(signal && { signal }),
    });
  }

  return {
    async read({ databases, targets }, { layers, isTried = false }, engineVersion, signal) {
      const byDigest = new Map(layers.map((layer) => [layer.digest, layer]));
      const at = (digest: Digest | undefined): ReadableLayer | undefined =>
        digest === undefined ? undefined : byDigest.get(digest);
      for (const each of databases) {
        const database = at(each.layers.database);
        const log = at(each.layers.log);
        if (database === undefined || log === undefined) continue;
        try {
          await readOne(each, { database, log }, { targets, engineVersion, ...(signal && { signal }) });
        } catch (error) {
          signal?.throwIfAborted();
          if (!isTried || !(error instanceof ClairError) || !error.code.startsWith('bytes/')) throw error;
        }
      }
    },
  };
}

type ReadingOptions = {
  readonly targets: readonly LinkTarget[];
  readonly engineVersion: number;
  readonly signal?: AbortSignal;
};
