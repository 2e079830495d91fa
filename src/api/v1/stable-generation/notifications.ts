import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../../database/contracts/store.ts';
import { ClairError } from '../../../errors.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { isNamespaceEntry } from '../../../model/advisories/manual-vulnerability.ts';
import type { Notification } from '../../../model/notification.ts';
import { worstSeverity } from '../../../model/severity.ts';
import { MANUAL_FEED } from '../../../model/feed.ts';
import type { RouteOptions } from '../../api-options.ts';
import { textOf } from '../../request-shape.ts';
import { pagePosition } from '../../page-position.ts';
import { PAGE } from '../shapes.ts';
import { type Fix, VULNERABILITY } from './answer-shapes.ts';
import { fixesIn, vulnerabilityJson } from './vulnerability-json.ts';

const MAX_PAGE_SIZE = 1000;

/** The page position of a side that has no more layers. */
const DONE = -1;

const PARAMS = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 128, description: 'name of the notification, 1 to 128 characters' }),
});

const QUERY = Type.Object({
  limit: Type.String({
    ...textOf('^(-1|[0-9]{1,9})$', 'a number from -1 to 999999999'),
    description: `layers per page for each of \`Old\` and \`New\`, from -1 to 999999999; a page has at most ${MAX_PAGE_SIZE}; -1 returns no layers`,
  }),
  page: Type.Optional(PAGE),
});

/** The content of a page token: for each side, the ID of the last layer of the previous page, or {@link DONE}. */
const POSITION = Type.Object({
  list: Type.Literal('notification'),
  name: Type.String(),
  old: Type.Integer(),
  new: Type.Integer(),
});

const SIDE = Type.Object(
  {
    Vulnerability: VULNERABILITY,
    OrderedLayersIntroducingVulnerability: Type.Optional(
      Type.Array(Type.Object({ Index: Type.Integer(), LayerName: Type.String() })),
    ),
    LayersIntroducingVulnerability: Type.Optional(Type.Array(Type.String())),
  },
  { title: 'VulnerabilityWithLayers' },
);

const SECONDS = Type.String({ pattern: '^[0-9]+$', description: 'Unix time in seconds' });

const NOTIFICATION = Type.Object({
  Notification: Type.Object(
    {
      Name: Type.String(),
      Created: SECONDS,
      Notified: Type.Optional(SECONDS),
      Deleted: Type.Optional(SECONDS),
      Limit: Type.Integer(),
      Page: Type.String(),
      NextPage: Type.Optional(Type.String()),
      Old: Type.Optional(SIDE),
      New: Type.Optional(SIDE),
    },
    { title: 'Notification' },
  ),
});

/** Registers `GET` and `DELETE /notifications/:name`. */
export function notificationRoutes(server: FastifyInstance, { store, pages }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/notifications/:name',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        described: {
          summary:
            'Return a notification: the vulnerability before and after the change, each with the layers that introduce it.',
          description:
            '`Old` is absent for a new vulnerability, and `New` is absent for a withdrawn vulnerability. Both lists of layers share `NextPage`, which is present until both lists end. For a vulnerability in several namespaces, `NamespaceName` is the first namespace, and `FixedIn` lists all namespaces. `Metadata` is the current metadata, not the metadata at the time of the change.',
          answers: { 200: NOTIFICATION },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { name }, query }) => {
      const notification = await notificationNamed(store, name);
      const start = { list: 'notification' as const, name, old: 0, new: 0 };
      const position = pagePosition(pages, query.page, POSITION) ?? start;
      if (position.name !== name)
        throw new ClairError('request/page-invalid', 'the page token belongs to another notification');
      const limit = Math.min(Number(query.limit), MAX_PAGE_SIZE);
      const change = await store.changeLog.find(notification.change);
      const metadata = change?.feed === MANUAL_FEED ? await metadataKept(store, change.name) : undefined;
      const told = { metadata, limit };
      const former = await sideOf(store, { ...told, advisory: change?.before ?? null, after: position.old });
      const present = await sideOf(store, { ...told, advisory: change?.after ?? null, after: position.new });
      const next = { ...position, old: former.next, new: present.next };
      const isDone = limit < 0 || (next.old === DONE && next.new === DONE);
      return {
        Notification: {
          ...timesOf(notification),
          Limit: limit,
          Page: pages.seal(position),
          ...(!isDone && { NextPage: pages.seal(next) }),
          ...(former.body !== undefined && { Old: former.body }),
          ...(present.body !== undefined && { New: present.body }),
        },
      };
    },
  );

  server.delete<{ Params: Type.Static<typeof PARAMS> }>(
    '/notifications/:name',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          summary: 'Mark a notification as read. The server does not send read notifications again.',
          answers: { 200: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { name } }, reply) => {
      if (!(await store.notifications.markRead(name, store.now()))) throw notFound(name);
      return await reply.status(200).send();
    },
  );
}

async function notificationNamed({ notifications }: Store, name: string): Promise<Notification> {
  const found = await notifications.find(name);
  if (found === undefined) throw notFound(name);
  return found;
}

function notFound(name: string): ClairError {
  return new ClairError('notification/not-found', `notification ${name} not found`);
}

function timesOf({ name, createdAt, notifiedAt, readAt }: Notification): object {
  return {
    Name: name,
    Created: seconds(createdAt),
    ...(notifiedAt !== null && { Notified: seconds(notifiedAt) }),
    ...(readAt !== null && { Deleted: seconds(readAt) }),
  };
}

function seconds(time: number): string {
  return String(Math.floor(time / 1000));
}

/** Returns the current metadata of a manual vulnerability, because the change log contains no metadata. */
async function metadataKept({ vulnerabilities }: Store, name: string): Promise<string | undefined> {
  return (await vulnerabilities.find(name)).find(({ feed }) => feed === MANUAL_FEED)?.metadata;
}

type AskedSide = {
  /** The vulnerability on this side of the change; null if this side has no vulnerability. */
  readonly advisory: Advisory | null;
  readonly metadata: string | undefined;
  /** The ID of the last layer on the previous page; 0 for the first page, {@link DONE} if no layers are left. */
  readonly after: number;
  readonly limit: number;
};

type Side = {
  readonly body: object | undefined;
  /** The value of `after` for the next page. */
  readonly next: number;
};

/** Returns a side of a notification with the layers of a page; `body` is undefined if the side has no vulnerability. */
async function sideOf(store: Store, { advisory, metadata, after, limit }: AskedSide): Promise<Side> {
  if (advisory === null) return { body: undefined, next: DONE };
  const Vulnerability = await vulnerabilityOf(store, advisory, metadata);
  if (after === DONE || limit < 0) return { body: { Vulnerability }, next: DONE };
  const { affected } = advisory;
  const found = await store.matches.affectedLayers({ affected }, { after, limit: limit + 1 });
  const layers = found.slice(0, limit);
  return {
    body: {
      Vulnerability,
      ...(layers.length > 0 && {
        OrderedLayersIntroducingVulnerability: layers.map(({ id, name }) => ({ Index: id, LayerName: name })),
        LayersIntroducingVulnerability: layers.map(({ name }) => name),
      }),
    },
    next: found.length > limit ? (layers.at(-1)?.id ?? after) : DONE,
  };
}

/**
 * Converts an advisory, which can affect several namespaces. `NamespaceName` is the first namespace, and `FixedIn`
 * lists the packages of all namespaces.
 */
async function vulnerabilityOf(
  { namespaces, enrichments }: Store,
  advisory: Advisory,
  metadata: string | undefined,
): Promise<object> {
  const { id, link, description, affected } = advisory;
  const names = [...new Set(affected.map(({ namespace }) => namespace))].toSorted();
  const fixes: Fix[] = [];
  for (const name of names) {
    const here = affected.filter((of) => of.namespace === name && !isNamespaceEntry(of));
    if (here.length > 0) fixes.push(...fixesIn(name, (await namespaces.scheme(name)) ?? '', here));
  }
  return vulnerabilityJson({
    namespace: names[0] ?? '',
    records: [{ name: id, link, description, ...(metadata !== undefined && { metadata }) }],
    severity: worstSeverity(affected),
    enrichments: (await enrichments.ofCves([id])).get(id),
    fixes,
  });
}
