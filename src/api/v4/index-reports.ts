import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { imageInventory } from '../../report/inventory/image-inventory.ts';
import { reportableImage } from '../../report/image/indexed-image.ts';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { canonicalDigest, ONE_IMAGE, type OneImage, POSTED_DIGEST } from './digests.ts';
import { createFailedIndexes } from './failed-indexes.ts';
import { failedReport, INDEX_REPORT, indexReport } from './index-report-body.ts';
import { VENDOR_TYPES } from './negotiation.ts';
import { MANIFEST, type PostedManifest, postedManifest } from './posted-manifest.ts';
import { documentedAt, refuseOtherMethods, slashForms } from './routes.ts';
import { namesState, stateTag, stateToken } from './state-token.ts';

const REPORTS = '/api/v1/index_report';
const ONE_REPORT = `${REPORTS}/:digest`;

const DIGESTS = Type.Array(POSTED_DIGEST, { maxItems: 10_000 });

/** Registers `POST`, `GET` and `DELETE /indexer/api/v1/index_report`. */
export function indexReportRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { store, manifests, noteUse, v4 } = options;
  const state = (): string => stateToken(options);
  const failures = createFailedIndexes();

  async function reportOf(hash: Digest, reply: Parameters<typeof indexReport>[3]): Promise<object | undefined> {
    const found = await reportableImage(store, hash);
    if (found === undefined) return undefined;
    const leaf = found.layers.at(-1);
    if (leaf !== undefined) noteUse(leaf);
    const inventory = await imageInventory(store, found, store.now());
    const products = await store.repositories.cpesOf(inventory.contentSets);
    return indexReport(hash, inventory, { incomplete: v4.incomplete, products }, reply);
  }

  for (const url of slashForms(REPORTS)) {
    server.post<{ Body: PostedManifest }>(
      url,
      {
        schema: { body: MANIFEST },
        preValidation: async ({ headers }, reply) => {
          if (namesState(headers['if-none-match'], state())) return await reply.status(412).send();
        },
        config: {
          ...documentedAt(url, {
            summary: 'Index an image, and return its index report.',
            description:
              'Clair responds when the image has been indexed. Layers that are already indexed are not downloaded. If the entity tag in `If-None-Match` is the current state of the indexer, the response is 412 without a body. 429 means that too many manifests are being indexed (`v4.requests`). 400 means that the request is invalid, or that the image can never be indexed; other failures return 500, 503 or 507.',
            answers: { 201: INDEX_REPORT },
            errors: [400, 412, 413, 429],
          }),
        },
      },
      async ({ body }, reply) => {
        const manifest = postedManifest(body);
        const { hash } = manifest;
        await manifests.index(manifest, whileWaitedFor(reply)).catch((error: unknown) => {
          if (error instanceof ClairError && error.kind !== 'busy') failures.set(hash, error.message);
          throw error;
        });
        failures.delete(hash);
        const report = await reportOf(hash, reply);
        if (report === undefined) throw unknownManifest(hash);
        const path = `/indexer${REPORTS}/${hash}`;
        const matched = `/matcher/api/v1/vulnerability_report/${hash}`;
        reply.status(201).headers({ etag: stateTag(state()), location: path });
        reply.header('link', [
          `<${path}>; rel="https://projectquay.io/clair/v1/index_report"`,
          `<${matched}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
        ]);
        return report;
      },
    );

    server.delete<{ Body: readonly string[] }>(
      url,
      {
        schema: { body: DIGESTS },
        config: {
          ...documentedAt(url, {
            summary: 'Delete images, and return the digests of the images that existed.',
            answers: { 200: Type.Array(Type.String()) },
            errors: [400, 413],
          }),
        },
      },
      async ({ body }) => {
        const removed: string[] = [];
        for (const hash of new Set(body.map(canonicalDigest))) {
          failures.delete(hash);
          if (await store.images.remove(hash)) removed.push(hash);
        }
        return removed;
      },
    );
  }
  refuseOtherMethods(server, REPORTS, ['POST', 'DELETE']);

  for (const url of slashForms(ONE_REPORT)) {
    server.get<{ Params: OneImage }>(
      url,
      {
        schema: { params: ONE_IMAGE },
        exposeHeadRoute: false,
        // The route compares the state before it looks up the image, so the image need not be indexed.
        preValidation: async ({ headers }, reply) => {
          if (namesState(headers['if-none-match'], state())) return await reply.status(304).send();
        },
        config: {
          vendorType: VENDOR_TYPES.indexReport,
          ...documentedAt(url, {
            summary: 'Return the index report of an image.',
            description:
              'The state `IndexError` means that the image is not indexed, and that this instance failed to index it in the last hour. With `v4.incomplete: error`, `IndexError` can also mean that packages of an indexed image were not checked. `ETag` is the state of the indexer; 304 means that `If-None-Match` names this state, even if the image is not indexed.',
            answers: { 200: INDEX_REPORT, 304: null },
            otherMediaTypes: [VENDOR_TYPES.indexReport],
            errors: [400, 404, 415],
          }),
        },
      },
      async ({ params }, reply) => {
        const hash = canonicalDigest(params.digest);
        const failure = failures.get(hash);
        const report =
          (await reportOf(hash, reply)) ?? (failure === undefined ? undefined : failedReport(hash, failure));
        if (report === undefined) throw unknownManifest(hash);
        reply.header('etag', stateTag(state()));
        return report;
      },
    );

    server.delete<{ Params: OneImage }>(
      url,
      {
        schema: { params: ONE_IMAGE },
        config: {
          ...documentedAt(url, {
            summary: 'Delete an image, if it exists.',
            answers: { 204: null },
            errors: [400],
          }),
        },
      },
      async ({ params }, reply) => {
        const hash = canonicalDigest(params.digest);
        failures.delete(hash);
        await store.images.remove(hash);
        return await reply.status(204).send();
      },
    );
  }
  refuseOtherMethods(server, ONE_REPORT, ['GET', 'DELETE']);
}

function unknownManifest(hash: Digest): ClairError {
  return new ClairError('image/unknown', `manifest ${hash} is not indexed`);
}
