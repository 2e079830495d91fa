import { documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { withKnownStreams } from '../../advisories/rpm-modules.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseRocky } from './parse.ts';

/** The archive of all Rocky Linux errata on osv.dev. */
const URL_OF_ARCHIVE = 'https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip';

/** The Rocky Linux errata. */
export const rocky: DescribedFetcher = {
  id: 'rocky',
  version: 2,
  scheme: 'rpm',
  distributions: ['rocky'],
  url: URL_OF_ARCHIVE,
  coverage: {
    namespaces: ['rocky:N'],
    reads: 'one OSV advisory for each erratum (`RLSA-…`); its aliases are the CVEs that it fixes',
    severity: 'the severity in the title, otherwise a CVSS score',
    notes: [
      'The feed names source packages, so Clair matches packages by source package and ignores the epoch.',
      'Errata without a CVE, module streams and several fixed builds of a package are handled as in [almalinux](#almalinux).',
      'Special interest groups (`RXSA`, `distro=rocky-linux-8-sig-cloud`) rebuild packages under the same names; their advisories are not read.',
    ],
  },
  fetch: fetchErrata,
};

async function fetchErrata(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_ARCHIVE, context, { wants: isNamedJson });
  const outcome = documentFeed(feed, { json: parseRocky }, { skipsBroken: true });
  if (outcome.kind === 'not-modified') return outcome;
  return { ...outcome, advisories: withKnownStreams(outcome.advisories, outcome.recordDiagnostics) };
}
