import { createHash } from 'node:crypto';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { shownAddress } from '../../../bytes/http/client.ts';
import { ClairError } from '../../../errors.ts';
import { documentFeed, type DocumentParsers } from '../../feed/parsed-documents.ts';
import { DocumentIntake, type FeedDocument } from '../../feed/document-intake.ts';
import { openDownload } from '../../feed/download.ts';
import { type FeedDocuments, openFeedDocuments } from '../../feed/many-documents.ts';
import { parseFileValidators, writeFileValidators } from '../../feed/file-validators.ts';
import type { Checksum } from '../../formats/repomd.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome, FeedValidators } from '../../feed/fetcher.ts';
import { parseAmazonUpdateinfo } from './parse.ts';
import { findUpdates, listRepositories, type PublishedUpdates } from './repositories.ts';

/** The address of most repositories; `repositories.ts` contains all addresses. */
const URL_OF_REPOSITORIES = 'https://cdn.amazonlinux.com/';

/** The security advisories of Amazon Linux 1, 2 and 2023 in the metadata of their repositories. */
export const amazon: DescribedFetcher = {
  id: 'amazon',
  version: 1,
  scheme: 'rpm',
  distributions: ['amzn'],
  url: URL_OF_REPOSITORIES,
  coverage: {
    namespaces: ['amzn:2018.03', 'amzn:2', 'amzn:2022', 'amzn:2023'],
    reads:
      'the advisories (`ALAS…`) in the `updateinfo.xml` of each repository: Amazon Linux 1 (main and updates) for x86_64 and i686; Amazon Linux 2 (core and all extras) and 2023 (core and kernel-livepatch) for x86_64 and aarch64',
    severity: 'the severity of the advisory',
    notes: [
      'Updates of a type other than `security` are read only if they name a CVE. The update fails if a core repository of Amazon Linux 2 or 2023 is missing; any other repository may be missing. A configured URL or a local file must be an `updateinfo.xml`.',
      'An advisory applies to binary packages of the listed architectures; `noarch` applies to all. An installed package without an architecture matches all architectures.',
      'Amazon Linux 2 extras have separate version lines under the same package names. If the name of the extra contains an upstream version (`kernel-5.15`, `php8.0`), packages with a lower upstream version are not affected. In other extras (`docker`), all versions below the fix are affected.',
      'Amazon Linux 1 advisories are stored under the last release; images with releases before 2018.03 are reported as not covered. A kernel live patch is not treated as a fix for the kernel.',
    ],
  },
  fetch: fetchAmazon,
};

const PARSERS: DocumentParsers = { xml: parseAmazonUpdateinfo };

/** Reads all repositories, or a configured `updateinfo.xml` or archive instead. */
async function fetchAmazon(context: FetchContext): Promise<FetchOutcome> {
  const { from, url } = context;
  const isOwn = from !== undefined || url !== undefined;
  const feed = isOwn
    ? await openFeedDocuments(url ?? URL_OF_REPOSITORIES, context, { wants: isUpdateinfo })
    : await openRepositories(context);
  return documentFeed(feed, PARSERS);
}

/**
 * Returns whether a file contains advisories. The name may have the checksum prefix of createrepo, or other prefixes
 * and suffixes.
 */
function isUpdateinfo(name: string): boolean {
  return /updateinfo[^/]*\.xml$/i.test(name);
}

/**
 * Opens the advisories of all repositories. The entity tag of the feed contains the checksums of these advisories. If
 * all checksums are unchanged, no advisories are read.
 */
async function openRepositories(context: FetchContext): Promise<FeedDocuments> {
  const published: PublishedUpdates[] = [];
  for (const repository of await listRepositories(context)) {
    const found = await findUpdates(repository, context);
    if (found !== undefined) published.push(found);
  }
  const checksums = new Map(
    published.map(({ repository, file }) => [
      repository.name,
      { etag: `${file.checksum.type}:${file.checksum.value}` },
    ]),
  );
  const etag = writeFileValidators(checksums);
  if (isSame(checksums, parseFileValidators(context.validators?.etag))) return { kind: 'not-modified' };
  const validators: FeedValidators = etag === undefined ? {} : { etag };
  return {
    kind: 'documents',
    documents: publishedDocuments(published, context),
    where: URL_OF_REPOSITORIES,
    validators,
  };
}

function isSame(now: ReadonlyMap<string, FeedValidators>, before: ReadonlyMap<string, FeedValidators>): boolean {
  return now.size === before.size && [...now].every(([name, { etag }]) => before.get(name)?.etag === etag);
}

/** The maximum compressed size of a file in bytes; the largest file is about 4 MB. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

async function* publishedDocuments(
  published: readonly PublishedUpdates[],
  { http, signal }: FetchContext,
): AsyncGenerator<FeedDocument> {
  const intake = new DocumentIntake(signal ? { signal } : {});
  for (const { repository, url, file } of published) {
    const where = shownAddress(url);
    const download = await openDownload(url, { http, ...(signal && { signal }) });
    const bytes = download.kind === 'body' ? await allBytes(download.body, MAX_FILE_BYTES) : undefined;
    if (bytes === undefined)
      throw new ClairError('bytes/limit-exceeded', `${where} is larger than ${MAX_FILE_BYTES} bytes`);
    checkSum(bytes, file.checksum, where);
    yield intake.document(`${repository.name}/updateinfo.xml`, where, () => once(bytes));
  }
}

/** Maps hash names of createrepo to hash names of Node. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha', 'sha1'],
  ['sha1', 'sha1'],
  ['sha224', 'sha224'],
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
]);

function checkSum(bytes: Uint8Array, { type, value }: Checksum, where: string): void {
  const hash = HASHES.get(type);
  if (hash === undefined) throw new ClairError('feed/invalid', `${where} has an unknown checksum type: ${type}`);
  const found = createHash(hash).update(bytes).digest('hex');
  if (found === value) return;
  throw new ClairError('bytes/corrupt', `${where} has the ${hash} digest ${found} instead of ${value}`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
