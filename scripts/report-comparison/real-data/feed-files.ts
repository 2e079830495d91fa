/** The archives with real data of several feeds. Paths are relative to `feeds`. */

const ORIGINAL = 'clair-history/clair-history-vulnsrc-testdata.tar.zst';
const VULN_LIST = 'misc/vuln-list-update-testdata.tar.zst';
const VULS = 'misc/vuls-data-update-fixtures.tar.zst';
const VUNNEL = 'misc/vunnel-test-fixtures-input.tar.zst';
const CLAIRCORE = 'redhat/vex-claircore-testdata.tar.zst';
const UBUNTU_SAMPLES = 'ubuntu/vex-osv-vunnel-fixtures.tar.zst';

/** Members of an archive with documents of many feeds. */
export type ArchiveMembers = {
  readonly archive: string;
  /** Matches the paths of the wanted members, without a leading `./`. */
  readonly wanted: RegExp;
  /** The new file name of a member, if Clair recognises the document by its file name; `$&` is the original name. */
  readonly renamed?: string;
};

export type FeedFiles = {
  /** The feed, by its name in `clair update --feed`. */
  readonly feed: string;
  readonly files: readonly string[];
  readonly members: readonly ArchiveMembers[];
};

/** The feeds in the order of their import. */
export const FEED_FILES: readonly FeedFiles[] = [
  {
    feed: 'almalinux',
    files: ['almalinux/almalinux-osv.tar.zst'],
    members: [
      { archive: VULS, wanted: /^pkg\/fetch\/alma\/osv\/.*\/all\.zip$/ },
      { archive: VUNNEL, wanted: /\/alma\/test-fixtures\/osv-database\/.*\.json$/ },
    ],
  },
  {
    feed: 'alpine',
    files: ['alpine/alpine-secdb-yaml.tar.zst', 'alpine/alpine-secdb-json-regenerated.tar.zst'],
    members: [
      { archive: ORIGINAL, wanted: /\/alpine\/testdata\/.*\.yaml$/ },
      { archive: VULN_LIST, wanted: /^alpine\/testdata\/[^/]*\.json$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/alpine\/secdb\/.*\.json$/ },
      { archive: VUNNEL, wanted: /\/alpine\/test-fixtures\/.*\.yaml$/ },
    ],
  },
  {
    feed: 'amazon',
    files: [],
    members: [
      { archive: ORIGINAL, wanted: /\/amzn\/testdata\/.*updateinfo\.xml$/ },
      { archive: VULN_LIST, wanted: /^amazon\/.*\/updateinfo_(?!invalid)[^/]*\.xml\.gz$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/amazon\/.*\/updateinfo_(?!invalid_xml)[^/]*\.xml\.gz$/ },
    ],
  },
  {
    feed: 'azurelinux',
    files: [
      'azurelinux/azurelinux-3.0-oval.xml.zst',
      'azurelinux/cbl-mariner-1.0-oval.xml.zst',
      'azurelinux/cbl-mariner-2.0-oval.xml.zst',
    ],
    members: [
      { archive: VULN_LIST, wanted: /^mariner\/testdata\/happy\/.*-oval\.xml$/ },
      {
        archive: VUNNEL,
        wanted: /\/mariner\/test-fixtures\/azure-linux-truncated-3\.0-oval\.xml$/,
        renamed: 'azurelinux-3.0-oval.xml',
      },
      {
        archive: VUNNEL,
        wanted: /\/mariner\/test-fixtures\/mariner-truncated-2\.0-oval\.xml$/,
        renamed: 'cbl-mariner-2.0-oval.xml',
      },
    ],
  },
  {
    feed: 'chainguard',
    files: [],
    members: [
      { archive: VULN_LIST, wanted: /^chainguard\/testdata\/security\.json$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/chainguard\/secdb\/.*\/security\.json$/ },
      { archive: VUNNEL, wanted: /\/chainguard\/test-fixtures\/input\/secdb\/security\.json$/ },
    ],
  },
  {
    feed: 'debian',
    files: ['debian/debian-tracker-derived.json.zst', 'debian/debian-changelog-derived.json.zst'],
    members: [
      { archive: ORIGINAL, wanted: /^ext\/vulnsrc\/debian\/testdata\/fetcher_debian_test\.json$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/debian\/tracker\/api\/.*\/advisory\.json$/ },
      { archive: VUNNEL, wanted: /\/debian\/test-fixtures\/input\/debian\.json$/ },
    ],
  },
  { feed: 'epss', files: [], members: [{ archive: VULS, wanted: /^pkg\/fetch\/epss\/.*\.csv\.gz$/ }] },
  { feed: 'kev', files: ['enrichment/cisa-kev.tar.zst'], members: [] },
  {
    feed: 'nvd',
    files: ['nvd/nvdcve-1.1-slice.json.zst', 'nvd/nvdcve-2.0-2022-slice.json.zst'],
    members: [{ archive: VULS, wanted: /^pkg\/fetch\/nvd\/feed\/cve\/.*\.json\.gz$/ }],
  },
  {
    feed: 'opensuse',
    files: [
      'suse/opensuse.leap.15.3-patch.xml.zst',
      'suse/opensuse.leap.micro.5.3-affected.xml.zst',
      'suse/opensuse.leap.micro.5.3.xml.zst',
    ],
    members: [
      { archive: VULS, wanted: /^pkg\/fetch\/suse\/oval\/.*\/opensuse\.[^/]*$/ },
      { archive: ORIGINAL, wanted: /\/fetcher_opensuse_test\.1\.xml$/, renamed: 'opensuse.test.xml' },
    ],
  },
  {
    feed: 'oracle',
    files: [],
    members: [
      { archive: VULS, wanted: /^pkg\/fetch\/oracle\/linux\/.*\/com\.oracle\.elsa-all\.xml\.bz2$/ },
      {
        archive: VULN_LIST,
        wanted: /\/(?:all-positive-data|elsa-2018-1196-1)\.xml\.bz2$/,
        renamed: 'com.oracle.elsa-$&',
      },
      { archive: ORIGINAL, wanted: /\/fetcher_oracle_test\.\d\.xml$/, renamed: 'com.oracle.elsa-$&' },
      {
        archive: VUNNEL,
        wanted: /\/oracle\/test-fixtures\/mock_(?:per_arch_)?data$/,
        renamed: 'com.oracle.elsa-$&.xml',
      },
    ],
  },
  {
    feed: 'photon',
    files: ['photon/com.vmware.phsa-photon3.xml.zst'],
    members: [{ archive: VULS, wanted: /^pkg\/fetch\/photon\/oval\/.*\.xml\.gz$/ }],
  },
  {
    feed: 'redhat',
    files: ['redhat/rhel-8.oval.xml.zst', 'redhat/Red_Hat_Enterprise_Linux_3.xml.zst', CLAIRCORE],
    members: [
      { archive: CLAIRCORE, wanted: /\/csaf_vex_2023-10-31\.tar\.zst$/ },
      { archive: ORIGINAL, wanted: /\/redhat\/testdata\/v2\/ansible-.*\.oval\.xml$/ },
      { archive: VULN_LIST, wanted: /^redhat\/oval\/testdata\/happy\/.*\.oval\.xml\.bz2$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/redhat\/oval\/v2\/.*\.oval\.xml\.bz2$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/redhat\/repository2cpe\/.*\/repository-to-cpe\.json$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/redhat\/vex\/v1\/.*(?:\/cve-[^/]*\.json|\.tar\.zst)$/ },
    ],
  },
  {
    feed: 'rocky',
    files: [],
    members: [
      { archive: VULS, wanted: /^pkg\/fetch\/rocky\/osv\/.*\/all\.zip$/ },
      { archive: VUNNEL, wanted: /\/rocky\/test-fixtures\/osv\/.*\.json$/ },
    ],
  },
  {
    feed: 'suse',
    files: [],
    members: [
      { archive: VULS, wanted: /^pkg\/fetch\/suse\/oval\/.*\/suse\.[^/]*$/ },
      { archive: VUNNEL, wanted: /\/suse_truncated\.xml$/, renamed: 'suse.linux.enterprise.truncated.xml' },
      { archive: ORIGINAL, wanted: /\/fetcher_sle_test\.1\.xml$/, renamed: 'suse.linux.enterprise.test.xml' },
    ],
  },
  {
    feed: 'ubuntu',
    files: [
      'ubuntu/ubuntu-cve-tracker-2020-04.tar.zst',
      'ubuntu/com.ubuntu.bionic.cve.oval.xml.zst',
      'ubuntu/com.ubuntu.trusty.cve.oval.xml.zst',
      'ubuntu/com.ubuntu.xenial.cve.oval.xml.zst',
    ],
    members: [
      { archive: UBUNTU_SAMPLES, wanted: /\/ubuntu\/test-fixtures\/osv[^/]*\/.*\.json$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/ubuntu\/(?:oval\/.*\.xml\.bz2|osv\/.*\/osv-all\.tar\.xz)$/ },
    ],
  },
  {
    feed: 'wolfi',
    files: [],
    members: [
      { archive: VULN_LIST, wanted: /^wolfi\/testdata\/security\.json$/ },
      { archive: VULS, wanted: /^pkg\/fetch\/wolfi\/secdb\/.*\/security\.json$/ },
      { archive: VUNNEL, wanted: /\/wolfi\/test-fixtures\/input\/secdb\/security\.json$/ },
    ],
  },
];

/** Files that no feed reads, with the reason; a name that ends in `/` is a folder. */
export const UNREAD_FEED_FILES: readonly (readonly [path: string, reason: string])[] = [
  ['SOURCES.md', 'documentation'],
  ['debian/DLA.list.zst', 'Clair reads the JSON of the tracker, not its lists of advisories'],
  ['debian/DSA.list.zst', 'Clair reads the JSON of the tracker, not its lists of advisories'],
  ['osv/', 'advisories of language ecosystems, which this comparison does not cover'],
  ['osv-languages/', 'advisories of language ecosystems, which this comparison does not cover'],
  ['redhat/csaf-oval-vunnel-fixtures.tar.zst', 'CSAF advisories and Hydra API files; Clair reads only VEX documents'],
];

/** Returns the paths of all files in {@link FEED_FILES}. */
export function namedFeedFiles(): ReadonlySet<string> {
  return new Set(FEED_FILES.flatMap(({ files, members }) => [...files, ...members.map(({ archive }) => archive)]));
}
