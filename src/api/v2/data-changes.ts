import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { ChangeFilters, ResolvedChange } from '../../database/contracts/change-log.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import { worstSeverity } from '../../model/severity.ts';
import { readCountState } from '../../report/image/image-summary.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { textOf } from '../request-shape.ts';
import { pastTime, SINCE } from './query-parameters.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize, TIME } from './shapes.ts';

/** The maximum numbers of changes that a request searches for a page and for `X-Total-Count`. */
const MAX_LOOKED = 5000;
const MAX_COUNTED = 20_000;

const QUERY = Type.Object({
  ...LIST_QUERY,
  since: Type.Optional(SINCE),
  firstImports: Type.Optional(
    Type.String({
      ...textOf('^false$', 'false'),
      description: '`false`: without the changes of the first import of each feed',
    }),
  ),
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

const FIRST_IMPORT = Type.Object(
  {
    feed: Type.String(),
    at: TIME,
    changes: Type.Integer({ description: 'number of changes in the import, regardless of `inImages`; at most 20,000' }),
    isWhole: Type.Boolean({ description: 'false if the import has more than 20,000 changes' }),
  },
  { title: 'FirstImport' },
);

const PAGE_OF_CHANGES = Type.Object({
  changes: Type.Array(CHANGE),
  nextPage: NEXT_PAGE,
  firstImports: Type.Optional(
    Type.Array(FIRST_IMPORT, {
      description: 'only with `firstImports=false`: the first imports that are left out, newest first',
    }),
  ),
  isCurrent: Type.Optional(
    Type.Boolean({
      description: 'only with `inImages`: false if changes may be missing, because counts are out of date',
    }),
  ),
});

const POSITION = Type.Object({
  list: Type.Literal('changes'),
  /** The filters, as JSON. */
  of: Type.String(),
  before: Type.Integer(),
});

function severityOrNull(description: string): Type.TSchema {
  return Type.Union([Type.String(), Type.Null()], { description });
}

/** Registers `GET /changes`. */
export function dataChangesRoute(server: FastifyInstance, { store, basis, pages }: RouteOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/changes',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List advisory changes, newest first, with the worst severity before and after each change.',
          description:
            'A request searches at most 5,000 changes: follow `nextPage` even if a page is short or empty. The header `X-Total-Count` is the number of matching changes; it is absent if more than 20,000 changes would have to be searched. First imports that `firstImports=false` leaves out do not count towards these limits. A page token is valid only with the same filters.',
          answers: { 200: PAGE_OF_CHANGES },
          errors: [400],
        },
      },
    },
    async ({ query }, reply) => {
      const filters = filtersOf(query, store.now());
      const of = JSON.stringify(filters);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.of !== of) {
        throw new ClairError('request/page-invalid', 'the page token belongs to a request with other filters');
      }
      const state = filters.inImages === undefined ? undefined : await readCountState(store, basis);
      const before = position?.before ?? Number.MAX_SAFE_INTEGER;
      const page = { filters, before, limit: pageSize(query.limit), maxLooked: MAX_LOOKED };
      const { ids, next } = await store.changeLog.list(page);
      const total = await store.changeLog.total(filters, MAX_COUNTED);
      if (total !== undefined) reply.header('x-total-count', total);
      const changes: object[] = [];
      for (const id of ids) {
        // Housekeeping can delete a change after the query for the IDs.
        const change = await store.changeLog.find(id);
        if (change !== undefined) changes.push(changeJson(change));
      }
      return {
        changes,
        nextPage: next === undefined ? null : pages.seal({ list: 'changes', of, before: next }),
        ...(filters.isLater === true && { firstImports: await firstImports(filters.since ?? 0) }),
        ...(state !== undefined && { isCurrent: state.areCurrent(store.now()) }),
      };
    },
  );

  async function firstImports(since: number): Promise<readonly object[]> {
    const imports = await store.changeLog.firstImports(since);
    return imports.map((each) => ({ ...each, at: new Date(each.at).toISOString() }));
  }
}

/** Returns the filters in a fixed order, so that equal filters have equal JSON. */
function filtersOf({ since, firstImports, inImages }: Type.Static<typeof QUERY>, now: number): ChangeFilters {
  return {
    ...(since !== undefined && { since: pastTime(since, now) }),
    ...(firstImports !== undefined && { isLater: true }),
    ...(inImages !== undefined && { inImages: true }),
  };
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
