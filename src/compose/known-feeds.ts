import type { KnownFeed } from '../model/report/feed-row.ts';

/**
 * All feeds that this version of Clair supports, for vulnerabilities and for enrichments, in the order of their
 * fetchers and enrichers. A list of names, because loading the fetchers takes longer than most commands.
 */
export const KNOWN_FEEDS: readonly KnownFeed[] = [
  { name: 'almalinux', holds: 'vulnerabilities' },
  { name: 'alpine', holds: 'vulnerabilities' },
  { name: 'amazon', holds: 'vulnerabilities' },
  { name: 'azurelinux', holds: 'vulnerabilities' },
  { name: 'chainguard', holds: 'vulnerabilities' },
  { name: 'debian', holds: 'vulnerabilities' },
  { name: 'opensuse', holds: 'vulnerabilities' },
  { name: 'oracle', holds: 'vulnerabilities' },
  { name: 'osv', holds: 'vulnerabilities' },
  { name: 'photon', holds: 'vulnerabilities' },
  { name: 'redhat', holds: 'vulnerabilities' },
  { name: 'rocky', holds: 'vulnerabilities' },
  { name: 'suse', holds: 'vulnerabilities' },
  { name: 'ubuntu', holds: 'vulnerabilities' },
  { name: 'wolfi', holds: 'vulnerabilities' },
  { name: 'epss', holds: 'enrichments' },
  { name: 'kev', holds: 'enrichments' },
  { name: 'nvd', holds: 'enrichments' },
];
