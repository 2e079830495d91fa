import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ImagePosition } from '../../../database/contracts/matches.ts';
import { ClairError } from '../../../errors.ts';
import { jsonPieces } from '../../../report/writing/json-pieces.ts';
import type { RouteOptions } from '../../api-options.ts';
import { whileWaitedFor } from '../../request-life.ts';
import { shortOrStream } from '../../streamed-text.ts';
import { VENDOR_TYPES } from '../negotiation.ts';
import { REMARKS } from '../report-shapes.ts';
import { documentedAt, refuseOtherMethods, slashForms } from '../routes.ts';
import { VULNERABILITY, type VulnerabilityBody } from '../vulnerability-report-body.ts';
import { postedPackages } from './posted-packages.ts';
import { POSTED_VULNERABILITIES, type PostedVulnerabilities, readPosted } from './posted-vulnerabilities.ts';

const AFFECTED = '/api/v1/internal/affected_manifest';

/** A thousand vulnerabilities with their texts. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The maximum length of the lists of IDs in a response, in characters: about 50,000 IDs. */
const MAX_LIST_LENGTH = 8 * 1024 * 1024;

/** The number of images per query. */
const IMAGES_PER_PAGE = 1000;

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

/** `POST /indexer/api/v1/internal/affected_manifest`. */
export function affectedManifestRoute(server: FastifyInstance, { store }: Pick<RouteOptions, 'store'>): void {
  for (const url of slashForms(AFFECTED)) {
    server.post<{ Body: PostedVulnerabilities }>(
      url,
      {
        schema: { body: POSTED_VULNERABILITIES },
        bodyLimit: MAX_BODY_BYTES,
        preValidation: async (request) => {
          // The OpenAPI document of Clair v4 describes a list; its code reads an object.
          if (Array.isArray(request.body)) Object.assign(request, { body: { vulnerabilities: request.body } });
        },
        config: {
          onlyReads: true,
          vendorType: VENDOR_TYPES.affectedManifests,
          ...documentedAt(url, {
            summary: 'Return the indexed images that vulnerabilities affect.',
            description:
              'The body may also be the list alone. Affected versions are those of the stored advisory, or of the advisory before its last change. For an advisory that the database never had, they are the versions of `package` before `fixed_in_version` in the distribution. `problems` lists the vulnerabilities that could not be looked up. Ignore rules do not apply.',
            answers: { 200: AFFECTED_MANIFESTS },
            otherMediaTypes: [VENDOR_TYPES.affectedManifests],
            errors: [400, 413, 415],
          }),
        },
      },
      async ({ body }, reply) => {
        const signal = whileWaitedFor(reply);
        const posted = readPosted(body);
        const { manifests, unknown } = await affectedManifests(store, posted, signal);
        if (unknown.length > 0) reply.header('clair-problems', UNKNOWN);
        reply.type('application/json; charset=utf-8');
        return shortOrStream(
          jsonPieces({
            vulnerabilities: Object.fromEntries(posted.map((each) => [each.id, each])),
            vulnerable_manifests: Object.fromEntries(manifests),
            problems: unknown.map(problemOf),
            incomplete: unknown.length > 0,
          }),
        );
      },
    );
  }
  refuseOtherMethods(server, AFFECTED, ['POST']);
}

type Affected = {
  /** The IDs by the digest of the image. */
  readonly manifests: ReadonlyMap<string, readonly string[]>;
  readonly unknown: readonly VulnerabilityBody[];
};

async function affectedManifests(
  store: RouteOptions['store'],
  posted: readonly VulnerabilityBody[],
  signal: AbortSignal,
): Promise<Affected> {
  const packagesOf = await postedPackages(store, posted);
  const manifests = new Map<string, string[]>();
  const unknown: VulnerabilityBody[] = [];
  let length = 0;
  // The lists are filled in this order, so that their most severe vulnerabilities are first.
  for (const each of worstFirst(posted)) {
    const affected = await packagesOf(each);
    if (affected === undefined) {
      unknown.push(each);
      continue;
    }
    const found = new Set<string>();
    for (let after: ImagePosition | undefined; ; ) {
      signal.throwIfAborted();
      const page = await store.matches.imagesAffectedBy(affected, { after, limit: IMAGES_PER_PAGE });
      for (const { digest } of page.images) {
        if (found.has(digest)) continue;
        found.add(digest);
        const ids = manifests.get(digest) ?? [];
        if (ids.length === 0) manifests.set(digest, ids);
        length += each.id.length + 3 + (ids.length === 0 ? digest.length + 6 : 0);
        ids.push(each.id);
      }
      if (length > MAX_LIST_LENGTH) throw tooLong(posted.length);
      after = page.next;
      if (after === undefined) break;
    }
  }
  return { manifests, unknown };
}

function worstFirst(posted: readonly VulnerabilityBody[]): readonly VulnerabilityBody[] {
  return posted.toSorted((one, other) => rankOf(other) - rankOf(one));
}

function rankOf({ normalized_severity: word }: VulnerabilityBody): number {
  return RANKS.indexOf(word);
}

const RANKS: readonly string[] = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'];

const UNKNOWN = 'vulnerability/not-found';

function problemOf({ id, name }: VulnerabilityBody): object {
  const message = `${name} is not stored, and the request names no package or no known distribution: its images are missing`;
  return { code: UNKNOWN, message, where: id };
}

function tooLong(count: number): ClairError {
  return new ClairError(
    'request/invalid',
    `the ${count} vulnerabilities affect so many images that the response would exceed ${MAX_LIST_LENGTH / 1024 / 1024} MiB: send fewer vulnerabilities`,
  );
}
