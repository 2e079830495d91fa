import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { printable } from '../../model/printable.ts';
import type { RouteOptions } from '../api-options.ts';
import { shapeCheck } from '../request-shape.ts';
import { pushesOf } from './pushes.ts';
import { checkSecret } from './secrets.ts';
import { WEBHOOK_KINDS } from './settings.ts';
import { type Outcome, submitPush } from './submitted-pushes.ts';

/** The maximum number of pushes that a request can submit; further pushes are ignored. */
const MAX_PUSHES = 100;

const PARAMS = Type.Object({
  kind: Type.Enum([...WEBHOOK_KINDS], { description: `registry: ${WEBHOOK_KINDS.join(', ')}` }),
});

const QUERY = Type.Object({
  secret: Type.Optional(
    Type.String({
      maxLength: 512,
      description: 'the secret, only for Docker Hub, which cannot send the secret in a header; not logged',
    }),
  ),
});

/** The schema accepts any object, because the format of events other than pushes is unknown. */
const EVENT = Type.Object({}, { title: 'RegistryEvent', description: 'the event as the registry sends it' });

const RECEIVED = Type.Object(
  {
    submitted: Type.Array(Type.Object({ image: Type.String(), submission: Type.String() }), {
      description: 'pushed images, each with the ID of its submission or of an earlier submission of the same push',
    }),
    ignored: Type.Array(Type.Object({ image: Type.String(), reason: Type.String() }), {
      description: 'pushed images that are not analysed',
    }),
  },
  { title: 'ReceivedWebhook' },
);

/** Registers `POST /webhooks/:kind`, which submits the images that a registry reports as pushed. */
export function webhookRoute(server: FastifyInstance, options: RouteOptions): void {
  const { webhooks, store, submissions, hostGuard, log } = options;
  // Webhook requests run one at a time. If a webhook arrives twice at the same time, the second request finds the
  // submission of the first request in the queue.
  const inTurn = pLimit(1);

  // The signature of a webhook covers the bytes of the body, so the parser returns the bytes.
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  server.post<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY>; Body: Buffer | undefined }>(
    '/:kind',
    {
      schema: { params: PARAMS, querystring: QUERY, body: EVENT },
      validatorCompiler: ({ httpPart }) => {
        if (httpPart === 'body') return (value: unknown) => ({ value });
        return httpPart === 'params' ? shapeCheck(PARAMS, 'params') : shapeCheck(QUERY, 'query');
      },
      config: {
        described: {
          summary: 'Receive a webhook from a registry, and submit the pushed images.',
          description:
            'The route of each kind of registry is disabled (404) until its secret is set in `webhooks`. Clair pulls only from `webhooks.registries`, with its own credentials. Only pushes of tagged images are submitted; after other events, both lists in the response are empty. A repeated push is not submitted again while its submission is queued. With the same digest, a push is also not submitted again within a minute, unless its submission failed.',
          answers: { 202: RECEIVED },
          errors: [400, 401, 404, 413, 503],
        },
      },
    },
    async ({ params: { kind }, query, headers, body = Buffer.alloc(0) }, reply) => {
      const secret = webhooks[kind];
      if (secret === undefined) {
        throw new ClairError('webhook/off', `webhooks of ${kind} are not configured`);
      }
      checkSecret(kind, secret, { headers, body, secretInUrl: query.secret });
      const pushes = pushesOf(kind, parsed(body), headers);
      const outcomes: Outcome[] = pushes.slice(MAX_PUSHES).map(({ name, tag }) => ({
        image: `${name}:${tag}`.slice(0, 300),
        ignored: `only the first ${MAX_PUSHES} images of a request are submitted`,
      }));
      await inTurn(async () => {
        for (const push of pushes.slice(0, MAX_PUSHES)) {
          outcomes.push(
            await submitPush(kind, push, { store, submissions, hostGuard, registries: webhooks.registries }),
          );
        }
      });
      const submitted = outcomes.flatMap((each) => ('submission' in each ? [each] : []));
      const ignored = outcomes.flatMap((each) =>
        'ignored' in each ? [{ image: printable(each.image), reason: printable(each.ignored) }] : [],
      );
      for (const each of ignored) log.warn({ webhook: kind, ...each }, 'pushed image ignored');
      reply.status(202);
      return { submitted, ignored };
    },
  );
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClairError('request/not-json', `the body is not valid JSON: ${reason}`, { cause: error });
  }
}
