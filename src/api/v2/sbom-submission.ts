import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { DIGEST_PATTERN, isDigest } from '../../model/digest.ts';
import { checkDistribution } from '../../worker/sources/sbom.ts';
import type { RouteOptions } from '../api-options.ts';
import { SUBMISSION, submissionJson } from './submissions.ts';

/** The media types of SBOMs and their envelopes; the content determines the format. */
export const SBOM_TYPES: readonly string[] = [
  'application/json',
  'application/vnd.cyclonedx+json',
  'application/vnd.cyclonedx+xml',
  'application/spdx+json',
  'application/vnd.syft+json',
  'application/vnd.in-toto+json',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/xml',
  'text/xml',
  'text/spdx',
  'application/octet-stream',
];

const QUERY = Type.Object({
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'name of the SBOM, 1 to 256 characters; default: digest of the SBOM',
    }),
  ),
  distribution: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'distribution of the packages, such as debian:12, if the SBOM does not name one',
    }),
  ),
  image: Type.Optional(
    Type.String({
      pattern: `^${DIGEST_PATTERN}$`,
      description:
        'digest of the image that the SBOM must describe; unless the SBOM describes this image, the report is incomplete',
    }),
  ),
  vex: Type.Optional(
    Type.Enum(['embedded'], {
      description: 'embedded: VEX statements in the SBOM suppress findings in its packages',
    }),
  ),
});

const SUBMITTED = Type.Object({ submission: SUBMISSION });

/** Registers `POST /sboms`, which adds an SBOM to the queue of submissions. */
export function sbomSubmissionRoute(server: FastifyInstance, { submissions }: RouteOptions): void {
  // The scope limits the body parsers to this route, because other routes parse JSON.
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser([...SBOM_TYPES], (_request, payload, done) => done(null, payload));
    scope.post<{ Querystring: Type.Static<typeof QUERY> }>(
      '/sboms',
      {
        schema: { querystring: QUERY },
        config: {
          otherBodyTypes: SBOM_TYPES,
          described: {
            summary: 'Submit an SBOM. Clair analyses the SBOM in the background, and stores it as an image.',
            description:
              'The body is the SBOM in any format that docs/reference/coverage.md lists, compressed (gzip, xz, zstd, bzip2) or not, at most 64 MiB. The content, not the media type, determines the format. `Location` is the path of the submission. Requests with the same SBOM and the same parameters share one submission until it finishes, and always result in the same image. If the instance that analyses the SBOM stops, another instance takes over. A submission whose analysis was interrupted three times fails (`submission/given-up`).',
            answers: { 202: SUBMITTED },
            errors: [400, 413, 415],
          },
        },
      },
      async ({ body, query: { name, distribution, vex, image } }, reply) => {
        if (distribution !== undefined) checkDistribution(distribution);
        if (!(body instanceof Readable))
          throw new ClairError('sbom/invalid', 'the body is empty: send the SBOM as the body');
        const submission = await submissions.submitDocument(
          {
            target: name,
            distribution: distribution ?? null,
            appliesVex: vex === 'embedded',
            ...(image !== undefined && isDigest(image) && { image }),
          },
          body,
        );
        reply.status(202).header('location', `/v2/submissions/${submission.name}`);
        return { submission: submissionJson(submission) };
      },
    );
  });
}
