import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { FeedUpdateRow } from '../../../database/contracts/update-history.ts';
import { ClairError } from '../../../errors.ts';
import type { ReadingOptions } from '../../api-options.ts';
import { textOf } from '../../request-shape.ts';
import { NIL_UUID } from '../notifier/position-tokens.ts';
import { documentedAt, refuseOtherMethods, slashForms } from '../routes.ts';
import { VULNERABILITY } from '../vulnerability-report-body.ts';
import { OPERATION, vulnerabilityOperation } from './operation-body.ts';
import { UUID_PATTERN } from './operation-references.ts';
import { updateDifference } from './update-difference.ts';
import { findOperation, unknownOperation } from './update-operations.ts';

const DIFFERENCE = '/api/v1/internal/update_diff';

const QUERY = Type.Object({
  cur: Type.String({ ...textOf(UUID_PATTERN, 'a UUID'), description: '`ref` of an update operation' }),
  prev: Type.Optional(
    Type.String({
      ...textOf(`^$|${UUID_PATTERN}`, 'a UUID'),
      description:
        '`ref` of another update operation of the same feed; if the parameter is absent, empty or the nil UUID, all vulnerabilities are in `added`',
    }),
  ),
});

const UPDATE_DIFF: Type.TObject = Type.Object(
  {
    prev: Type.Optional(OPERATION),
    cur: OPERATION,
    added: Type.Array(VULNERABILITY, { description: 'new and changed vulnerabilities, as in `cur`' }),
    removed: Type.Array(VULNERABILITY, { description: 'removed and changed vulnerabilities, as in `prev`' }),
  },
  { title: 'UpdateDifference' },
);

/** Registers `GET /matcher/api/v1/internal/update_diff`. */
export function updateDifferenceRoute(server: FastifyInstance, { store }: Pick<ReadingOptions, 'store'>): void {
  async function operationOf(reference: string): Promise<FeedUpdateRow> {
    const found = await findOperation(store, reference);
    if (found === undefined || found.isDeleted) throw unknownOperation(reference);
    return found;
  }

  for (const url of slashForms(DIFFERENCE)) {
    server.get<{ Querystring: Type.Static<typeof QUERY> }>(
      url,
      {
        schema: { querystring: QUERY },
        exposeHeadRoute: false,
        config: {
          isLong: true,
          ...documentedAt(url, {
            summary: 'Return the vulnerabilities that differ between two update operations of a feed.',
            description:
              'A changed vulnerability is in both `added` and `removed`. 400 means that an operation is unknown, deleted or of another feed, or that the stored changes no longer reach back to the earlier operation. 400 also means that the difference is too large: more than 10,000 changes, more than 64 MiB or, without `prev`, more than 10,000 advisories in the feed.',
            answers: { 200: UPDATE_DIFF },
            errors: [400],
          }),
        },
      },
      async ({ query: { cur, prev = '' } }) => {
        const current = await operationOf(cur);
        const previous = prev === '' || prev === NIL_UUID ? undefined : await operationOf(prev);
        if (previous !== undefined && previous.feed !== current.feed) {
          throw new ClairError(
            'request/invalid',
            `prev is an update of ${previous.feed}, but cur is an update of ${current.feed}`,
          );
        }
        const difference = await updateDifference(store, previous, current);
        return {
          ...(previous !== undefined && { prev: vulnerabilityOperation(previous) }),
          cur: vulnerabilityOperation(current),
          ...difference,
        };
      },
    );
  }
  refuseOtherMethods(server, DIFFERENCE, ['GET']);
}
