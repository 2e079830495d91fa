import { createHash } from 'node:crypto';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { DocumentIntake, type FeedDocument } from '../../feed/document-intake.ts';
import { openDownload } from '../../feed/download.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { FeedValidators, FetchContext } from '../../feed/fetcher.ts';
import { parseFileValidators, writeFileValidators } from '../../feed/file-validators.ts';
import { isFileUrl } from '../../../bytes/local-path.ts';
import type { DescribedEnricher, EnrichmentOutcome } from '../enricher.ts';
import { enrichmentFeed } from '../enrichment-feed.ts';
import { changedFiles, nvdFiles, type NvdFile } from './files.ts';
import { parseNvd } from './parse.ts';

/** The directory with one file per year (up to 200 MB uncompressed), and one file of recent changes. */
const URL_OF_FEEDS = 'https://nvd.nist.gov/feeds/json/cve/2.0/';

/**
 * CVSS scores, weaknesses and descriptions from the National Vulnerability Database, assigned by the NVD or by other
 * authors.
 */
export const nvd: DescribedEnricher<'cvss'> = {
  id: 'nvd',
  kind: 'cvss',
  version: 3,
  url: URL_OF_FEEDS,
  coverage: {
    content: 'CVSS scores of versions 2.0, 3.0, 3.1 and 4.0, weaknesses (CWE), description, publication date',
    note: 'Clair reads one file for each year since 2002, and a file with the changes of the last eight days. `--from` accepts `nvdcve-*.json`, including format 1.1, and pages of the API. An invalid score is reported and ignored; a CVE without valid scores loses its old scores and weaknesses, and a rejected CVE loses its description.',
  },
  fetch: async (context) => await fetchNvd(context, new Date().getUTCFullYear()),
};

/**
 * Fetches the data files that {@link changedFiles} returns, or the files of a local path. The entity tag of the feed
 * contains the checksums of all files.
 *
 * @throws ClairError `bytes/…`, `feed/invalid`; during iteration also `bytes/corrupt`.
 */
export async function fetchNvd(context: FetchContext, lastYear: number): Promise<EnrichmentOutcome<'cvss'>> {
  const base = context.url ?? URL_OF_FEEDS;
  if (context.from !== undefined || isFileUrl(base)) {
    return enrichmentFeed(await openFeedDocuments(base, context, { wants: isFeed }), { json: parseNvd });
  }
  const known = parseFileValidators(context.validators?.etag);
  const files = await nvdFiles(base, lastYear, context);
  const changed = changedFiles(files, known);
  if (changed.length === 0) return { kind: 'not-modified' };
  const validators: { -readonly [Key in keyof FeedValidators]: FeedValidators[Key] } = {};
  const documents = readFiles(changed, context, () => {
    const read = changed.map(({ name, sha256, lastModified }) => [name, { etag: sha256, lastModified }] as const);
    const text = writeFileValidators(new Map([...known, ...read]));
    if (text !== undefined) validators.etag = text;
  });
  const scope = changed.length === files.length ? 'all' : 'changed';
  return enrichmentFeed({ kind: 'documents', documents, where: base, validators }, { json: parseNvd }, scope);
}

async function* readFiles(
  files: readonly NvdFile[],
  { http, signal }: FetchContext,
  done: () => void,
): AsyncGenerator<FeedDocument> {
  const intake = new DocumentIntake(signal === undefined ? {} : { signal });
  for (const file of files) {
    const download = await openDownload(file.url, { http, ...(signal && { signal }) });
    // The response always has a body, because the request has no validators.
    if (download.kind !== 'body') continue;
    const document = intake.document(`nvdcve-2.0-${file.name}.json`, download.where, () => download.body);
    const checked = checkedBytes(document, file.sha256);
    yield { ...document, stream: checked };
    // Release the connection if the document was skipped.
    await allBytes(checked, 0);
  }
  done();
}

/** Yields the bytes of a document, and verifies the checksum from the `.meta` file after the last byte. */
async function* checkedBytes({ stream, where }: FeedDocument, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (found === sha256) return;
  throw new ClairError(
    'bytes/corrupt',
    `${where} has the SHA-256 digest ${found}, but its .meta file states ${sha256}`,
  );
}

/** Returns whether a file in a directory or an archive is a data file of the NVD. */
function isFeed(name: string): boolean {
  return /(?:^|\/)nvdcve-[^/]*\.json$/.test(name);
}
