export type ShownDocument = { readonly name: string; readonly text: string };

/** The tracker's entry of a vulnerability in bookworm; without a fixed version, it is open or undetermined. */
type Entry = {
  readonly id: string;
  readonly source: string;
  readonly urgency: 'high' | 'low' | 'medium' | 'not yet assigned' | 'unimportant';
  readonly fixed?: string;
  readonly status?: 'undetermined';
  /** The base score and its CVSS 3.1 vector. */
  readonly cvss?: readonly [score: number, vector: string];
  readonly epss?: number;
  readonly isExploited?: true;
  readonly description: string;
};

const ENTRIES: readonly Entry[] = [
  {
    id: 'CVE-2099-1001',
    source: 'openssl',
    urgency: 'high',
    fixed: '3.0.13-1~deb12u1',
    cvss: [7.5, 'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'],
    epss: 0.41,
    description: 'A crafted certificate makes the parser read beyond its buffer.',
  },
  {
    id: 'CVE-2099-1002',
    source: 'openssl',
    urgency: 'medium',
    fixed: '3.0.12-1~deb12u1',
    cvss: [5.3, 'AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L'],
    epss: 0.02,
    description: 'Keys of an unusual length take minutes to check.',
  },
  {
    id: 'CVE-2099-1010',
    source: 'curl',
    urgency: 'high',
    fixed: '7.88.1-10+deb12u5',
    cvss: [9.8, 'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
    epss: 0.92,
    isExploited: true,
    description: 'A redirect sends the password to another host.',
  },
  {
    id: 'CVE-2099-1011',
    source: 'curl',
    urgency: 'medium',
    cvss: [5.9, 'AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N'],
    epss: 0.03,
    description: 'Cookies outlive their expiry time.',
  },
  {
    id: 'CVE-2099-1020',
    source: 'imagemagick',
    urgency: 'high',
    fixed: '8:6.9.11.60+dfsg-1.6+deb12u1',
    cvss: [8.8, 'AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H'],
    epss: 0.17,
    description: 'A crafted picture runs commands of its sender.',
  },
  {
    id: 'CVE-2099-1021',
    source: 'imagemagick',
    urgency: 'unimportant',
    cvss: [3.3, 'AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:L'],
    epss: 0.001,
    description: 'A crafted picture takes all memory.',
  },
  {
    id: 'CVE-2099-1030',
    source: 'glibc',
    urgency: 'high',
    fixed: '2.36-9+deb12u7',
    cvss: [7.8, 'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H'],
    epss: 0.28,
    description: 'Conversion into an old character set writes beyond its buffer.',
  },
  {
    id: 'CVE-2099-1031',
    source: 'gnutls28',
    urgency: 'medium',
    fixed: '3.7.9-2+deb12u3',
    cvss: [5.9, 'AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N'],
    epss: 0.01,
    description: 'Response times reveal parts of the key.',
  },
  {
    id: 'CVE-2099-1032',
    source: 'perl',
    urgency: 'low',
    cvss: [4.7, 'AV:L/AC:H/PR:L/UI:N/S:U/C:N/I:H/A:N'],
    epss: 0.004,
    description: 'A temporary file has a predictable name.',
  },
  {
    id: 'CVE-2099-1040',
    source: 'expat',
    urgency: 'medium',
    fixed: '2.5.0-1+deb12u1',
    cvss: [7.5, 'AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'],
    epss: 0.06,
    description: 'A small document takes hours to read.',
  },
  {
    id: 'CVE-2099-1042',
    source: 'zlib',
    urgency: 'high',
    cvss: [8.1, 'AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H'],
    epss: 0.05,
    description: 'A program beside the library overflows on long names.',
  },
  {
    id: 'CVE-2099-1050',
    source: 'git',
    urgency: 'high',
    fixed: '1:2.39.5-0+deb12u1',
    cvss: [9.0, 'AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:H'],
    epss: 0.33,
    description: 'A clone runs commands of the repository.',
  },
  {
    id: 'CVE-2099-1077',
    source: 'sqlite3',
    urgency: 'low',
    cvss: [4.0, 'AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L'],
    epss: 0.002,
    description: 'A crafted database ends the program.',
  },
  {
    id: 'CVE-2099-1080',
    source: 'python3.11',
    urgency: 'not yet assigned',
    status: 'undetermined',
    description: 'The maintainers have not decided yet whether the package is affected.',
  },
];

/** Returns invented documents of the feeds `debian`, `kev`, `epss` and `nvd` in their published formats. */
export function shownDocuments(): Readonly<Record<'debian' | 'epss' | 'kev' | 'nvd', ShownDocument>> {
  const tracker: Record<string, Record<string, object>> = {};
  for (const entry of ENTRIES) (tracker[entry.source] ??= {})[entry.id] = trackerEntry(entry);
  const scores = ENTRIES.flatMap(({ id, epss }) => (epss === undefined ? [] : [`${id},${epss},${epss}`]));
  const exploited = ENTRIES.filter(({ isExploited }) => isExploited === true).map(({ id, description }) => ({
    cveID: id,
    vulnerabilityName: description,
    dateAdded: '2099-01-02',
    dueDate: '2099-01-23',
    requiredAction: 'Upgrade.',
  }));
  const rated = ENTRIES.flatMap(({ id, cvss }) => (cvss === undefined ? [] : [{ cve: { id, metrics: metric(cvss) } }]));
  return {
    debian: { name: 'tracker.json', text: JSON.stringify(tracker) },
    epss: {
      name: 'epss_scores-2099-01-01.csv',
      text: `#model_version:v2099.01.01,score_date:2099-01-01T00:00:00+0000\ncve,epss,percentile\n${scores.join('\n')}\n`,
    },
    kev: { name: 'known_exploited_vulnerabilities.json', text: JSON.stringify({ vulnerabilities: exploited }) },
    nvd: { name: 'nvdcve-2.0-2099.json', text: JSON.stringify({ vulnerabilities: rated }) },
  };
}

function trackerEntry({ urgency, fixed, status, description }: Entry): object {
  const state = fixed === undefined ? { status: status ?? 'open' } : { status: 'resolved', fixed_version: fixed };
  return { description, scope: 'remote', releases: { bookworm: { ...state, urgency } } };
}

function metric([baseScore, vector]: readonly [score: number, vector: string]): object {
  const cvssData = { vectorString: `CVSS:3.1/${vector}`, baseScore };
  return { cvssMetricV31: [{ source: 'nvd@nist.gov', type: 'Primary', cvssData }] };
}
