import type { Advisory } from '../../../model/advisories/advisory.ts';
import { documentFeed } from '../../feed/parsed-documents.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { isFileUrl } from '../../../bytes/local-path.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome, RecordDiagnostics } from '../../feed/fetcher.ts';
import { alsoOfCentos } from './centos.ts';
import { parseRedhatOval } from './parse-oval.ts';
import { parseVex } from './parse-vex.ts';
import { isRepositoryList, readRepositoryList } from './repository-list.ts';
import { fetchVexFeed } from './vex/vex-feed.ts';

/** The address of about 45,000 VEX documents, one per CVE, with an archive of all documents and lists of changes. */
const URL_OF_VEX = 'https://security.access.redhat.com/data/csaf/v2/vex/';

/**
 * The vulnerabilities in Red Hat Enterprise Linux, CentOS Linux and layered products, and the products of each
 * repository.
 */
export const redhat: DescribedFetcher = {
  id: 'redhat',
  version: 2,
  scheme: 'rpm',
  distributions: ['rhel', 'centos'],
  url: URL_OF_VEX,
  coverage: {
    namespaces: ['rhel:N', 'centos:N'],
    reads: 'one VEX document (CSAF 2.0) for each CVE',
    severity:
      'the rating of the product; if absent, of the vulnerability; if absent, of the document; otherwise a CVSS score',
    states: [
      ['`fixed` with standard support (`enterprise_linux`, `rhel_extras`)', '`fixed`'],
      ['`fixed` in EUS, AUS, TUS, E4S or ELS only', '`fixed-for-subscribers`'],
      ['`known_affected`, "Affected" or no remediation', '`open`'],
      ['`known_affected`, "Fix deferred"', '`postponed`'],
      ['`known_affected`, "Will not fix"', '`ignored`'],
      ['`known_affected`, "Out of support scope"', '`end-of-life`'],
      ['`under_investigation`', '`under-investigation`: stored, not a finding'],
      ['`known_not_affected`', 'no finding'],
      [
        'any other state, a fix with standard support and without a version, or an invalid module',
        '`unknown`: a finding in all versions; the update counts the entry as inexact',
      ],
    ],
    notes: [
      '**Minor releases.** A version is compared within its minor release: `7.76.1-23.el9_2.5` has the fix of `7.76.1-23.el9_2.4`, although 9.3 needs `7.76.1-26.el9_3.2`. Therefore `fixedIn` can be the fix of an older minor release. A higher version of an older minor release (`7.76.1-24.el9_2`) is treated as a version of the next minor release, so Clair may report a false positive.',
      '**Source packages.** A statement about a source package applies to all its binary packages; Clair compares its version with the version of the source package, without the epoch. A statement about a single package takes precedence.',
      '**Modules and architectures.** Packages of a module stream are matched within the stream. If a document names architectures, its fixes apply only to those architectures; unfixed packages are affected on all architectures.',
      '**CentOS Linux** 5 to 8 is matched with the statements about the same RHEL release. CentOS rebuilds (`.el7.centos.1`) sort below the RHEL fixes (`.el7_9.1`), so Clair may report a false positive. CentOS Stream has no feed.',
      '**Layered products** (OpenShift, Satellite, Ansible) ship packages with the same names as RHEL packages. Statements about layered products apply only to packages from their repositories, which the [content manifests](#package-databases) name; an image without content manifests is matched only with RHEL advisories. A statement without a fix and without a release applies to RHEL 7 to 10; a fix without a release is ignored.',
      '**Repositories.** https://security.access.redhat.com/data/metrics/repository-to-cpe.json maps content sets to products. Without this mapping, an image with content sets gets the diagnostic `content-set-unknown`. If several statements apply, the statement about RHEL takes precedence; without a statement about RHEL, the statement about the more specific product takes precedence.',
      '**Other inputs.** `--from` reads VEX documents and Red Hat OVAL (errata, and CVEs without a fix). To read the new format of the feed, set `updater.addresses` for `redhat` to https://security.access.redhat.com/data/csaf/v2/vex-feed/.',
      'Clair reads neither the CSAF advisories of Red Hat (`csaf_security_advisory`) nor statements about container images, language libraries, or packages that exist only in images (_container-first_ content).',
    ],
  },
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

/**
 * Parses a JSON document. The list of repositories may be in the same directory as VEX documents, and contains no
 * advisories.
 */
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

/**
 * Returns whether to read a file: VEX documents, and OVAL documents with known names, but no other XML documents of Red
 * Hat.
 */
function wants(name: string): boolean {
  return /\.json$/i.test(name) || /(?:oval|rhsa|Red_Hat_Enterprise_Linux)[^/]*\.xml$/i.test(name);
}
