import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../../errors.ts';
import { dayText } from '../../../model/time/day.ts';
import {
  IGNORE_RULE_STATES,
  ignoreRuleJson,
  MAX_IGNORE_IDS,
  MAX_IGNORE_RULE_BYTES,
  MAX_IGNORE_RULES,
  MAX_IGNORE_TEXT_LENGTH,
} from '../../../model/report/ignore-rule.ts';
import { addIgnoreRule, endIgnoreRule } from '../../../suppression/stored-rules.ts';
import { subjectOf } from '../../access/bearer-tokens.ts';
import type { RouteOptions } from '../../api-options.ts';
import { pagePosition } from '../../page-position.ts';
import { textOf } from '../../request-shape.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize, TIME } from '../shapes.ts';

const PARAMS = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64, description: 'name of the rule, 1 to 64 characters' }),
});

const POSTED = Type.Object(
  {
    id: Type.Optional(
      Type.Array(Type.String({ maxLength: MAX_IGNORE_TEXT_LENGTH }), {
        minItems: 1,
        maxItems: MAX_IGNORE_IDS,
        description: `IDs of vulnerabilities, 1 to ${MAX_IGNORE_IDS}; without IDs, all vulnerabilities of the package`,
      }),
    ),
    package: Type.Optional(
      Type.String({
        maxLength: MAX_IGNORE_TEXT_LENGTH,
        description: 'package name, source package name, or package URL',
      }),
    ),
    layer: Type.Optional(
      Type.String({
        maxLength: MAX_IGNORE_TEXT_LENGTH,
        description: '`base` (layers of the base image), `own` (other layers), or a layer digest',
      }),
    ),
    image: Type.Optional(
      Type.String({ maxLength: MAX_IGNORE_TEXT_LENGTH, description: 'image digest, or name with an optional tag' }),
    ),
    reason: Type.String({ maxLength: MAX_IGNORE_TEXT_LENGTH }),
    author: Type.Optional(Type.String({ maxLength: MAX_IGNORE_TEXT_LENGTH })),
    expires: Type.Optional(Type.String({ maxLength: 10, description: 'last day of the rule (UTC), YYYY-MM-DD' })),
  },
  // If a misspelled key were ignored, the rule would suppress more findings than the client intends.
  { title: 'PostedIgnoreRule', additionalProperties: false },
);

const OR_NULL = (description: string): Type.TSchema => Type.Union([Type.String(), Type.Null()], { description });

const RULE = Type.Object(
  {
    name: Type.String({ description: 'random UUID' }),
    id: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'null for all vulnerabilities' }),
    package: OR_NULL('null for all packages'),
    layer: OR_NULL('null for all layers'),
    image: OR_NULL('null for all images'),
    reason: Type.String(),
    author: OR_NULL('null if the rule has no author'),
    expires: OR_NULL('last day of the rule (UTC), YYYY-MM-DD; null if the rule does not expire'),
    createdAt: TIME,
    createdBy: OR_NULL(
      'subject (otherwise issuer) of the token of the client, or system account that ran `clair ignore-rules`; null if unknown, for example because the API requires no tokens',
    ),
    endedAt: Type.Union([TIME, Type.Null()], {
      description: 'time when a client ended the rule, ISO 8601; null if no client has ended it',
    }),
    endedBy: OR_NULL(
      'subject or account that ended the rule, in the form of `createdBy`; null if unknown, or if no client has ended the rule',
    ),
    state: Type.String({ description: 'active, expired or ended' }),
  },
  { title: 'IgnoreRule' },
);

const QUERY = Type.Object({
  ...LIST_QUERY,
  state: Type.Optional(
    Type.String({
      ...textOf(
        `^(${IGNORE_RULE_STATES.join('|')})$`,
        `${IGNORE_RULE_STATES.slice(0, -1).join(', ')} or ${IGNORE_RULE_STATES.at(-1)}`,
      ),
      description: 'active (default), expired or ended; `ended` lists the last 10,000 rules that clients ended',
    }),
  ),
  search: Type.Optional(
    Type.String({
      maxLength: 256,
      description: 'part of an ID, package, layer, image, reason or author, case-insensitive, at most 256 characters',
    }),
  ),
});

const POSITION = Type.Object({
  list: Type.Literal('ignore-rules'),
  /** The state and the search, as JSON. */
  of: Type.String(),
  before: Type.Integer(),
});

/** Registers `GET` and `POST /ignore-rules`, and `GET` and `DELETE /ignore-rules/:name`. */
export function ignoreRuleRoutes(server: FastifyInstance, { store, pages, log, checkAccess }: RouteOptions): void {
  const { ignoreRules } = store;
  const today = (): string => dayText(store.now());
  // If the server requires no tokens, nothing identifies the client, because an unchecked token could name any subject.
  const callerOf = ({ authorization }: IncomingHttpHeaders): string | null =>
    checkAccess === undefined ? null : subjectOf(authorization);

  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/ignore-rules',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List the active, expired or ended ignore rules, newest first.',
          description:
            'Ignore rules of `suppression.files` are not listed. The header `X-Total-Count` is the number of matching rules. A page token is valid only with the same state and search.',
          answers: { 200: Type.Object({ ignoreRules: Type.Array(RULE), nextPage: NEXT_PAGE }) },
          errors: [400],
        },
      },
    },
    async ({ query }, reply) => {
      const filters = {
        state: IGNORE_RULE_STATES.find((each) => each === query.state) ?? 'active',
        search: query.search ?? '',
        today: today(),
      };
      const of = JSON.stringify([filters.state, filters.search]);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.of !== of) {
        throw new ClairError('request/page-invalid', 'the page token belongs to another state or search');
      }
      const limit = pageSize(query.limit);
      reply.header('x-total-count', await ignoreRules.count(filters));
      const found = await ignoreRules.list(filters, { before: position?.before, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const next = { list: 'ignore-rules', of, before: shown.at(-1)?.id ?? 0 };
      return {
        ignoreRules: shown.map((rule) => ignoreRuleJson(rule, filters.today)),
        nextPage: found.length > limit ? pages.seal(next) : null,
      };
    },
  );

  server.post<{ Body: Type.Static<typeof POSTED> }>(
    '/ignore-rules',
    {
      schema: { body: POSTED },
      bodyLimit: MAX_IGNORE_RULE_BYTES,
      config: {
        described: {
          summary: 'Create an ignore rule, which suppresses matching findings in the reports of the server.',
          description: `The keys have the same meaning as in an [ignore file](report.md#ignore-files); a rule needs \`id\` or \`package\`. An unknown key returns 400. The rule applies to all reports of v2, Clair v4 and Harbor, and to counts, graphs, changes and \`clair scan\` with this database. In v1, layers also list suppressed vulnerabilities. If a rule ignores a vulnerability in all images, layers and affected packages, changes to this vulnerability create no notification, not even after the rule ends. The log and \`clair_notifier_ignored_changes_total\` count these changes. The body has at most 64 KiB, and there can be at most ${MAX_IGNORE_RULES.toLocaleString('en')} active and expired rules.`,
          answers: { 201: RULE },
          errors: [400, 413],
        },
      },
    },
    async ({ body, headers, id: request }, reply) => {
      const rule = await addIgnoreRule(ignoreRules, { entry: body, at: store.now(), by: callerOf(headers) });
      log.info({ request, ignoreRule: rule.name, by: rule.createdBy }, 'ignore rule created');
      return await reply.code(201).send(ignoreRuleJson(rule, today()));
    },
  );

  server.get<{ Params: Type.Static<typeof PARAMS> }>(
    '/ignore-rules/:name',
    {
      schema: { params: PARAMS },
      config: { described: { summary: 'Return an ignore rule.', answers: { 200: RULE }, errors: [400, 404] } },
    },
    async ({ params: { name } }) => {
      const rule = await ignoreRules.find(name);
      if (rule === undefined) throw new ClairError('ignore-rule/not-found', `ignore rule ${name} not found`);
      return ignoreRuleJson(rule, today());
    },
  );

  server.delete<{ Params: Type.Static<typeof PARAMS> }>(
    '/ignore-rules/:name',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          summary: 'End an ignore rule. The rule stays in the list of ended rules.',
          answers: { 204: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { name }, headers, id: request }, reply) => {
      const by = callerOf(headers);
      await endIgnoreRule(ignoreRules, name, store.now(), by);
      log.info({ request, ignoreRule: name, by }, 'ignore rule ended');
      return await reply.code(204).send();
    },
  );
}
