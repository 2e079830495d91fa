import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { Notification } from '../../model/notification.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize, TIME } from './shapes.ts';

const STATES = ['waiting', 'delivered', 'dead'] as const;

const QUERY = Type.Object({
  ...LIST_QUERY,
  state: Type.Optional(
    Type.String({
      maxLength: 16,
      description: `waiting (for delivery, default), delivered (read or not, latest delivery first) or dead (all attempts failed)`,
    }),
  ),
});

const TIME_OR_NULL = Type.Union([TIME, Type.Null()]);

const NOTIFICATION = Type.Object(
  {
    name: Type.String(),
    kind: Type.String(),
    feed: Type.String(),
    vulnerability: Type.String(),
    createdAt: TIME,
    notifiedAt: Type.Union([TIME, Type.Null()], {
      description: 'last delivery, ISO 8601; null before the first delivery',
    }),
    readAt: Type.Union([TIME, Type.Null()], {
      description:
        'time when the notification was read, ISO 8601; null if it is unread; without reminders (`payload: full` or `renotifyinterval: 0`), time of the delivery',
    }),
    attempts: Type.Integer({ description: 'number of failed attempts since the last delivery or retry' }),
    error: Type.Union([Type.String(), Type.Null()], {
      description: 'reason for the last failure since the last delivery; null without a failure',
    }),
    dueAt: Type.Union([TIME, Type.Null()], {
      description: 'next attempt or reminder, ISO 8601; null if the notification is read or dead',
    }),
    channels: Type.Array(Type.String(), {
      description: 'channels that accepted the notification: webhook, amqp or both; empty before the first delivery',
    }),
    deliveries: Type.Integer({ description: 'number of deliveries, including reminders' }),
    totalAttempts: Type.Integer({ description: 'number of all attempts, successful or failed' }),
    lastFailure: Type.Union([Type.Object({ at: TIME_OR_NULL, reason: Type.String() }), Type.Null()], {
      description: 'last failed attempt, including attempts before a delivery or a retry; null without a failure',
    }),
  },
  { title: 'ListedNotification' },
);

const PAGE_OF_NOTIFICATIONS = Type.Object({ notifications: Type.Array(NOTIFICATION), nextPage: NEXT_PAGE });

const DELIVERY_POSITION = Type.Object({
  list: Type.Literal('deliveries'),
  notifiedAt: Type.Integer(),
  id: Type.Integer(),
});

const POSITION = Type.Object({ list: Type.Literal('notifications'), state: Type.String(), after: Type.Integer() });

/** The maximum number of names in a response. */
const MAX_LISTED_NAMES = 1000;

const PARAMS = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 128, description: 'name of the notification, 1 to 128 characters' }),
});

const RETRIED = Type.Object(
  {
    retried: Type.Integer({ description: 'number of notifications that were put back in the queue' }),
    names: Type.Array(Type.String(), {
      description: `names of the oldest of these notifications, at most ${MAX_LISTED_NAMES}`,
    }),
  },
  { title: 'RetriedNotifications' },
);

/**
 * Registers `GET /notifications`, `POST /notifications/retry` and `POST /notifications/:name/retry`. The v1 API has the
 * routes that return a single notification and mark a notification as read.
 */
export function notificationRoutes(server: FastifyInstance, { store, pages, wakeNotifier }: RouteOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/notifications',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List notifications by state.',
          description:
            'Use `GET /v1/notifications/{name}` to read a notification and `DELETE /v1/notifications/{name}` to mark it as read. Read notifications are removed after `housekeeping.notifications`. A notification whose reminders failed is `dead` until it is retried or read. The header `X-Total-Count` is the number of notifications in the state; it is absent for `delivered`.',
          answers: { 200: PAGE_OF_NOTIFICATIONS },
          errors: [400],
        },
      },
    },
    async ({ query }, reply) => {
      const state = STATES.find((each) => each === (query.state ?? STATES[0]));
      if (state === undefined) {
        throw new ClairError(
          'request/invalid',
          `state ${JSON.stringify(query.state)} is unknown: use one of ${STATES.join(', ')}`,
        );
      }
      const limit = pageSize(query.limit);
      const { found, positionOf } =
        state === 'delivered' ? await delivered(query.page, limit + 1) : await inState(state, query.page, limit + 1);
      if (state !== 'delivered') reply.header('x-total-count', (await store.notifications.count())[state]);
      const last = found[limit - 1];
      return {
        notifications: found.slice(0, limit).map(notificationJson),
        nextPage: found.length > limit && last !== undefined ? pages.seal(positionOf(last)) : null,
      };
    },
  );

  server.post(
    '/notifications/retry',
    {
      config: {
        described: {
          summary: 'Retry all dead notifications, each with the full number of attempts.',
          description:
            'The request must not have a body. The notifier of the responding instance starts at once; other notifiers start within a second, or within 15 seconds if the receiver was unreachable.',
          answers: { 200: RETRIED },
          errors: [],
        },
      },
    },
    async ({ body }) => {
      refuseBody(body);
      return await retry('all');
    },
  );

  server.post<{ Params: Type.Static<typeof PARAMS> }>(
    '/notifications/:name/retry',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          summary: 'Retry a dead notification with the full number of attempts.',
          description: 'The request must not have a body. 409 means that the notification is not dead.',
          answers: { 200: RETRIED },
          errors: [400, 404, 409],
        },
      },
    },
    async ({ params: { name }, body }) => {
      refuseBody(body);
      const answer = await retry([name]);
      if (answer.retried === 0) throw notRetried(name, await store.notifications.find(name));
      return answer;
    },
  );

  async function delivered(page: string | undefined, limit: number): Promise<Found> {
    const before = pagePosition(pages, page, DELIVERY_POSITION);
    return { found: await store.notifications.history({ before, limit }), positionOf: deliveryPosition };
  }

  async function inState(state: 'waiting' | 'dead', page: string | undefined, limit: number): Promise<Found> {
    const position = pagePosition(pages, page, POSITION);
    if (position !== undefined && position.state !== state) {
      throw new ClairError('request/page-invalid', `the page token belongs to the state ${position.state}`);
    }
    const positionOf = ({ id }: Notification): object => ({ list: 'notifications', state, after: id });
    return { found: await store.notifications.list(state, { after: position?.after ?? 0, limit }), positionOf };
  }

  async function retry(wanted: readonly string[] | 'all'): Promise<Type.Static<typeof RETRIED>> {
    const names = await store.notifications.retry(wanted, store.now());
    if (names.length > 0) wakeNotifier();
    return { retried: names.length, names: names.slice(0, MAX_LISTED_NAMES) };
  }
}

/** The notifications of a page and the next notification, and a function that returns the position of the next page. */
type Found = {
  readonly found: readonly Notification[];
  readonly positionOf: (last: Notification) => object;
};

function deliveryPosition({ notifiedAt, id }: Notification): object {
  return { list: 'deliveries', notifiedAt, id };
}

/** Rejects a request body, because a client might expect the body to select notifications. */
function refuseBody(body: unknown): void {
  if (body === undefined || body === null) return;
  throw new ClairError('request/invalid', 'the request must not have a body: the path selects the notifications');
}

function notRetried(name: string, found: Notification | undefined): ClairError {
  if (found === undefined) return new ClairError('notification/not-found', `notification ${name} not found`);
  return new ClairError('notification/not-given-up', `notification ${name} is not dead: it ${stateInWords(found)}`);
}

function stateInWords({ readAt, notifiedAt }: Notification): string {
  if (readAt !== null) return 'was read';
  return notifiedAt === null ? 'is in the queue' : 'was delivered';
}

function notificationJson(notification: Notification): object {
  const { name, kind, feed, vulnerability, attempts, error, channels, deliveries, totalAttempts, ...rest } =
    notification;
  const { lastFailure, ...times } = rest;
  return {
    name,
    kind,
    feed,
    vulnerability,
    createdAt: new Date(times.createdAt).toISOString(),
    notifiedAt: timeOrNull(times.notifiedAt),
    readAt: timeOrNull(times.readAt),
    attempts,
    error,
    dueAt: timeOrNull(times.dueAt),
    channels,
    deliveries,
    totalAttempts,
    lastFailure: lastFailure && { at: timeOrNull(lastFailure.at), reason: lastFailure.reason },
  };
}

function timeOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
