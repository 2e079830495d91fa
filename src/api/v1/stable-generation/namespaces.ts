import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../../database/contracts/store.ts';
import { ClairError } from '../../../errors.ts';
import { worstSeverity } from '../../../model/severity.ts';
import { groupedBy } from '../../../report/writing/grouped.ts';
import type { ReadingOptions } from '../../api-options.ts';
import { textOf } from '../../request-shape.ts';
import { pagePosition } from '../../page-position.ts';
import { NAMESPACE_NAME, PAGE } from '../shapes.ts';
import { VERSION_FORMAT, VULNERABILITY } from './answer-shapes.ts';
import { vulnerabilityJson } from './vulnerability-json.ts';

const MAX_PAGE_SIZE = 1000;

const NAMESPACES = Type.Object({
  Namespaces: Type.Array(Type.Object({ Name: NAMESPACE_NAME, VersionFormat: VERSION_FORMAT }, { title: 'Namespace' })),
});

const PARAMS = Type.Object({ namespace: NAMESPACE_NAME });

const QUERY = Type.Object({
  limit: Type.String({
    ...textOf('^[0-9]{1,9}$', 'a number from 0 to 999999999'),
    description: `vulnerabilities per page, from 0 to 999999999; a page has at most ${MAX_PAGE_SIZE}`,
  }),
  page: Type.Optional(PAGE),
});

const PAGE_OF_VULNERABILITIES = Type.Object({
  Vulnerabilities: Type.Array(VULNERABILITY),
  NextPage: Type.Optional(Type.String()),
});

const POSITION = Type.Object({ list: Type.Literal('vulnerabilities'), namespace: Type.String(), after: Type.String() });

/** Registers `GET /namespaces` and `GET /namespaces/:namespace/vulnerabilities`. */
export function namespaceRoutes(server: FastifyInstance, { store, pages }: ReadingOptions): void {
  server.get(
    '/namespaces',
    {
      config: {
        described: {
          summary: 'List the namespaces of packages and vulnerabilities.',
          answers: { 200: NAMESPACES },
          errors: [],
        },
      },
    },
    async () => ({
      Namespaces: (await store.namespaces.all()).map(({ name, scheme }) => ({ Name: name, VersionFormat: scheme })),
    }),
  );

  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/namespaces/:namespace/vulnerabilities',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        isLong: true,
        described: {
          summary: 'List the vulnerabilities of a namespace by name.',
          answers: { 200: PAGE_OF_VULNERABILITIES },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { namespace }, query }) => {
      await schemeOfKnown(store, namespace);
      const limit = Math.min(Number(query.limit), MAX_PAGE_SIZE);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.namespace !== namespace) {
        throw new ClairError(
          'request/page-invalid',
          `the page token belongs to the list for ${position.namespace}, not for ${namespace}`,
        );
      }
      const after = position?.after ?? '';
      const records = await store.vulnerabilities.inNamespace(namespace, { after, limit: limit + 1 });
      const ofName = groupedBy(records, ({ name }) => name);
      const names = [...ofName.keys()];
      const shown = names.slice(0, limit);
      const enrichments = await store.enrichments.ofCves(shown);
      const next = { list: 'vulnerabilities', namespace, after: shown.at(-1) ?? after };
      return {
        Vulnerabilities: shown.map((name) => {
          const same = ofName.get(name) ?? [];
          const severity = worstSeverity(same);
          return vulnerabilityJson({ namespace, records: same, severity, enrichments: enrichments.get(name) });
        }),
        ...(names.length > limit && { NextPage: pages.seal(next) }),
      };
    },
  );
}

/** Returns the version scheme of a namespace. @throws ClairError `namespace/not-found` */
export async function schemeOfKnown(store: Store, namespace: string): Promise<string> {
  const scheme = await store.namespaces.scheme(namespace);
  if (scheme !== undefined) return scheme;
  throw new ClairError('namespace/not-found', `namespace ${namespace} not found`);
}
