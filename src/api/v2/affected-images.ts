import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { reportableImage } from '../../report/image/indexed-image.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { whileWaitedFor } from '../request-life.ts';
import { IMAGE_DIGEST, LIST_QUERY, NEXT_PAGE, pageSize, TIME } from './shapes.ts';
import { namesWithRecords, VULNERABILITY_PARAMS as PARAMS } from './vulnerability-records.ts';

/** The maximum number of images that a request counts for `X-Total-Count`. */
const MAX_COUNTED = 1000;

const QUERY = Type.Object(LIST_QUERY);

const FINDING = Type.Object(
  {
    type: Type.String({ description: 'package URL type of the package, such as deb or npm' }),
    package: Type.String(),
    version: Type.String(),
    arch: Type.String({ description: 'architecture of the package; empty for packages without an architecture' }),
    paths: Type.Array(Type.String(), {
      description: 'files in which the package was found; empty for packages from a package database',
    }),
    namespace: Type.String(),
    severity: Type.String(),
    status: Type.String(),
    fixedIn: Type.Union([Type.String(), Type.Null()]),
    layer: Type.Integer({ description: 'index of the layer that added the package; 0 is the lowest layer' }),
    createdBy: Type.String({ description: 'instruction of the layer that added the package; empty if unknown' }),
    isSuppressed: Type.Boolean({ description: 'whether an ignore rule or VEX statement suppresses the finding' }),
  },
  { title: 'ImageFinding' },
);

const AFFECTED_IMAGE = Type.Object(
  {
    digest: IMAGE_DIGEST,
    reference: Type.String(),
    platform: Type.String(),
    scannedAt: TIME,
    findings: Type.Array(FINDING, {
      description: 'findings of the vulnerability in the image, suppressed findings last',
    }),
  },
  { title: 'AffectedImage' },
);

const POSITION = Type.Object({
  list: Type.Literal('affected-images'),
  id: Type.String(),
  layer: Type.Integer(),
  image: Type.Integer(),
  /** The value of `X-Total-Count`, which is counted only for the first page; null without the header. */
  total: Type.Union([Type.Integer(), Type.Null()]),
});

type Finding = Type.Static<typeof FINDING>;

/** Registers `GET /vulnerabilities/:id/images`. */
export function affectedImagesRoute(server: FastifyInstance, { store, report, pages }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/vulnerabilities/:id/images',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        described: {
          summary: 'List the images with a vulnerable package, and the findings of the vulnerability in each image.',
          description:
            'Lists images whose final file system contains a vulnerable package, regardless of the layer that added the package. Images with the same topmost layer are adjacent. A request checks a few thousand images: follow `nextPage` even if a page is short or empty. The header `X-Total-Count` is the number of images in the list; it is absent if the list has more than 1,000 images, or if one request cannot check all images.',
          answers: { 200: Type.Object({ images: Type.Array(AFFECTED_IMAGE), nextPage: NEXT_PAGE }) },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id }, query }, reply) => {
      const signal = whileWaitedFor(reply);
      const names = await namesWithRecords(store, id);
      const after = pagePosition(pages, query.page, POSITION);
      if (after !== undefined && after.id !== id) {
        throw new ClairError(
          'request/page-invalid',
          `the page token belongs to the list for ${after.id}, not for ${id}`,
        );
      }
      const { images, next } = await store.matches.affectedImages(names, { after, limit: pageSize(query.limit) });
      signal.throwIfAborted();
      const total = after === undefined ? await totalOf(names, next === undefined ? images : undefined) : after.total;
      if (total !== null) reply.header('x-total-count', total);
      const answered: Type.Static<typeof AFFECTED_IMAGE>[] = [];
      for (const { digest, reference, platform, scannedAt } of images) {
        signal.throwIfAborted();
        const found = await reportableImage(store, digest);
        const findings = found === undefined ? [] : findingsOf(await report(found.image, found.layers), [id, ...names]);
        // The image can be deleted and the feeds can change after the first query.
        if (findings.length === 0) continue;
        answered.push({ digest, reference, platform, scannedAt: new Date(scannedAt).toISOString(), findings });
      }
      const position = next && { list: 'affected-images', id, ...next, total };
      return { images: answered, nextPage: position === undefined ? null : pages.seal(position) };
    },
  );

  /** Counts the images of the list; `whole` is the list if it is known. Returns null if the list is too long. */
  async function totalOf(names: readonly string[], whole: readonly object[] | undefined): Promise<number | null> {
    if (whole !== undefined) return whole.length;
    const { images, next } = await store.matches.affectedImages(names, { after: undefined, limit: MAX_COUNTED });
    return next === undefined ? images.length : null;
  }
}

/**
 * Returns the findings of a report that have one of the names as their ID or as an alias; suppressed findings come
 * last.
 */
function findingsOf({ findings, suppressed, packages, layers }: Report, names: readonly string[]): Finding[] {
  const archs = new Map(packages.map(({ purl, arch }) => [purl, arch]));
  const findingOf = (finding: ReportFinding, isSuppressed: boolean): Finding => ({
    type: finding.type,
    package: finding.package,
    version: finding.version,
    arch: archs.get(finding.purl) ?? '',
    paths: [...finding.paths],
    namespace: finding.namespace,
    severity: finding.severity,
    status: finding.status,
    fixedIn: finding.fixedIn,
    layer: finding.layer,
    createdBy: layers[finding.layer]?.createdBy ?? '',
    isSuppressed,
  });
  const isIt = (finding: ReportFinding): boolean =>
    names.some((name) => finding.id === name || finding.aliases.includes(name));
  return [
    ...findings.filter(isIt).map((finding) => findingOf(finding, false)),
    ...suppressed.filter(isIt).map((finding) => findingOf(finding, true)),
  ];
}
