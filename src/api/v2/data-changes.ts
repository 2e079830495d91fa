import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ResolvedChange } from '../../database/contracts/change-log.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import { worstSeverity } from '../../model/severity.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize, TIME } from './shapes.ts';

const QUERY = Type.Object(LIST_QUERY);

const CHANGE = Type.Object(
  {
    feed: Type.String(),
    vulnerability: Type.String(),
    kind: Type.String({ description: 'added, changed or withdrawn' }),
    at: TIME,
    isInitial: Type.Boolean({ description: 'whether the change is from the first import of the feed' }),
    before: severityOrNull('worst severity before the change; null if the advisory was added'),
    after: severityOrNull('worst severity after the change; null if the advisory was withdrawn'),
  },
  { title: 'DataChange' },
);

const PAGE_OF_CHANGES = Type.Object({ changes: Type.Array(CHANGE), nextPage: NEXT_PAGE });

const POSITION = Type.Object({ list: Type.Literal('changes'), before: Type.Integer() });

function severityOrNull(description: string): Type.TSchema {
  return Type.Union([Type.String(), Type.Null()], { description });
}

/** `GET /changes` */
export function dataChangesRoute(server: FastifyInstance, { store, pages }: RouteOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/changes',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List advisory changes, newest first, with the worst severity before and after each change.',
          answers: { 200: PAGE_OF_CHANGES },
          errors: [400],
        },
      },
    },
    async ({ query }) => {
      const before = pagePosition(pages, query.page, POSITION)?.before ?? Number.MAX_SAFE_INTEGER;
      const limit = pageSize(query.limit);
      const ids = await store.changeLog.latest({ before, limit: limit + 1 });
      const changes: object[] = [];
      for (const id of ids.slice(0, limit)) {
        // Housekeeping may have removed the change in the meantime.
        const change = await store.changeLog.find(id);
        if (change !== undefined) changes.push(changeJson(change));
      }
      const next = { list: 'changes', before: ids[limit - 1] ?? before };
      return { changes, nextPage: ids.length > limit ? pages.seal(next) : null };
    },
  );
}

function changeJson({ feed, name, kind, at, isInitial, before, after }: ResolvedChange): object {
  return {
    feed,
    vulnerability: name,
    kind,
    at: new Date(at).toISOString(),
    isInitial,
    before: severityOf(before),
    after: severityOf(after),
  };
}

function severityOf(advisory: Advisory | null): string | null {
  return advisory === null ? null : worstSeverity(advisory.affected);
}
