import { BY_NAMESPACE } from '../../../ecosystems/feed-scheme.ts';
import { isFileUrl } from '../../../bytes/local-path.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { fetchBucket } from './bucket-feed.ts';
import { OSV_ECOSYSTEMS } from './ecosystems.ts';
import { fetchLocal } from './local-feed.ts';

/** The bucket of osv.dev, which contains an archive, a list and all documents of each ecosystem. */
const URL_OF_BUCKET = 'https://osv-vulnerabilities.storage.googleapis.com/';

/** Matches the address of an archive, as opposed to the address of a bucket. */
const ARCHIVE = /\.(?:tar|zip|tgz|tar\.(?:gz|bz2|xz|zst))$/i;

/** The vulnerabilities in language packages from all databases that OSV collects. */
export const osv: DescribedFetcher = {
  id: 'osv',
  version: 6,
  scheme: BY_NAMESPACE,
  distributions: OSV_ECOSYSTEMS.map(({ namespace }) => namespace),
  url: URL_OF_BUCKET,
  coverage: {
    namespaces: OSV_ECOSYSTEMS.map(({ namespace }) => namespace),
    reads:
      'the OSV advisories of npm, PyPI, Go, Maven, NuGet, RubyGems, crates.io, Packagist, Hex and Bitnami, from GitHub and the databases of the languages, including advisories about malicious packages',
    severity:
      'the highest CVSS score, otherwise the severity label of the advisory, otherwise `Critical` for a malicious package',
    states: [
      ['`informational` in RustSec', '`unmaintained`, `unsound`, `notice`: a note, not a finding'],
      [
        'a version that cannot be ordered',
        '`unknown`: a finding in all versions; the update counts the entry as inexact',
      ],
    ],
    notes: [
      'Advisories that share an alias are merged. IDs in `related` and `upstream` do not count as aliases. Advisories that are withdrawn or missing from the archive are removed.',
      'Commits (`GIT` ranges) and the Go `custom_ranges` are not matched. A listed version is used only if no range contains it. `last_known_affected_version_range` limits ranges without an end.',
      'Maven versions are ordered as in Maven 3.9. Where the Maven rules contradict each other (`1-beta.1` < `1` < `1.final.1` < `1-beta.1`), pre-releases sort first, then the release, then later versions. Names of NuGet, Hex and Composer packages are case-insensitive.',
      'After the first update, Clair reads up to 1,000 changed advisories one by one (`modified_id.csv`); if more advisories changed, Clair reads the archives instead. `updater.osv.ecosystems` selects ecosystems; an update that omits an ecosystem keeps the stored data of the ecosystem, unless `--prune` is given.',
    ],
  },
  fetch: fetchOsv,
};

async function fetchOsv(context: FetchContext): Promise<FetchOutcome> {
  const { from, url = URL_OF_BUCKET, ecosystems: names } = context;
  const ecosystems = OSV_ECOSYSTEMS.filter(({ name }) => names === undefined || names.includes(name));
  if (from !== undefined || isFileUrl(url) || ARCHIVE.test(url)) return await fetchLocal(url, context, ecosystems);
  return await fetchBucket(url.endsWith('/') ? url : `${url}/`, context, ecosystems);
}
