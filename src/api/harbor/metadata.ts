import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type FeedState, isStale } from '../../model/feed.ts';
import type { RouteOptions } from '../api-options.ts';
import { DOCUMENT_TYPES, type HarborDocument, IMAGE_TYPES, metadataType } from './media-types.ts';
import type { HarborSettings } from './settings.ts';
import { type Scanner, scannerOf } from './vulnerability-report.ts';

/** The age after which a request starts to read the feed times again; Harbor itself caches a response for 30 s. */
const MAX_AGE_MS = 30_000;

/** The maximum time that a request waits for the first read of the feed times. Harbor aborts after 5 s. */
const MAX_WAIT_MS = 1000;

const METADATA = Type.Object(
  {
    scanner: Type.Object({ name: Type.String(), vendor: Type.String(), version: Type.String() }),
    capabilities: Type.Array(
      Type.Object({
        type: Type.String(),
        consumes_mime_types: Type.Array(Type.String()),
        produces_mime_types: Type.Array(Type.String()),
      }),
    ),
    properties: Type.Record(Type.String(), Type.String()),
  },
  { title: 'ScannerMetadata' },
);

/**
 * Registers `GET /metadata`. Harbor requests the metadata before each scan and each view of a report and gives up after
 * 5 s, so the response comes from memory. A request never waits for scans. Only requests before the first successful
 * read of the feed times wait for the database.
 */
export function metadataRoute(server: FastifyInstance, { store, version, harbor, log }: RouteOptions): void {
  let known: { readonly feeds: readonly FeedState[]; readonly at: number } | undefined;
  let refreshing: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    try {
      known = { feeds: await store.feeds.all(), at: store.now() };
    } catch (error) {
      log.warn({ err: error }, 'could not read the update times of the feeds for Harbor; will retry');
    } finally {
      refreshing = undefined;
    }
  }

  server.get(
    '/metadata',
    {
      config: {
        described: {
          summary: 'Describe the scanner: its version, capabilities, and the age of its data.',
          answers: { 200: METADATA },
          mediaType: 'application/vnd.scanner.adapter.metadata+json; version=1.0',
          errors: [],
        },
      },
    },
    async ({ headers: { accept } }, reply) => {
      if (known === undefined || store.now() - known.at > MAX_AGE_MS) refreshing ??= refresh();
      if (known === undefined) await Promise.race([refreshing, pause(MAX_WAIT_MS)]);
      reply.type(metadataType(accept));
      return metadataOf(scannerOf(version), harbor, { feeds: known?.feeds ?? [], now: store.now() });
    },
  );
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, milliseconds).unref());
}

/**
 * Returns the metadata of the scanner. All properties are texts, as Harbor requires.
 *
 * @param data the state of all feeds, and the time in milliseconds since 1970
 */
export function metadataOf(
  scanner: Scanner,
  { native, sbom }: Pick<HarborSettings, 'native' | 'sbom'>,
  { feeds, now }: { readonly feeds: readonly FeedState[]; readonly now: number },
): object {
  const updates = feeds.flatMap(({ feed, lastSuccess }) => (lastSuccess === null ? [] : [{ feed, lastSuccess }]));
  const oldest = Math.min(...updates.map(({ lastSuccess }) => lastSuccess));
  const faults = feeds.filter((each) => each.error !== null || each.refused !== null || isStale(each, now));
  return {
    scanner,
    capabilities: [
      capabilityOf('vulnerability', native ? 'native' : 'generic'),
      ...(sbom ? [capabilityOf('sbom', 'sbom')] : []),
    ],
    properties: {
      'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
      'harbor.scanner-adapter/registry-authorization-type': 'Basic',
      // Reports the age of the feed with the oldest data as the age of all data.
      ...(updates.length > 0 && {
        'harbor.scanner-adapter/vulnerability-database-updated-at': new Date(oldest).toISOString(),
      }),
      'clair/stale-or-failing-feeds': faults.map(({ feed }) => feed).join(', ') || 'none',
      ...Object.fromEntries(
        updates.map(({ feed, lastSuccess }) => [`clair/feed/${feed}`, new Date(lastSuccess).toISOString()]),
      ),
    },
  };
}

function capabilityOf(type: string, document: HarborDocument): object {
  return { type, consumes_mime_types: IMAGE_TYPES, produces_mime_types: [DOCUMENT_TYPES[document]] };
}
