import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { Format } from '../../report/format.ts';
import { FORMATS } from '../../report/index.ts';
import type { ReadingOptions } from '../api-options.ts';
import { shortOrStream } from '../streamed-text.ts';
import { imageOfDigest } from './images.ts';
import { IMAGE_DIGEST, REPORT } from './shapes.ts';

const DEFAULT_FORMAT = 'json';

const FORMAT_NAMES = FORMATS.map(({ id }) => id).join(', ');

const PARAMS = Type.Object({ digest: IMAGE_DIGEST });

const QUERY = Type.Object({
  format: Type.Optional(
    Type.String({ maxLength: 32, description: `one of ${FORMAT_NAMES}; default ${DEFAULT_FORMAT}` }),
  ),
});

/** Registers `GET /images/:digest/report`, which returns the report of `clair scan` for a stored image. */
export function reportRoute(server: FastifyInstance, { store, report, noteUse }: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/images/:digest/report',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        isLong: true,
        described: {
          summary: 'Return the report of an image in any output format of `clair scan`.',
          description:
            'docs/reference/report.md describes the JSON report, and docs/reference/formats.md describes the other formats. Browsers show the report in a sandbox.',
          answers: { 200: REPORT },
          otherMediaTypes: FORMATS.map(({ mediaType }) => mediaType),
          errors: [400, 404],
        },
      },
    },
    async ({ params: { digest }, query }, reply) => {
      const format = formatOf(query.format ?? DEFAULT_FORMAT);
      const { image, layers } = await imageOfDigest(store, digest);
      const leaf = layers.at(-1);
      if (leaf !== undefined) noteUse(leaf);
      const made = await report(image, layers);
      const why = format.whyNone?.([made]);
      if (why !== undefined) throw new ClairError('report/no-document', why);
      // An HTML report contains text from the image, so browsers must not run scripts in the report with the origin of
      // this server.
      reply.header('content-security-policy', 'sandbox allow-scripts').header('x-content-type-options', 'nosniff');
      reply.type(format.mediaType.startsWith('text/') ? `${format.mediaType}; charset=utf-8` : format.mediaType);
      return shortOrStream(format.write(made));
    },
  );
}

function formatOf(id: string): Format {
  const format = FORMATS.find((each) => each.id === id);
  if (format !== undefined) return format;
  throw new ClairError('request/invalid', `format ${JSON.stringify(id)} is unknown: use one of ${FORMAT_NAMES}`);
}
