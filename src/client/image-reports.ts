import { DIGEST_PATTERN } from '../model/digest.ts';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';
import type { Report } from '../model/report/report.ts';
import type { ApiClient } from './api-client.ts';
import { shownWords } from './refusal.ts';
import { readReport } from './report-shape.ts';

/** The size limit of a report; a report with a thousand findings is about 2 MB. */
const MAX_REPORT_BYTES = 128 * 1024 * 1024;

/**
 * The maximum number of search pages to read. A page can be empty, because a server searches only 20,000 images for
 * each page.
 */
const MAX_PAGES = 40;
const PAGE_SIZE = 25;

/** An image in a list that the server returns. */
export type ListedImage = { readonly digest: string; readonly platform: string };

/** The parts of the client that these functions use. */
type Asked = Pick<ApiClient, 'server' | 'get'>;

const DIGEST = Type.String({ pattern: `^${DIGEST_PATTERN}$` });
const LISTED = { digest: DIGEST, platform: Type.String() };
const PAGE = Type.Object({
  images: Type.Array(Type.Object({ ...LISTED, reference: Type.String() })),
  nextPage: Type.Union([Type.String(), Type.Null()]),
});
const WITH_HISTORY = Type.Object({ ...LISTED, history: Type.Array(Type.Object(LISTED)) });

/**
 * Requests the report of an image.
 *
 * @throws ClairError `image/unknown`; `server/…`, including a report that this release cannot read
 */
export async function imageReport(client: Asked, digest: string, signal: AbortSignal): Promise<Report> {
  const path = `/v2/images/${digest}/report`;
  const read = readReport(await client.get(path, { signal, maxBytes: MAX_REPORT_BYTES }));
  if ('report' in read) return read.report;
  const where = shownWords(read.fault);
  throw new ClairError(
    'server/unexpected-answer',
    `the response from ${client.server}${path} is not a report that this version of Clair can read: ${where} is invalid`,
  );
}

/**
 * Finds the images with this reference on the server, the latest image first.
 *
 * @param reference the full reference
 * @returns an empty list if the server has no image with this reference
 * @throws ClairError `image/choice-needed` if too many other references contain this reference; `server/…`
 */
export async function imagesOfReference(
  client: Asked,
  reference: string,
  signal: AbortSignal,
): Promise<readonly ListedImage[]> {
  const search = new URLSearchParams({ search: reference, limit: String(PAGE_SIZE) });
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await checked(client, `/v2/images?${search.toString()}`, PAGE, signal);
    const latest = page.images.find((image) => image.reference === reference);
    if (latest !== undefined) {
      const { history, ...image } = await checked(client, `/v2/images/${latest.digest}`, WITH_HISTORY, signal);
      return [image, ...history];
    }
    if (page.nextPage === null) return [];
    search.set('page', page.nextPage);
  }
  const message = `too many images on ${client.server} have names that contain ${reference}: use the digest of the image`;
  throw new ClairError('image/choice-needed', message);
}

async function checked<Shape extends Type.TSchema>(
  client: Asked,
  path: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<Static<Shape>> {
  const answer = await client.get(path, { signal });
  if (Value.Check(shape, answer)) return answer;
  throw new ClairError('server/unexpected-answer', `the response from ${client.server}${path} has an unexpected form`);
}
