import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { jsonPieces } from '../../../report/writing/json-pieces.ts';
import type { ReadingOptions } from '../../api-options.ts';
import { leaveBodies, parseBody } from '../../body-types.ts';
import { whileWaitedFor } from '../../request-life.ts';
import { shortOrStream } from '../../streamed-text.ts';
import { VENDOR_TYPES } from '../negotiation.ts';
import { REMARKS } from '../report-shapes.ts';
import { documentedAt, refuseOtherMethods, slashForms } from '../routes.ts';
import { VULNERABILITY } from '../vulnerability-report-body.ts';
import { affectedManifests } from './posted-manifests.ts';
import { POSTED_VULNERABILITIES, readPosted } from './posted-vulnerabilities.ts';

const AFFECTED = '/api/v1/internal/affected_manifest';

/**
 * The maximum size of a request body. The notifier of Clair v4 sends 1000 whole vulnerabilities at a time; each
 * vulnerability is 1 to 3 KB long.
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const TEXT: Type.TString = Type.String();

const AFFECTED_MANIFESTS: Type.TObject = Type.Object(
  {
    vulnerabilities: Type.Record(TEXT, VULNERABILITY),
    vulnerable_manifests: Type.Record(TEXT, Type.Array(TEXT), {
      description: 'the IDs of the vulnerabilities that affect each image, the most severe first',
    }),
    ...REMARKS,
  },
  { title: 'AffectedManifests' },
);

/** Registers `POST /indexer/api/v1/internal/affected_manifest`. A thread parses the body and reads the images. */
export function affectedManifestRoute(server: FastifyInstance, { store }: Pick<ReadingOptions, 'store'>): void {
  // The scope limits the changed body parsers to this route.
  void server.register(async (scope) => {
    leaveBodies(scope);
    for (const url of slashForms(AFFECTED)) {
      scope.post(
        url,
        {
          bodyLimit: MAX_BODY_BYTES,
          config: {
            onlyReads: true,
            isLong: true,
            vendorType: VENDOR_TYPES.affectedManifests,
            ...documentedAt(url, {
              summary: 'Return the indexed images that the requested vulnerabilities affect.',
              description:
                'The body may also be the list of vulnerabilities itself, without the enclosing object. The affected versions come from the stored advisory. If the stored advisory does not list `package` with `fixed_in_version`, the affected versions come from the newest earlier state of the advisory (change log) that lists both. If no state lists both, the versions of `package` before `fixed_in_version` in the distribution or repository are affected. `problems` lists the vulnerabilities whose images are missing, with the reason: for example, Debian and Alpine advisories name source packages, not binary packages. Ignore rules do not apply.',
              body: POSTED_VULNERABILITIES,
              answers: { 200: AFFECTED_MANIFESTS },
              otherMediaTypes: [VENDOR_TYPES.affectedManifests],
              errors: [400, 413, 415],
            }),
          },
        },
        async ({ body }, reply) => {
          const signal = whileWaitedFor(reply);
          const posted = readPosted(parseBody(body));
          const { manifests, unknown } = await affectedManifests(store, posted, { signal });
          if (unknown.length > 0) reply.header('clair-problems', UNKNOWN);
          reply.type('application/json; charset=utf-8');
          return shortOrStream(
            jsonPieces({
              vulnerabilities: Object.fromEntries(posted.map((each) => [each.id, each])),
              vulnerable_manifests: Object.fromEntries(manifests),
              problems: unknown.map(({ id, reason }) => ({
                code: UNKNOWN,
                message: `the response omits the images that the vulnerability affects: ${reason}`,
                where: id,
              })),
              incomplete: unknown.length > 0,
            }),
          );
        },
      );
    }
  });
  refuseOtherMethods(server, AFFECTED, ['POST']);
}

const UNKNOWN = 'vulnerability/not-found';
