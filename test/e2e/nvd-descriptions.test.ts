/** Descriptions of CVEs that only the NVD describes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';

const UNDESCRIBED = 'CVE-2099-0001';
const DESCRIBED = 'CVE-2099-0002';
/** No advisory feed lists this CVE. */
const LONELY = 'CVE-2099-0003';
const OPEN = { releases: { bookworm: { status: 'open', urgency: 'not yet assigned' } } };
const FEED = { openssl: { [UNDESCRIBED]: OPEN, [DESCRIBED]: { ...OPEN, description: 'Debian describes this.' } } };

const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const TEXT = 'A certificate makes the parser write beyond its buffer. The parser runs as root.';

let server: ClairServer;
let files: Readonly<Record<'debian' | 'nvd' | 'epss' | 'kev', string>>;

beforeAll(async () => {
  server = await startClairServer();
  const at = (name: string, text: string): string => {
    const path = join(server.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const cves = [UNDESCRIBED, DESCRIBED, LONELY].map((id) => {
    const cvssData = { version: '3.1', vectorString: VECTOR, baseScore: 9.8 };
    const metrics = { cvssMetricV31: [{ source: 'nvd@nist.gov', type: 'Primary', cvssData }] };
    return { cve: { id, metrics, descriptions: [{ lang: 'en', value: TEXT }], published: '2099-01-02T03:04:05.678' } };
  });
  const epss = `#model_version:v2099.01.01,score_date:2099-03-04T00:00:00+0000\ncve,epss,percentile\n${UNDESCRIBED},0.732,0.987\n`;
  const vulnerability = { cveID: UNDESCRIBED, vulnerabilityName: 'OpenSSL Overflow', dateAdded: '2099-02-03' };
  const kev = { vulnerabilities: [{ ...vulnerability, dueDate: '2099-02-24', requiredAction: 'Upgrade.' }] };
  files = {
    debian: at('feed.json', JSON.stringify(FEED)),
    nvd: at('nvdcve-2.0-2099.json', JSON.stringify({ vulnerabilities: cves })),
    epss: at('epss_scores-2099-03-04.csv', epss),
    kev: at('known_exploited_vulnerabilities.json', JSON.stringify(kev)),
  };
  for (const [feed, from] of Object.entries(files)) await server.clair.updater.update(feed, { from });
});
afterAll(() => server.close());

describe('clair explain', () => {
  let image: string;
  let database: string;

  beforeAll(async () => {
    const root = join(server.folder, 'root');
    database = join(server.folder, 'cli.db');
    mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID=12\n');
    const status = 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.0-1\n\n';
    writeFileSync(join(root, 'var/lib/dpkg/status'), status);
    image = `rootfs:${root}`;
    for (const [feed, from] of Object.entries(files)) {
      expect((await runClair(['update', '--feed', feed, '--from', from, '--db', database])).status).toBe(0);
    }
  });

  async function explain(id: string, ...more: readonly string[]): Promise<CliRun> {
    return await runClair(['explain', id, image, '--db', database, ...more]);
  }

  it('shows the description of the NVD, and every fact that the risk and the severity depend on', async () => {
    const { status, out } = await explain(UNDESCRIBED);
    expect(status).toBe(0);
    expect(out).toMatch(
      / {2}risk {3}[\d.]+ of 100: severity Critical by NVD, CVSS 9\.8, EPSS 73\.2 %, known exploitation \(KEV\)\n/,
    );
    expect(out).toContain(
      [
        `Enrichments of ${UNDESCRIBED}`,
        `  CVSS  9.8 Critical by nvd (primary), version 3.1: ${VECTOR}, used if the feed has no severity`,
        '  EPSS  73.2 % probability of exploitation within 30 days, higher than 98.7 % of all CVEs, dated 2099-03-04',
        '  KEV   known exploited, added 2099-02-03, due 2099-02-24: OpenSSL Overflow (Upgrade.)',
        '  NVD   published 2099-01-02',
        `        ${TEXT}`,
        '',
      ].join('\n'),
    );
    for (const feed of ['nvd', 'epss', 'kev']) expect(out).toMatch(new RegExp(`^ {2}${feed} {2}updated \\d{4}-`, 'm'));
  });

  it('shows the description of a feed rather than of the NVD', async () => {
    const { out } = await explain(DESCRIBED);
    expect(out).toContain('  Debian describes this.\n');
    expect(out).toContain('  NVD   published 2099-01-02\n');
    expect(out).not.toContain(TEXT);
  });

  it('shows the description of a CVE that only the NVD lists, and does not doubt its identifier', async () => {
    const { status, out } = await explain(LONELY);
    expect(status).toBe(3);
    expect(out).toMatch(/^No stored feed has an advisory about this CVE; checked feeds: debian \(updated [^,]*\)\. /m);
    expect(out).toContain(`        ${TEXT}\n`);
    expect((await explain('CVE-2099-0004')).out).toMatch(
      /^No stored feed lists this identifier; checked feeds: debian \(/m,
    );
  });

  it('has both descriptions in JSON', async () => {
    const { out } = await explain(DESCRIBED, '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({
      cves: [{ id: DESCRIBED, cvss: [{ vector: VECTOR }], description: TEXT, published: '2099-01-02' }],
      packages: [{ severity: 'Critical', severityFrom: 'nvd', risk: expect.any(Number) }],
      records: [{ description: 'Debian describes this.' }],
    });
  });

  it('has the same result after an export and an import', async () => {
    const [file, copy] = [join(server.folder, 'feeds.clair'), join(server.folder, 'copy.db')];
    expect((await runClair(['db', 'export', file, '--db', database])).status).toBe(0);
    expect((await runClair(['db', 'import', file, '--db', copy])).status).toBe(0);
    const { out } = await runClair(['explain', UNDESCRIBED, image, '--db', copy, '--format', 'json']);
    expect(JSON.parse(out).cves).toEqual(JSON.parse((await explain(UNDESCRIBED, '--format', 'json')).out).cves);
  });
});

describe('the API', () => {
  it('returns the description of the NVD for a vulnerability that no feed describes', async () => {
    expect((await server.get(`/v2/vulnerabilities/${UNDESCRIBED}`)).body).toMatchObject({
      title: 'A certificate makes the parser write beyond its buffer',
      description: TEXT,
      feeds: [{ description: '' }],
    });
    const title = 'Debian describes this';
    const described = { title, description: `${title}.`, feeds: [{ description: `${title}.` }] };
    expect((await server.get(`/v2/vulnerabilities/${DESCRIBED}`)).body).toMatchObject(described);
    expect((await server.get('/v2/vulnerabilities?search=CVE-2099')).body).toMatchObject({
      vulnerabilities: [
        { id: UNDESCRIBED, description: TEXT },
        { id: DESCRIBED, description: 'Debian describes this.' },
      ],
    });
  });
});
