import type { Advisory } from '../../../model/advisories/advisory.ts';
import { documentFeed } from '../../feed/parsed-documents.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { isFileUrl } from '../../../bytes/local-path.ts';
import type { FetchContext, Fetcher, FetchOutcome, RecordDiagnostics } from '../../feed/fetcher.ts';
import { alsoOfCentos } from './centos.ts';
import { parseRedhatOval } from './parse-oval.ts';
import { parseVex } from './parse-vex.ts';
import { isRepositoryList, readRepositoryList } from './repository-list.ts';
import { fetchVexFeed } from './vex/vex-feed.ts';

/** About 45,000 VEX documents, one per CVE, with an archive of them and lists of changes. */
const URL_OF_VEX = 'https://security.access.redhat.com/data/csaf/v2/vex/';

/**
 * Vulnerabilities of Red Hat Enterprise Linux, CentOS Linux and layered products, and the products of each repository.
 */
export const redhat: Fetcher = {
  id: 'redhat',
  version: 2,
  scheme: 'rpm',
  distributions: ['rhel', 'centos'],
  url: URL_OF_VEX,
  async fetch(context) {
    const outcome = await fetchRedhat(context);
    return outcome.kind === 'advisories' ? { ...outcome, advisories: alsoOfCentos(outcome.advisories) } : outcome;
  },
};

async function fetchRedhat(context: FetchContext): Promise<FetchOutcome> {
  const url = context.url ?? URL_OF_VEX;
  if (context.from === undefined && !isFileUrl(url)) {
    return await fetchVexFeed(url.endsWith('/') ? url : `${url}/`, context);
  }
  const feed = await openFeedDocuments(url, context, { wants });
  const repositories = new Map<string, readonly string[]>();
  const outcome = documentFeed(feed, {
    json: (document, recordDiagnostics) => parseJson(document, recordDiagnostics, repositories),
    xml: parseRedhatOval,
  });
  return outcome.kind === 'advisories' ? { ...outcome, repositories } : outcome;
}

/** The list of repositories may be in the same directory; it contains no advisories. */
async function* parseJson(
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
  repositories: Map<string, readonly string[]>,
): AsyncGenerator<Advisory> {
  if (!isRepositoryList(document.name)) {
    yield* parseVex(document, recordDiagnostics);
    return;
  }
  for (const [name, cpes] of await readRepositoryList(document, recordDiagnostics)) repositories.set(name, cpes);
}

/** Selects VEX documents and OVAL under its known names; ignores other XML of Red Hat. */
function wants(name: string): boolean {
  return /\.json$/i.test(name) || /(?:oval|rhsa|Red_Hat_Enterprise_Linux)[^/]*\.xml$/i.test(name);
}
