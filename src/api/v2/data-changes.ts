import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { ResolvedChange } from '../../database/contracts/change-log.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import { worstSeverity } from '../../model/severity.ts';
import { readCountState } from '../../report/image/image-summary.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { textOf } from '../request-shape.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize, TIME } from './shapes.ts';

/** The maximum number of changes per request that are searched for vulnerabilities of indexed images. */
const MAX_LOOKED = 5000;

const QUERY = Type.Object({
  ...LIST_QUERY,
  inImages: Type.Optional(
    Type.String({
      ...textOf('^true$', 'true'),
      description:
        '`true`: only vulnerabilities with an unsuppressed finding in an indexed image, according to the stored counts',
    }),
  ),
});

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

const PAGE_OF_CHANGES = Type.Object({
  changes: Type.Array(CHANGE),
  nextPage: NEXT_PAGE,
  isCurrent: Type.Optional(
    Type.Boolean({
      description: 'only with `inImages`: false if changes may be missing, because counts are out of date',
    }),
  ),
});

const POSITION = Type.Object({
  list: Type.Union([Type.Literal('changes'), Type.Literal('changes in images')]),
  before: Type.Integer(),
});

function severityOrNull(description: string): Type.TSchema {
  return Type.Union([Type.String(), Type.Null()], { description });
}

/** `GET /changes` */
export function dataChangesRoute(server: FastifyInstance, { store, basis, pages }: RouteOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/changes',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List advisory changes, newest first, with the worst severity before and after each change.',
          description:
            'With `inImages`, a request searches at most 5,000 changes: follow `nextPage` even if a page is short or empty.',
          answers: { 200: PAGE_OF_CHANGES },
          errors: [400],
        },
      },
    },
    async ({ query }) => {
      const list = query.inImages === undefined ? 'changes' : 'changes in images';
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.list !== list) {
        throw new ClairError('request/page-invalid', 'the page token belongs to another filter');
      }
      const state = query.inImages === undefined ? undefined : await readCountState(store, basis);
      const before = position?.before ?? Number.MAX_SAFE_INTEGER;
      const limit = pageSize(query.limit);
      const page = { before, limit };
      const { ids, next } =
        query.inImages === undefined
          ? await latest(page)
          : await store.changeLog.latestFound({ ...page, maxLooked: MAX_LOOKED });
      const changes: object[] = [];
      for (const id of ids) {
        // Housekeeping can delete a change after the query for the IDs.
        const change = await store.changeLog.find(id);
        if (change !== undefined) changes.push(changeJson(change));
      }
      return {
        changes,
        nextPage: next === undefined ? null : pages.seal({ list, before: next }),
        ...(state !== undefined && { isCurrent: state.areCurrent(store.now()) }),
      };
    },
  );

  async function latest(page: {
    readonly before: number;
    readonly limit: number;
  }): Promise<{ readonly ids: readonly number[]; readonly next: number | undefined }> {
    const ids = await store.changeLog.latest({ ...page, limit: page.limit + 1 });
    return { ids: ids.slice(0, page.limit), next: ids.length > page.limit ? ids[page.limit - 1] : undefined };
  }
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
