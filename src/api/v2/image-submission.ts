import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { parsePlatform } from '../../worker/sources/image/platform.ts';
import type { RouteOptions } from '../api-options.ts';
import { shapeCheck } from '../request-shape.ts';
import { SUBMISSION, submissionJson } from './submissions.ts';

/** The media types of an uploaded archive; other bodies are JSON. */
const ARCHIVE_TYPES: readonly string[] = ['application/x-tar', 'application/octet-stream'];

const PLATFORM = Type.Optional(
  Type.String({
    maxLength: 128,
    description: 'os/architecture[/variant], at most 128 characters; default: Linux on the architecture of the server',
  }),
);

const NAMED = Type.Object(
  {
    reference: Type.String({ minLength: 1, maxLength: 512, description: 'image in a registry, 1 to 512 characters' }),
    platform: PLATFORM,
  },
  { title: 'ImageToSubmit' },
);

const NAMELESS = 'upload';

const QUERY = Type.Object({
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description: `name of an uploaded archive, 1 to 256 characters; default: ${NAMELESS}`,
    }),
  ),
  platform: PLATFORM,
});

const SUBMITTED = Type.Object({ submission: SUBMISSION });

/** Registers `POST /images`, which accepts a reference or an archive. */
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
          summary: 'Submit an image by reference or as an archive. Clair analyses the image in the background.',
          description:
            'To upload an archive, send its bytes as `application/x-tar` or `application/octet-stream`. An archive is the output of `docker save` or an OCI layout in a tar; both can be compressed. `Location` is the path of the submission. If the instance that analyses a submission stops, another instance takes over. Only a submission with an uploaded archive fails (`submission/upload-lost`). A submission whose analysis was interrupted three times fails (`submission/given-up`). See "Submissions" for limits and registries.',
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
  throw new ClairError(
    'request/invalid',
    `platform ${JSON.stringify(text)} is invalid: use os/architecture[/variant], such as linux/arm64`,
  );
}
