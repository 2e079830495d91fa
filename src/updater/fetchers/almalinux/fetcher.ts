import { documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { withKnownStreams } from '../../advisories/rpm-modules.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseAlmaLinux } from './parse.ts';

/** The archive of all AlmaLinux errata on osv.dev. */
const URL_OF_ARCHIVE = 'https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux/all.zip';

/** The AlmaLinux errata. */
export const almalinux: DescribedFetcher = {
  id: 'almalinux',
  version: 2,
  scheme: 'rpm',
  distributions: ['almalinux'],
  url: URL_OF_ARCHIVE,
  coverage: {
    namespaces: ['almalinux:N'],
    reads: 'one OSV advisory for each erratum (`ALSA-…`); its aliases are the CVEs that it fixes',
    severity: 'the severity in the title, otherwise a CVSS score',
    notes: [
      'Bug-fix and enhancement advisories (`ALBA`, `ALEA`) without a CVE are not read. Withdrawn advisories are ignored.',
      'Only the title of an OSV advisory names the module stream (`ruby:3.3 security update`). If the title names no stream, the advisory has the status `unknown` and applies to every stream that contains the package according to the feed. If the feed lists no stream with the package, the advisory applies to every stream of the release.',
      'If an advisory lists several fixed versions of a package, each version belongs to a separate build (`91.3.0-2.el8_4.alma` and `….alma.plus`). Each of these builds is fixed; every other version below the highest fixed version is affected.',
    ],
  },
  fetch: fetchErrata,
};

async function fetchErrata(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_ARCHIVE, context, { wants: isNamedJson });
  const outcome = documentFeed(feed, { json: parseAlmaLinux }, { skipsBroken: true });
  if (outcome.kind === 'not-modified') return outcome;
  return { ...outcome, advisories: withKnownStreams(outcome.advisories, outcome.recordDiagnostics) };
}
