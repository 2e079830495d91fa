import type { ReleaseFacts } from '../detector.ts';

export type ReleaseRule = {
  /** The forms of the version for docs/reference/coverage.md; absent for a distribution without releases. */
  readonly forms: readonly string[];
  /** Where the version comes from, for docs/reference/coverage.md. */
  readonly versionSource: string;
  /**
   * Returns the version, which is empty for a distribution without releases; undefined when `VERSION_ID` does not
   * determine it.
   */
  readonly versionOf: (versionId: string) => string | undefined;
};

export type DistributionRule = {
  /**
   * The display name. In Red Hat family release files, and where `NAME` identifies the distribution, the name in the
   * file starts with this name.
   */
  readonly name: string;
  /** `ID` of os-release, in lower case. */
  readonly id: string;
  /** The `ID` of other products with the same packages. */
  readonly otherIds?: readonly string[];
  /**
   * Set if the rule applies only to a `NAME` that starts with the display name, because another distribution has the
   * same `ID`.
   */
  readonly isIdentifiedByName?: true;
  readonly namespace: string;
  readonly release: ReleaseRule;
  /**
   * The release file of the distribution below `etc` and `usr/lib`, in the Red Hat family's format: `NAME release
   * VERSION`.
   */
  readonly releaseFile?: string;
};

const FIRST_NUMBER: ReleaseRule = {
  forms: ['N'],
  versionSource: 'first number of `VERSION_ID`',
  versionOf: (versionId) => /^\d+(?=$|[. ])/.exec(versionId)?.[0],
};

const TWO_NUMBERS: ReleaseRule = {
  forms: ['N.N'],
  versionSource: 'first two numbers of `VERSION_ID`',
  versionOf: (versionId) => /^\d+\.\d+(?=$|[. ])/.exec(versionId)?.[0],
};

/**
 * The version of Amazon Linux 1 is the month of its release; later versions are a year or a counter. In release files,
 * other text may follow the version.
 */
const AMAZON: ReleaseRule = {
  forms: ['N', 'N.N'],
  versionSource: 'first number of `VERSION_ID`; for Amazon Linux 1 (up to `2018.03`), the first two numbers',
  versionOf: (versionId) => /^(?:201\d\.\d\d|\d+)(?=$|[. ])/.exec(versionId)?.[0],
};

const ROLLING: ReleaseRule = {
  forms: [],
  versionSource: 'none: a rolling release',
  versionOf: () => '',
};

/**
 * From etch (4) on, the first number identifies the release; before etch, all numbers do. A code name may follow the
 * version.
 */
const DEBIAN: ReleaseRule = {
  forms: ['N', 'unstable'],
  versionSource:
    '`VERSION_ID`, otherwise `etc/debian_version`, otherwise the apt suites; the suite `testing` has the number of its code name',
  versionOf(versionId) {
    const [number, major] = /^(\d+)(?:\.\d+)*(?= |$)/.exec(versionId) ?? [];
    if (number === undefined || major === undefined) return undefined;
    return Number(major) >= 4 ? major : number;
  },
};

/** An `edge` snapshot has the version of the next release: `3.21.0_alpha20240923`. */
const ALPINE: ReleaseRule = {
  forms: ['vN.N', 'edge'],
  versionSource: 'branch in `etc/apk/repositories`, then `VERSION_ID`, then `etc/alpine-release`',
  versionOf(versionId) {
    const [branch] = /^\d+\.\d+(?=$|[._])/.exec(versionId) ?? [];
    if (branch === undefined) return undefined;
    return versionId.includes('_alpha') ? 'edge' : `v${branch}`;
  },
};

/** The texts about the release files in docs/reference/coverage.md, in Markdown. */
export const RELEASE_FILE_NOTES: readonly string[] = [
  'Clair uses the first of these files that names an operating system: `etc/os-release` (links are followed inside the image), `usr/lib/os-release`, `etc/lsb-release`, the release files of the Red Hat family (first the file of each distribution, then `etc/system-release`, then `etc/redhat-release`), `etc/system-release-cpe`, `etc/alpine-release`, `etc/debian_version`. Clair never uses `ID_LIKE`.',
  'If nothing distinguishes Debian testing from unstable, the namespace is `debian:unstable` and the report has the diagnostic `release-ambiguous`.',
  'If all active, untagged lines of `etc/apk/repositories` name one branch of Alpine other than `latest-stable`, this branch is the release. If the release files name another release, a diagnostic reports the difference. Tagged lines (`@testing …`) do not change the release. If untagged lines name several branches, the release files determine the release. For tagged lines and for several branches, a diagnostic states that packages from other branches may be matched incorrectly.',
];

/**
 * The distributions that Clair recognises; docs/reference/coverage.md is generated from this list. Any other `ID`
 * results in the namespace `ID[:VERSION_ID]`. `ID_LIKE` is ignored, because a derivative is not its parent.
 *
 * The first matching rule is used. The namespaces of Oracle Linux and Amazon Linux are named as in Clair v1.
 */
export const DISTRIBUTIONS: readonly DistributionRule[] = [
  { name: 'Debian', id: 'debian', namespace: 'debian', release: DEBIAN },
  { name: 'Ubuntu', id: 'ubuntu', namespace: 'ubuntu', release: TWO_NUMBERS },
  { name: 'Red Hat Enterprise Linux', id: 'rhel', namespace: 'rhel', release: FIRST_NUMBER },
  {
    name: 'CentOS Stream',
    id: 'centos',
    isIdentifiedByName: true,
    namespace: 'centos-stream',
    release: FIRST_NUMBER,
    releaseFile: 'centos-release',
  },
  { name: 'CentOS', id: 'centos', namespace: 'centos', release: FIRST_NUMBER, releaseFile: 'centos-release' },
  {
    name: 'AlmaLinux',
    id: 'almalinux',
    namespace: 'almalinux',
    release: FIRST_NUMBER,
    releaseFile: 'almalinux-release',
  },
  { name: 'Rocky Linux', id: 'rocky', namespace: 'rocky', release: FIRST_NUMBER, releaseFile: 'rocky-release' },
  { name: 'Oracle Linux', id: 'ol', namespace: 'oracle', release: FIRST_NUMBER, releaseFile: 'oracle-release' },
  { name: 'Fedora', id: 'fedora', namespace: 'fedora', release: FIRST_NUMBER, releaseFile: 'fedora-release' },
  { name: 'Amazon Linux', id: 'amzn', namespace: 'amzn', release: AMAZON, releaseFile: 'amazon-linux-release' },
  {
    name: 'SUSE Linux Enterprise Server',
    id: 'sles',
    otherIds: ['sles_sap', 'sled'],
    namespace: 'sles',
    release: TWO_NUMBERS,
  },
  {
    name: 'SUSE Linux Enterprise Micro',
    id: 'sle-micro',
    otherIds: ['sle-micro-rancher'],
    namespace: 'sle-micro',
    release: TWO_NUMBERS,
  },
  { name: 'SUSE Linux Micro', id: 'sl-micro', namespace: 'sl-micro', release: TWO_NUMBERS },
  { name: 'openSUSE Leap Micro', id: 'opensuse-leap-micro', namespace: 'opensuse-leap-micro', release: TWO_NUMBERS },
  { name: 'openSUSE Leap', id: 'opensuse-leap', namespace: 'opensuse-leap', release: TWO_NUMBERS },
  { name: 'openSUSE Tumbleweed', id: 'opensuse-tumbleweed', namespace: 'opensuse-tumbleweed', release: ROLLING },
  { name: 'Alpine Linux', id: 'alpine', namespace: 'alpine', release: ALPINE },
  { name: 'Wolfi', id: 'wolfi', namespace: 'wolfi', release: ROLLING },
  { name: 'Chainguard', id: 'chainguard', namespace: 'chainguard', release: ROLLING },
  { name: 'VMware Photon OS', id: 'photon', namespace: 'photon', release: TWO_NUMBERS },
  { name: 'Azure Linux', id: 'azurelinux', namespace: 'azurelinux', release: TWO_NUMBERS },
  { name: 'CBL-Mariner', id: 'mariner', namespace: 'mariner', release: TWO_NUMBERS },
];

/**
 * Finds the rule for os-release facts by `ID` and, where several distributions share the ID, by `NAME`; returns
 * undefined for any other distribution.
 */
export function distributionRule(words: ReleaseFacts): DistributionRule | undefined {
  const { ID: id, NAME: name = '' } = words;
  return DISTRIBUTIONS.find(
    (rule) =>
      (rule.id === id || (id !== undefined && rule.otherIds?.includes(id) === true)) &&
      (rule.isIdentifiedByName !== true || startsWithName(name, rule)),
  );
}

/**
 * Returns the `ID` for a name in a release file: `rhel` for `Red Hat Enterprise Linux Server`. Derives the ID of an
 * unknown name as distributions do: `scientific` for `Scientific Linux`.
 */
export function distributionIdOfName(name: string): string {
  const rule = DISTRIBUTIONS.find((each) => startsWithName(name, each));
  return (
    rule?.id ??
    name
      .toLowerCase()
      .replace(/ linux$/, '')
      .replaceAll(' ', '-')
  );
}

function startsWithName(name: string, rule: DistributionRule): boolean {
  return `${name} `.startsWith(`${rule.name} `);
}
