/** The distributions and ecosystems by feed. A test compares the table with the `distributions` of each fetcher. */
const DISTRIBUTIONS: Readonly<Record<string, readonly string[]>> = {
  almalinux: ['almalinux'],
  alpine: ['alpine'],
  amazon: ['amzn'],
  azurelinux: ['azurelinux', 'mariner'],
  chainguard: ['chainguard'],
  debian: ['debian'],
  osv: ['npm', 'pypi', 'golang', 'gem', 'cargo', 'composer', 'maven', 'nuget', 'hex', 'bitnami'],
  opensuse: ['opensuse-leap', 'opensuse-tumbleweed', 'opensuse-leap-micro', 'opensuse'],
  oracle: ['oracle'],
  photon: ['photon'],
  redhat: ['rhel', 'centos'],
  rocky: ['rocky'],
  suse: ['sles', 'sle-micro', 'sl-micro'],
  ubuntu: ['ubuntu'],
  wolfi: ['wolfi'],
};

/** The feed whose updates may be limited to some ecosystems (`updater.osv.ecosystems`). */
const OSV = 'osv';

/**
 * Returns the feeds for the distribution of a namespace, such as `debian:12`, even if no feed has data for the release.
 */
export function feedsOfDistribution(namespace: string): readonly string[] {
  const [distribution = ''] = namespace.split(':');
  return Object.keys(DISTRIBUTIONS).filter((feed) => DISTRIBUTIONS[feed]?.includes(distribution) === true);
}

/**
 * Returns the feeds to download for a namespace without data. The result contains the feeds that were never downloaded,
 * and the feeds of several ecosystems, because a download may have read only some ecosystems.
 *
 * @param stored the feeds with data
 */
export function feedsToDownload(namespace: string, stored: ReadonlySet<string>): readonly string[] {
  return feedsOfDistribution(namespace).filter((feed) => feed === OSV || !stored.has(feed));
}

/** Returns a hint with the command that downloads feeds, for messages. */
export function downloadHint(feeds: readonly string[]): string {
  return `run \`clair update --feed ${feeds.join(',')}\`, or scan with --update`;
}
