import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { FileRuleStore, IndexingProgress } from '../../../database/contracts/file-rules.ts';
import { ClairError } from '../../../errors.ts';
import {
  fileRule,
  MAX_DIGESTS_OF_RULE,
  MAX_PATHS_OF_RULE,
  MAX_RULE_DESCRIPTION,
  MAX_RULE_LINK,
  type StoredFileRule,
} from '../../../model/advisories/file-rule.ts';
import { SEVERITIES } from '../../../model/severity.ts';
import type { RouteOptions } from '../../api-options.ts';
import { pagePosition } from '../../page-position.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize, TIME } from '../shapes.ts';

const PARAMS = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 128, description: 'name of the rule, 1 to 128 characters' }),
});

const POSTED = Type.Object(
  {
    id: Type.String({ maxLength: 128, description: 'name of the vulnerability: letters, digits and . _ : + -' }),
    when: Type.Optional(
      Type.String({
        maxLength: 16,
        description:
          'present (default), absent, or changed (the file at a path does not have the digest): images with a file in this state are affected',
      }),
    ),
    paths: Type.Optional(
      Type.Array(Type.String({ maxLength: 4096 }), {
        maxItems: MAX_PATHS_OF_RULE,
        description: `up to ${MAX_PATHS_OF_RULE} paths. Links to directories are followed, except in a path with * (any characters), which must match the real path. Without paths, files anywhere in the image`,
      }),
    ),
    digests: Type.Optional(
      Type.Array(Type.String({ maxLength: 128 }), {
        maxItems: MAX_DIGESTS_OF_RULE,
        description: `up to ${MAX_DIGESTS_OF_RULE} SHA-256 digests of the content; without digests, any content. Digests match only images that were indexed with worker.fileDigests`,
      }),
    ),
    severity: Type.String({ maxLength: 32, description: `severity: ${SEVERITIES.join(', ')}; case-insensitive` }),
    description: Type.Optional(Type.String({ maxLength: MAX_RULE_DESCRIPTION })),
    link: Type.Optional(Type.String({ maxLength: MAX_RULE_LINK })),
  },
  { title: 'PostedFileRule' },
);

const RULE = Type.Object(
  {
    id: Type.String(),
    when: Type.String({ description: 'present, absent or changed' }),
    paths: Type.Array(Type.String(), { description: 'paths without a leading slash' }),
    digests: Type.Array(Type.String(), { description: 'SHA-256 digests, such as sha256:…' }),
    severity: Type.String(),
    description: Type.String(),
    link: Type.String(),
    createdAt: TIME,
    indexed: Type.Boolean({
      description: 'whether all stored layers have been searched for the files; until then, the rule does not apply',
    }),
    indexedAt: Type.Union([TIME, Type.Null()]),
    progress: Type.Object(
      { searched: Type.Integer(), layers: Type.Integer() },
      {
        title: 'IndexingProgress',
        description:
          'number of layers that existed when the rule was created (`layers`), and how many of them have been searched (`searched`)',
      },
    ),
  },
  { title: 'FileRule' },
);

const PAGE_OF_RULES = Type.Object({ fileRules: Type.Array(RULE), nextPage: NEXT_PAGE });

const QUERY = Type.Object(LIST_QUERY);

const POSITION = Type.Object({ list: Type.Literal('file-rules'), after: Type.String() });

/** Registers `GET` and `POST /file-rules`, and `GET` and `DELETE /file-rules/:id`. */
export function fileRuleRoutes(server: FastifyInstance, { store, pages, wakeNotifier }: RouteOptions): void {
  const { fileRules } = store;

  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/file-rules',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List file rules by name.',
          answers: { 200: PAGE_OF_RULES },
          errors: [400],
        },
      },
    },
    async ({ query }) => {
      const limit = pageSize(query.limit);
      const after = pagePosition(pages, query.page, POSITION)?.after ?? '';
      const found = await fileRules.list({ after, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const next = { list: 'file-rules', after: shown.at(-1)?.id ?? after };
      return {
        fileRules: await Promise.all(shown.map((rule) => ruleJson(fileRules, rule))),
        nextPage: found.length > limit ? pages.seal(next) : null,
      };
    },
  );

  server.post<{ Body: Type.Static<typeof POSTED> }>(
    '/file-rules',
    {
      schema: { body: POSTED },
      config: {
        described: {
          summary:
            'Create a file rule: a vulnerability that affects images in which a file is present, absent or changed.',
          description:
            'A background job searches the stored layers. After the search, the rule applies to all indexed images. If the rule affects an image, Clair sends one notification.',
          answers: { 201: RULE },
          errors: [400, 409, 413],
        },
      },
    },
    async ({ body }, reply) => {
      const rule = await fileRules.add(fileRule(body), store.now());
      return await reply.code(201).send(await ruleJson(fileRules, rule));
    },
  );

  server.get<{ Params: Type.Static<typeof PARAMS> }>(
    '/file-rules/:id',
    {
      schema: { params: PARAMS },
      config: { described: { summary: 'Return a file rule.', answers: { 200: RULE }, errors: [400, 404] } },
    },
    async ({ params: { id } }) => {
      const rule = await fileRules.find(id);
      if (rule === undefined) throw unknownRule(id);
      return await ruleJson(fileRules, rule);
    },
  );

  server.delete<{ Params: Type.Static<typeof PARAMS> }>(
    '/file-rules/:id',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          summary: 'Delete a file rule and its vulnerability.',
          answers: { 204: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!(await fileRules.remove(id, store.now()))) throw unknownRule(id);
      wakeNotifier();
      return await reply.code(204).send();
    },
  );
}

function unknownRule(id: string): ClairError {
  return new ClairError('file-rule/not-found', `file rule ${id} not found`);
}

async function ruleJson({ progress }: Pick<FileRuleStore, 'progress'>, rule: StoredFileRule): Promise<object> {
  const { createdAt, indexedAt, paths, digests = [], ...fields } = rule;
  const found: IndexingProgress = (await progress(rule.id)) ?? { searched: 0, layers: 0 };
  return {
    ...fields,
    paths,
    digests,
    createdAt: new Date(createdAt).toISOString(),
    indexed: indexedAt !== null,
    indexedAt: indexedAt === null ? null : new Date(indexedAt).toISOString(),
    progress: found,
  };
}
