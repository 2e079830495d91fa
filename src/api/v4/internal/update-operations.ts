import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { FeedUpdateRow } from '../../../database/contracts/update-history.ts';
import { ClairError } from '../../../errors.ts';
import { groupedBy } from '../../../report/writing/grouped.ts';
import type { RouteOptions } from '../../api-options.ts';
import { textOf } from '../../request-shape.ts';
import { documentedAt, refuseOtherMethods, slashForms } from '../routes.ts';
import { namesState, stateTag } from '../state-token.ts';
import { enrichmentOperation, OPERATION, type OperationBody, vulnerabilityOperation } from './operation-body.ts';
import { referenceOf, updateIdOf, UUID_PATTERN } from './operation-references.ts';

const OPERATIONS = '/api/v1/internal/update_operation';
const ONE_OPERATION = `${OPERATIONS}/:ref`;

/** The maximum number of operations per feed in a list, as in Clair v4 by default. */
const OPERATIONS_PER_FEED = 10;

const QUERY = Type.Object({
  kind: Type.Optional(
    Type.String({
      ...textOf('^(?:vulnerability|enrichment|)$', 'vulnerability or enrichment'),
      description: '`vulnerability` (the default) or `enrichment`',
    }),
  ),
  latest: Type.Optional(
    Type.String({
      ...textOf('^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False|)$', 'true or false'),
      description: '`true` returns only the newest operation of each feed',
    }),
  ),
});

const ONE: Type.TObject<{ ref: Type.TString }> = Type.Object({
  ref: Type.String({ ...textOf(UUID_PATTERN, 'a UUID'), description: 'UUID of the operation' }),
});

type OperationOptions = Pick<RouteOptions, 'store' | 'knownFeeds'>;

/** Registers `GET` and `DELETE /matcher/api/v1/internal/update_operation`. */
export function updateOperationRoutes(server: FastifyInstance, options: OperationOptions): void {
  const { store } = options;
  for (const url of slashForms(OPERATIONS)) {
    server.get<{ Querystring: Type.Static<typeof QUERY> }>(
      url,
      {
        schema: { querystring: QUERY },
        exposeHeadRoute: false,
        config: {
          ...documentedAt(url, {
            summary: 'List the updates of the feeds, by feed, newest first.',
            description:
              'Lists, for each feed, the last ten updates that changed advisories and whose changes are still stored (`housekeeping.changeLog`). Enrichment feeds have one operation, their last successful update. `ETag` is the newest `ref`, so the deletion of an older operation does not change the `ETag`; 304 means that `If-None-Match` names this `ref`.',
            answers: { 200: Type.Record(Type.String(), Type.Array(OPERATION)), 304: null },
            errors: [400],
          }),
        },
      },
      async ({ headers, query }, reply) => {
        const isLatest = /^[1tT]/.test(query.latest ?? '');
        const { newest, operations } =
          query.kind === 'enrichment' ? await enrichments(options) : await vulnerabilities(options, isLatest);
        if (newest !== undefined) {
          reply.header('etag', stateTag(newest));
          if (namesState(headers['if-none-match'], newest)) return await reply.status(304).send();
        }
        return Object.fromEntries(groupedBy(operations, ({ updater }) => updater));
      },
    );
  }
  refuseOtherMethods(server, OPERATIONS, ['GET']);

  for (const url of slashForms(ONE_OPERATION)) {
    server.delete<{ Params: { readonly ref: string } }>(
      url,
      {
        schema: { params: ONE },
        config: {
          ...documentedAt(url, {
            summary: 'Delete an update operation for all clients.',
            description:
              'The changes of the update are kept, so differences between other operations still contain them. A second deletion also succeeds. 400 means that the operation is unknown, or belongs to an enrichment feed, whose operations cannot be deleted.',
            answers: { 200: null },
            errors: [400],
          }),
        },
      },
      async ({ params }, reply) => {
        const ref = params.ref.toLowerCase();
        const found = await findOperation(store, ref);
        if (found !== undefined && (await store.updateHistory.markDeleted(found.id, store.now()))) {
          return await reply.status(200).send();
        }
        const isEnrichment = (await enrichments(options)).operations.some((each) => each.ref === ref);
        if (!isEnrichment) throw unknownOperation(ref);
        throw new ClairError(
          'request/invalid',
          `update operation ${ref} belongs to an enrichment feed, whose operations cannot be deleted`,
        );
      },
    );
  }
  refuseOtherMethods(server, ONE_OPERATION, ['DELETE']);
}

/**
 * Returns the update that a reference names, even if a client deleted the operation; returns undefined if no update has
 * the reference.
 */
export async function findOperation(
  { updateHistory }: Pick<RouteOptions['store'], 'updateHistory'>,
  reference: string,
): Promise<(FeedUpdateRow & { readonly isDeleted: boolean }) | undefined> {
  const update = await updateHistory.find(updateIdOf(reference));
  return update !== undefined && referenceOf(update) === reference.toLowerCase() ? update : undefined;
}

/** Returns the error for a reference without an update. */
export function unknownOperation(reference: string): ClairError {
  return new ClairError(
    'request/invalid',
    `update operation ${reference} not found: the reference is wrong, the operation was deleted, or housekeeping has removed the changes of the operation`,
  );
}

type Operations = { readonly newest: string | undefined; readonly operations: readonly OperationBody[] };

async function vulnerabilities({ store }: OperationOptions, isLatest: boolean): Promise<Operations> {
  const updates = await store.updateHistory.latest(isLatest ? 1 : OPERATIONS_PER_FEED);
  const [newest] = updates;
  return { newest: newest && referenceOf(newest), operations: updates.map(vulnerabilityOperation) };
}

async function enrichments({ store, knownFeeds }: OperationOptions): Promise<Operations> {
  const feeds = new Set(knownFeeds.filter(({ holds }) => holds === 'enrichments').map(({ name }) => name));
  const states = (await store.feeds.all()).filter(({ feed }) => feeds.has(feed));
  const newestFirst = states.toSorted((one, other) => (other.lastSuccess ?? 0) - (one.lastSuccess ?? 0));
  const operations = newestFirst.flatMap((state) => enrichmentOperation(state) ?? []);
  return { newest: operations[0]?.ref, operations };
}
