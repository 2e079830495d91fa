import type { SchemeId } from '../../versions/scheme.ts';

/** The version scheme of the namespaces of each distribution, by what their names start with. */
const SCHEME_OF_DISTRIBUTION: Readonly<Record<SchemeId, readonly string[]>> = {
  apk: ['alpine', 'chainguard', 'wolfi'],
  dpkg: ['debian', 'ubuntu'],
  rpm: [
    'almalinux',
    'amzn',
    'azurelinux',
    'centos',
    'fedora',
    'mariner',
    'opensuse',
    'oracle',
    'photon',
    'rhel',
    'rocky',
    'sl',
    'sle',
    'sles',
    'suse',
  ],
};

/**
 * Tells which scheme orders the versions in a namespace, by the distribution that it is named after; undefined for one
 * that Clair does not know.
 */
export function schemeOfNamespace(namespace: string): SchemeId | undefined {
  const distribution = namespace.split(/[:.-]/, 1)[0] ?? '';
  return SCHEMES.find((scheme) => SCHEME_OF_DISTRIBUTION[scheme].includes(distribution));
}

/** Reads what clients call a `VersionFormat`, which is the name of a scheme; gives undefined for any other word. */
export function parseVersionFormat(word: string): SchemeId | undefined {
  return SCHEMES.find((scheme) => scheme === word);
}

const SCHEMES: readonly SchemeId[] = ['apk', 'dpkg', 'rpm'];
