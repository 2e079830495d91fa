import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { parsePlatform } from '../../worker/sources/image/platform.ts';
import type { RouteOptions } from '../api-options.ts';
import { shapeCheck } from '../request-shape.ts';
import { SUBMISSION, submissionJson } from './submissions.ts';

/** What the body of an upload is called; every other body is JSON. */
const ARCHIVE_TYPES: readonly string[] = ['application/x-tar', 'application/octet-stream'];

const PLATFORM = Type.Optional(
  Type.String({
    maxLength: 128,
    description: 'os/architecture[/variant]; Linux on the processor of the server when absent',
  }),
);

const NAMED = Type.Object(
  { reference: Type.String({ minLength: 1, maxLength: 512 }), platform: PLATFORM },
  { title: 'ImageToSubmit' },
);

const QUERY = Type.Object({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'what an uploaded archive is called' })),
  platform: PLATFORM,
});

const SUBMITTED = Type.Object({ submission: SUBMISSION });

/** What an archive without a name is called. */
const NAMELESS = 'upload';

/** `POST /images`: by reference, or the archive itself. */
export function imageSubmissionRoute(server: FastifyInstance, { submissions }: RouteOptions): void {
  server.addContentTypeParser([...ARCHIVE_TYPES], (_request, payload, done) => done(null, payload));

  const checkNamed = shapeCheck(NAMED, 'body');
  server.post<{ Querystring: Type.Static<typeof QUERY>; Body: Type.Static<typeof NAMED> | Readable }>(
    '/images',
    {
      schema: { querystring: QUERY, body: NAMED },
      validatorCompiler: ({ httpPart }) =>
        httpPart === 'body'
          ? (value: unknown) => (value instanceof Readable ? { value } : checkNamed(value))
          : shapeCheck(QUERY, 'querystring'),
      config: {
        otherBodyTypes: ARCHIVE_TYPES,
        described: {
          summary: 'Submit an image by its name in a registry, or as an archive; it is read in the background.',
          answers: { 202: SUBMITTED },
          errors: [400, 413],
        },
      },
    },
    async ({ body, query }, reply) => {
      const submission =
        body instanceof Readable
          ? await submissions.upload(
              { target: query.name ?? NAMELESS, platform: checkedPlatform(query.platform) },
              body,
            )
          : await submissions.submit({ target: body.reference, platform: checkedPlatform(body.platform) });
      reply.status(202).header('location', `/v2/submissions/${submission.name}`);
      return { submission: submissionJson(submission) };
    },
  );
}

function checkedPlatform(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (parsePlatform(text) !== undefined) return text;
  throw new ClairError('request/invalid', 'platform must be an operating system and a processor, as in linux/arm64');
}
