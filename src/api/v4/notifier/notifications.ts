import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../../errors.ts';
import type { EntryPosition } from '../../../database/contracts/update-notifications.ts';
import type { ReadingOptions, RouteOptions } from '../../api-options.ts';
import { textOf } from '../../request-shape.ts';
import { VENDOR_TYPES } from '../negotiation.ts';
import { documentedAt, refuseOtherMethods, slashForms } from '../routes.ts';
import { NOTIFICATION_PAGE, notificationPage } from './notification-body.ts';
import { NIL_UUID, positionOfToken } from './position-tokens.ts';

const ONE_NOTIFICATION = '/api/v1/notification/:id';

/** The default page size, as in Clair v4. */
const DEFAULT_SIZE = 500;

/** The maximum number of entries on a page, even if a client requests more. */
const MAX_SIZE = 1000;

const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const ONE: Type.TObject<{ id: Type.TString }> = Type.Object({
  id: Type.String({ ...textOf(UUID, 'a UUID'), description: 'UUID of the notification' }),
});

const QUERY = Type.Object({
  page_size: Type.Optional(
    Type.String({
      ...textOf('^[0-9]{1,10}$', 'a number from 0 to 9999999999'),
      description: `entries per page: ${DEFAULT_SIZE} when absent or 0, at most ${MAX_SIZE}`,
    }),
  ),
  next: Type.Optional(
    Type.String({
      ...textOf(UUID, 'a UUID'),
      description: '`page.next` of the previous page; the nil UUID requests the first page',
    }),
  ),
});

type One = { readonly id: string };

/** Registers `GET /notifier/api/v1/notification/{id}`. */
export function notificationRoute(server: FastifyInstance, { store }: Pick<ReadingOptions, 'store'>): void {
  for (const url of slashForms(ONE_NOTIFICATION)) {
    server.get<{ Params: One; Querystring: Type.Static<typeof QUERY> }>(
      url,
      {
        schema: { params: ONE, querystring: QUERY },
        exposeHeadRoute: false,
        config: {
          isLong: true,
          vendorType: VENDOR_TYPES.notificationPage,
          ...documentedAt(url, {
            summary: 'Return a page of a notification, which lists the images that a feed update affects.',
            description:
              'An entry is `added` if a vulnerability newly affects an image or becomes more severe, and `removed` if the vulnerability no longer affects the image. With `notifier.v4.summary`, an image has only the most severe entry for each reason. 404 means that the notification does not exist or was deleted.',
            answers: { 200: NOTIFICATION_PAGE },
            otherMediaTypes: [VENDOR_TYPES.notificationPage],
            errors: [400, 404, 415],
          }),
        },
      },
      async ({ params, query }) => {
        const name = params.id.toLowerCase();
        const after = positionOf(query.next);
        const size = Number(query.page_size ?? 0) || DEFAULT_SIZE;
        const found = await store.updateNotifications.find(name);
        if (found === undefined || found.deletedAt !== null) throw unknownNotification(name);
        const limit = Math.min(size, MAX_SIZE);
        const page = await store.updateNotifications.page(found.id, { after, limit });
        if (page === undefined) throw unknownNotification(name);
        return notificationPage(name, size, page);
      },
    );
  }
}

/** Registers `DELETE /notifier/api/v1/notification/{id}`; a second deletion also succeeds. */
export function notificationDeletion(server: FastifyInstance, { store }: Pick<RouteOptions, 'store'>): void {
  for (const url of slashForms(ONE_NOTIFICATION)) {
    server.delete<{ Params: One }>(
      url,
      {
        schema: { params: ONE },
        config: {
          ...documentedAt(url, {
            summary: 'Delete a notification, so that it is not delivered again.',
            answers: { 200: null },
            errors: [400, 404],
          }),
        },
      },
      async ({ params }, reply) => {
        const name = params.id.toLowerCase();
        if (!(await store.updateNotifications.remove(name, store.now()))) throw unknownNotification(name);
        return await reply.status(200).send();
      },
    );
  }
  refuseOtherMethods(server, ONE_NOTIFICATION, ['GET', 'DELETE']);
}

function positionOf(next: string | undefined): EntryPosition | undefined {
  if (next === undefined || next === NIL_UUID) return undefined;
  const position = positionOfToken(next);
  if (position !== undefined) return position;
  throw new ClairError('request/invalid', `next ${next} is invalid: use page.next of an earlier page, or the nil UUID`);
}

function unknownNotification(name: string): ClairError {
  return new ClairError('notification/not-found', `notification ${name} does not exist or was deleted`);
}
