import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { Submission } from '../../model/submission.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { IMAGE_DIGEST, LIST_QUERY, NEXT_PAGE, pageSize, TIME } from './shapes.ts';

export const SUBMISSION_PARAMS: Type.TObject<{ readonly id: Type.TString }> = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'ID of the submission, 1 to 64 characters' }),
});

export const SUBMISSION: Type.TSchema = Type.Object(
  {
    id: Type.String(),
    target: Type.String({ description: 'reference, or name of the archive or SBOM' }),
    platform: Type.Union([Type.String(), Type.Null()], {
      description: 'requested platform; null if the request does not name a platform',
    }),
    state: Type.String({ description: 'queued, reading, done or failed' }),
    layers: Type.Object(
      { total: Type.Integer(), done: Type.Integer(), known: Type.Integer() },
      {
        description:
          'number of layers: `total`; `done`, stored so far; `known`, the layers of `done` that were stored before the submission',
      },
    ),
    images: Type.Array(IMAGE_DIGEST, { description: 'digests of the indexed images' }),
    error: Type.Union([
      Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }, { title: 'Error' }),
      Type.Null(),
    ]),
    createdAt: TIME,
    finishedAt: Type.Union([TIME, Type.Null()]),
  },
  { title: 'ImageSubmission' },
);

const PAGE_OF_SUBMISSIONS = Type.Object({ submissions: Type.Array(SUBMISSION), nextPage: NEXT_PAGE });

const QUERY = Type.Object(LIST_QUERY);

const POSITION = Type.Object({ list: Type.Literal('submissions'), before: Type.Integer() });

/** Registers `GET /submissions` and `GET /submissions/:id`. */
export function submissionRoutes(server: FastifyInstance, { store, pages }: RouteOptions): void {
  server.get<{ Querystring: Type.Static<typeof QUERY> }>(
    '/submissions',
    {
      schema: { querystring: QUERY },
      config: {
        described: {
          summary: 'List submissions, newest first. Submissions are kept for 7 days after they finish.',
          answers: { 200: PAGE_OF_SUBMISSIONS },
          errors: [400],
        },
      },
    },
    async ({ query }) => {
      const before = pagePosition(pages, query.page, POSITION)?.before ?? Number.MAX_SAFE_INTEGER;
      const limit = pageSize(query.limit);
      const found = await store.submissions.list({ before, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const next = { list: 'submissions', before: shown.at(-1)?.id ?? before };
      return { submissions: shown.map(submissionJson), nextPage: found.length > limit ? pages.seal(next) : null };
    },
  );

  server.get<{ Params: Type.Static<typeof SUBMISSION_PARAMS> }>(
    '/submissions/:id',
    {
      schema: { params: SUBMISSION_PARAMS },
      config: {
        described: {
          summary: 'Return a submission and its progress.',
          answers: { 200: SUBMISSION },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }) => submissionJson(await submissionNamed(store, id)),
  );
}

/** Returns a submission. @throws ClairError `submission/not-found` */
export async function submissionNamed({ submissions }: Pick<Store, 'submissions'>, name: string): Promise<Submission> {
  const found = await submissions.find(name);
  if (found !== undefined) return found;
  throw new ClairError('submission/not-found', `submission ${name} not found`);
}

/** Returns the body of a submission in responses and events; times are ISO 8601 texts. */
export function submissionJson(of: Submission): object {
  const { name, target, platform, state, layers, images, error, createdAt, finishedAt } = of;
  return {
    id: name,
    target,
    platform,
    state,
    layers,
    images,
    error,
    createdAt: new Date(createdAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
  };
}
