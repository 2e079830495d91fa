import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { Report } from '../../model/report/report.ts';
import { MAX_LENT_MS, type Submission } from '../../model/submission.ts';
import { FORMATS } from '../../report/index.ts';
import { reportableImage } from '../../report/image/indexed-image.ts';
import { jsonPieces } from '../../report/writing/json-pieces.ts';
import type { ReadingOptions } from '../api-options.ts';
import { shortOrStream } from '../streamed-text.ts';
import { acceptedDocument, DOCUMENT_TYPES, SBOM_FORMATS } from './media-types.ts';
import { ARTIFACT, parseStoredScan, type StoredScan } from './scan-request.ts';
import { refuseUnchecked } from './unchecked-packages.ts';
import { scannerOf, vulnerabilityReport } from './vulnerability-report.ts';

/** The pauses until the next poll, in seconds; Harbor accepts pauses of 1 to 127 seconds. */
const PAUSE_S: Readonly<Partial<Record<Submission['state'], number>>> = { queued: 5, reading: 2 };

/**
 * The maximum duration of a database outage before polls fail, in milliseconds, and the pause between polls during an
 * outage, in seconds.
 */
const MAX_OUTAGE_MS = 5 * 60_000;
const OUTAGE_PAUSE_S = 10;

const PARAMS = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'ID of the scan, 1 to 64 characters' }),
});

const QUERY = Type.Object({
  sbom_media_type: Type.Optional(
    Type.String({ maxLength: 128, description: `for an SBOM: ${Object.keys(SBOM_FORMATS).join(' or ')}` }),
  ),
});

const REPORT = Type.Object(
  {
    generated_at: Type.String(),
    artifact: ARTIFACT,
    scanner: Type.Object({ name: Type.String(), vendor: Type.String(), version: Type.String() }),
    severity: Type.Optional(Type.String()),
    vulnerabilities: Type.Optional(Type.Array(Type.Unknown())),
    media_type: Type.Optional(Type.String()),
    sbom: Type.Optional(Type.Unknown()),
  },
  { title: 'HarborReport' },
);

/**
 * Registers `GET /scan/:id/report`, which returns the report or the SBOM of a finished scan.
 *
 * @param maxOutage the maximum duration of a database outage before polls fail, in milliseconds
 */
export function scanReportRoute(
  server: FastifyInstance,
  { store, report, noteUse, harbor }: Pick<ReadingOptions, 'store' | 'report' | 'noteUse' | 'harbor'>,
  maxOutage: number = MAX_OUTAGE_MS,
): void {
  let outageSince: number | undefined;

  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/scan/:id/report',
    {
      schema: { params: PARAMS, querystring: QUERY },
      // For an unfinished scan, this hook responds before a thread for long responses receives the request.
      preValidation: async ({ params, url }, reply) => {
        const { submission } = await scanNamed(store, params.id).catch((error: unknown) => {
          if (!isPassing(error)) throw error;
          return { submission: undefined };
        });
        if (submission === undefined) return await askAgain(reply, url, OUTAGE_PAUSE_S);
        outageSince = undefined;
        if (submission.finishedAt === null) return await answerLater(submission, url, reply);
        return undefined;
      },
      config: {
        isLong: true,
        described: {
          summary: 'Return the report or the SBOM of a scan.',
          description:
            '`Accept` selects the vulnerability report (generic 1.1 or native 1.0) or the SBOM; the default is generic 1.1 or, for a scan with only the capability `sbom`, the SBOM. `sbom_media_type` selects SPDX 2.3 or CycloneDX 1.6. 302 means that the scan is queued or running, or that the database does not respond: repeat the request after `Refresh-After` seconds. A scan that takes longer than 25 minutes fails.',
          answers: { 200: REPORT, 302: null },
          mediaType: DOCUMENT_TYPES.generic,
          otherMediaTypes: [DOCUMENT_TYPES.native, DOCUMENT_TYPES.sbom],
          errors: [400, 404, 501],
        },
      },
    },
    async ({ params: { id }, query, headers: { accept } }, reply) => {
      const { submission, scan } = await scanNamed(store, id);
      const document = acceptedDocument(accept, scan.capability === 'sbom' ? 'sbom' : 'generic');
      if (document === undefined) {
        throw new ClairError(
          'harbor/type-unsupported',
          `the Accept header ${JSON.stringify(accept)} allows neither a report nor an SBOM`,
        );
      }
      const format = document === 'sbom' ? sbomFormatOf(query.sbom_media_type) : undefined;
      const [digest] = submission.images;
      const found = digest && (await reportableImage(store, digest));
      if (found === undefined) throw failureOf(submission);
      const { image, layers } = found;
      const leaf = layers.at(-1);
      if (leaf !== undefined) noteUse(leaf);
      const made = await report(image, layers);
      if (format === undefined && harbor.incomplete === 'error') refuseUnchecked(made);
      reply.type(DOCUMENT_TYPES[document]);
      return shortOrStream(
        format === undefined ? jsonPieces(vulnerabilityReport(made, scan.artifact)) : sbomReport(made, scan, format),
      );
    },
  );

  /** Harbor polls until a scan ends, so a scan that takes too long fails. */
  async function answerLater(submission: Submission, url: string, reply: FastifyReply): Promise<FastifyReply> {
    const { name, state, createdAt } = submission;
    if (store.now() - createdAt > MAX_LENT_MS) {
      const { code, message, remedy } = new ClairError(
        'submission/timeout',
        `the scan did not finish within ${MAX_LENT_MS / 60_000} minutes`,
      );
      const error = { code, message, remedy };
      await store.submissions.finish(name, { at: store.now(), images: [], error });
      throw failureOf({ ...submission, error });
    }
    return await askAgain(reply, url, PAUSE_S[state] ?? 1);
  }

  /** Harbor never retries a job, so a short database outage must not fail a scan, but a long outage must. */
  function isPassing(error: unknown): boolean {
    if (!(error instanceof ClairError) || error.code !== 'database/unavailable') return false;
    outageSince ??= performance.now();
    return performance.now() - outageSince < maxOutage;
  }
}

async function askAgain(reply: FastifyReply, url: string, seconds: number): Promise<FastifyReply> {
  const pause = String(seconds);
  return await reply
    .status(302)
    .headers({ location: url, 'refresh-after': pause, 'retry-after': pause, 'cache-control': 'no-store' })
    .send();
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

async function scanNamed(
  { submissions }: Pick<Store, 'submissions'>,
  id: string,
): Promise<{ readonly submission: Submission; readonly scan: StoredScan }> {
  // The `preValidation` hook calls this function before Fastify validates `id`, so check `id` here: PostgreSQL rejects
  // some strings.
  const submission = UUID.test(id) ? await submissions.find(id) : undefined;
  const scan = parseStoredScan(submission?.request ?? null);
  if (submission !== undefined && scan !== undefined) return { submission, scan };
  throw new ClairError('harbor/scan-not-found', `scan ${JSON.stringify(id)} not found`);
}

/** Harbor's credentials are valid only until the scan ends, so rejected credentials have usually expired. */
function failureOf({ target, error }: Pick<Submission, 'target' | 'error'>): ClairError {
  if (error === null) return new ClairError('harbor/scan-failed', `the image ${target} was deleted after its scan`);
  const hint = error.code === 'registry/denied' ? '; the credentials that Harbor sent may have expired' : '';
  return new ClairError(
    'harbor/scan-failed',
    `${error.message}${hint} (${error.code}): ${error.remedy.replace(/\.$/, '')}`,
  );
}

function sbomFormatOf(mediaType: string | undefined): SbomFormat {
  const id = mediaType === undefined ? undefined : SBOM_FORMATS[mediaType];
  const format = FORMATS.find((each) => each.id === id);
  if (format !== undefined && mediaType !== undefined) return { mediaType, format };
  const known = Object.keys(SBOM_FORMATS).join(' or ');
  const given = mediaType === undefined ? '' : `, not ${JSON.stringify(mediaType)}`;
  throw new ClairError('request/invalid', `to request an SBOM, use ?sbom_media_type=${known}${given}`);
}

type SbomFormat = { readonly mediaType: string; readonly format: (typeof FORMATS)[number] };

/**
 * Yields a report that contains the SBOM as a JSON object, because Harbor does not store the SBOM as a text. The SBOM
 * has no layers, because Harbor would list the layers as packages.
 */
function* sbomReport(report: Report, { artifact }: StoredScan, { mediaType, format }: SbomFormat): Generator<string> {
  const head = JSON.stringify({
    generated_at: report.createdAt,
    artifact,
    scanner: scannerOf(report.clairVersion),
    media_type: mediaType,
  });
  yield `${head.slice(0, -1)},"sbom":`;
  yield* format.write({ ...report, layers: [] });
  yield '}';
}
