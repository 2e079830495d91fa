import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { ClairError } from '../../src/errors.ts';
import { ENRICHERS } from '../../src/updater/enrichers/index.ts';
import { FETCHERS } from '../../src/updater/fetchers/index.ts';
import { createUpdater } from '../../src/updater/updater.ts';
import { NO_HTTP } from '../../src/updater/testing/feed-documents.ts';
import {
  cveOf,
  type Files,
  osvWriter,
  ovalWriter,
  type RecordWriter,
  writeSecdb,
  writeTracker,
  writeUbuntuTracker,
  writeUpdateinfo,
  writeVex,
} from '../../src/updater/testing/one-record-documents.ts';

/**
 * Tests a document with one invalid advisory among valid advisories, for every feed. Clair must count only the invalid
 * advisory as invalid, and must never treat it as "not affected".
 */

type FeedCase = {
  readonly write: RecordWriter;
  readonly release: string;
  readonly namespace: string;
  readonly fixed: string;
  readonly broken: string;
  readonly unknown?: {
    readonly release: string;
    readonly fixed?: string;
    /**
     * The number of reported invalid advisories (0 where advisories of other products are normal), or `feed/invalid` if
     * the whole feed is rejected, because all data of a release would be missing.
     */
    readonly gives: 0 | 1 | 'feed/invalid';
  };
};

const CASES: Readonly<Record<string, FeedCase>> = {
  almalinux: {
    write: osvWriter('ALSA'),
    release: 'AlmaLinux:9',
    namespace: 'almalinux:9',
    fixed: '1.2-3.el9',
    broken: 'one two',
    unknown: { release: 'AlmaLinux:next', gives: 1 },
  },
  alpine: {
    write: writeSecdb,
    release: 'v3.18',
    namespace: 'alpine:v3.18',
    fixed: '1.2-r3',
    broken: 'one two',
    unknown: { release: 'moon', gives: 'feed/invalid' },
  },
  amazon: {
    write: writeUpdateinfo,
    release: 'ALAS2023',
    namespace: 'amzn:2023',
    fixed: '1.2-3.amzn2023',
    broken: '1.2-',
    unknown: { release: 'ALAS3', gives: 1 },
  },
  azurelinux: {
    write: ovalWriter({ name: 'azurelinux-3.0-oval.xml', references: cveReference }),
    release: '',
    namespace: 'azurelinux:3.0',
    fixed: '0:1.2-3.azl3',
    broken: '0:1.2,1.3-3.azl3',
    unknown: { release: '', fixed: '0:1.2-3.moon3', gives: 1 },
  },
  chainguard: { write: writeSecdb, release: '', namespace: 'chainguard', fixed: '1.2-r3', broken: 'one two' },
  debian: {
    write: writeTracker,
    release: 'bookworm',
    namespace: 'debian:12',
    fixed: '1.2-3',
    broken: 'one two',
    unknown: { release: 'atlantis', gives: 1 },
  },
  opensuse: {
    write: ovalWriter({
      name: 'opensuse.leap.15.6-affected.xml',
      references: () => '',
      releaseComment: (release) => `${release} is installed`,
      definitionClass: 'vulnerability',
    }),
    release: 'openSUSE Leap 15.6',
    namespace: 'opensuse-leap:15.6',
    fixed: '0:1.2-3',
    broken: '0:1,2-3',
    unknown: { release: 'openSUSE Evergreen', gives: 1 },
  },
  oracle: {
    write: ovalWriter({
      name: 'com.oracle.elsa-all.xml',
      references: (record) =>
        `<reference source="elsa" ref_id="ELSA-2099-000${record.number}" ref_url="x"/>${cveReference(record)}`,
      releaseComment: (release) => `${release} is installed`,
    }),
    release: 'Oracle Linux 9',
    namespace: 'oracle:9',
    fixed: '0:1.2-3.el9',
    broken: '0:1,2-3',
    unknown: { release: 'Oracle Linux next', gives: 1 },
  },
  osv: {
    // The documents of one ecosystem, in which a CVE is an alias.
    write: (records) =>
      Object.fromEntries(
        Object.entries(osvWriter('GHSA')(records)).map(([name, text]) => [
          `npm/${name}`,
          text.replace('"related"', '"aliases"'),
        ]),
      ),
    release: 'npm',
    namespace: 'npm',
    fixed: '1.2.3',
    broken: 'one two',
    unknown: { release: 'moon', gives: 1 },
  },
  photon: {
    write: ovalWriter({
      name: 'com.vmware.phsa-photon5.xml',
      references: (record) => `<reference source="PHSA" ref_id="PHSA:0:5.0:${record.number}" ref_url="x"/>`,
      releaseComment: (release) => `${release} is installed`,
    }),
    release: 'Photon OS 5',
    namespace: 'photon:5.0',
    fixed: '0:1.2-3.ph5',
    broken: '0:1,2-3',
    unknown: { release: 'Photon OS next', gives: 1 },
  },
  redhat: {
    write: writeVex,
    release: 'cpe:/o:redhat:enterprise_linux:9',
    namespace: 'rhel:9',
    fixed: '1.2-3.el9',
    broken: '1,2-3.el9',
    unknown: { release: 'cpe:/o:redhat:enterprise_linux:next', gives: 0 },
  },
  rocky: {
    write: osvWriter('RLSA'),
    release: 'Rocky Linux:9',
    namespace: 'rocky:9',
    fixed: '1.2-3.el9',
    broken: 'one two',
    unknown: { release: 'Rocky Linux:next', gives: 1 },
  },
  suse: {
    write: ovalWriter({
      name: 'suse.linux.enterprise.15-affected.xml',
      references: () => '',
      releaseComment: (release) => `${release} is installed`,
      definitionClass: 'vulnerability',
    }),
    release: 'SUSE Linux Enterprise Server 15 SP4',
    namespace: 'sles:15.4',
    fixed: '0:1.2-3',
    broken: '0:1,2-3',
    unknown: { release: 'SUSE Linux Enterprise Toaster 3', gives: 1 },
  },
  ubuntu: {
    write: writeUbuntuTracker,
    release: 'jammy',
    namespace: 'ubuntu:22.04',
    fixed: '1.2-3',
    broken: 'nothing',
    unknown: { release: 'nowhere', gives: 1 },
  },
  wolfi: { write: writeSecdb, release: '', namespace: 'wolfi', fixed: '1.2-r3', broken: 'one two' },
};

function cveReference(record: { readonly number: number }): string {
  return `<reference source="CVE" ref_id="${cveOf(record)}" ref_url="https://example.com/"/>`;
}

const EXPLOITED = { vulnerabilityName: 'n', dateAdded: '2099-01-02', dueDate: '2099-01-09', requiredAction: 'a' };
const metricOf = (baseScore: number): object => ({
  source: 'nvd@nist.gov',
  type: 'Primary',
  cvssData: { vectorString: 'AV:N/AC:M/Au:N/C:P/I:P/A:P', baseScore },
});
const cveWith = (id: string, score: number): object => ({
  cve: { id, metrics: { cvssMetricV2: [metricOf(score)] } },
});

/** Everything in CVE-2099-0001 is valid; CVE-2099-0002 has one invalid field. */
const FACTS: Readonly<Record<string, Files>> = {
  epss: { 'epss_scores-2099-01-01.csv': 'cve,epss,percentile\nCVE-2099-0001,0.5,0.5\nCVE-2099-0002,1.5,0.5\n' },
  kev: {
    'known_exploited_vulnerabilities.json': JSON.stringify({
      vulnerabilities: [
        { cveID: 'CVE-2099-0001', ...EXPLOITED },
        { cveID: 'CVE-2099-0002 or so', ...EXPLOITED },
      ],
    }),
  },
  nvd: {
    'nvdcve-2.0-2099.json': JSON.stringify({
      vulnerabilities: [cveWith('CVE-2099-0001', 6.8), cveWith('CVE-2099-0002', 68)],
    }),
  },
};

const folder = mkdtempSync(join(tmpdir(), 'clair-records-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let copies = 0;
let store: Store;
beforeEach(async () => {
  store = await openStore({ type: 'memory' });
});
afterEach(() => store.close());

async function update(feed: string, files: Files): Promise<number> {
  const from = join(folder, String((copies += 1)));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(from, name)), { recursive: true });
    writeFileSync(join(from, name), text);
  }
  const updater = createUpdater({ store, fetchers: FETCHERS, enrichers: ENRICHERS, http: NO_HTTP, now: () => 1 });
  const result = await updater.update(feed, { from });
  if (result.kind !== 'updated') throw new Error(result.kind);
  expect((await store.feeds.find(feed))?.recordDiagnostics).toEqual(result.recordDiagnostics);
  return result.recordDiagnostics.count;
}

/** Returns the affected packages of an advisory as `NAMESPACE PACKAGE STATUS FIXED`. */
async function affectedBy(number: number): Promise<readonly string[]> {
  const cve = cveOf({ number });
  const names = (await store.changeLog.read({ after: 0, limit: 9 })).map(({ name }) => name);
  const found = await Promise.all(names.map(async (name) => await store.vulnerabilities.find(name)));
  const about = found.flat().filter(({ name, aliases }) => name === cve || aliases.includes(cve));
  return about.flatMap(({ affected }) =>
    affected.map(
      ({ namespace, package: name, status, fixed = '∞' }) =>
        `${namespace} ${name} ${status} ${fixed.replace(/^0:/, '')}`,
    ),
  );
}

it('the cases cover every feed', () => {
  expect(Object.keys(CASES)).toEqual(FETCHERS.map(({ id }) => id).toSorted());
  for (const { id, distributions } of FETCHERS) expect(distributions).toContain(CASES[id]?.namespace.split(':')[0]);
  expect(Object.keys(FACTS)).toEqual(ENRICHERS.map(({ id }) => id).toSorted());
});

function codeOf(error: unknown): unknown {
  return error instanceof ClairError ? error.code : error;
}

function sureOf({ namespace, fixed }: FeedCase): readonly string[] {
  return [`${namespace} gears fixed ${fixed.replace(/^0:/, '')}`];
}

it.each(Object.entries(CASES))(
  'of %s an invalid fixed version means that all versions may be affected',
  async (feed, each) => {
    const { write, release, fixed, broken, namespace } = each;
    const files = write([
      { number: 1, release, fixed },
      { number: 2, release, fixed: broken },
    ]);
    expect(await update(feed, files)).toBe(1);
    expect(await affectedBy(1)).toEqual(sureOf(each));
    expect(await affectedBy(2)).toEqual([`${namespace} gears unknown ∞`]);
  },
);

const OF_RELEASES = Object.entries(CASES).flatMap(([feed, each]) =>
  each.unknown === undefined ? [] : [{ feed, each, unknown: each.unknown }],
);

describe('an unknown release', () => {
  it.each(OF_RELEASES)('of $feed does not affect other releases', async ({ feed, each, unknown }) => {
    const { write, release, fixed } = each;
    const files = write([
      { number: 1, release, fixed },
      { number: 2, release: unknown.release, fixed: unknown.fixed ?? fixed },
    ]);
    expect(await update(feed, files).catch(codeOf)).toBe(unknown.gives);
    expect(await affectedBy(1)).toEqual(unknown.gives === 'feed/invalid' ? [] : sureOf(each));
    expect(await affectedBy(2)).toEqual([]);
  });
});

it.each(Object.entries(FACTS))('a list of %s loses only the record with the invalid field', async (feed, files) => {
  expect(await update(feed, files)).toBe(1);
  const known = await store.enrichments.ofCves(['CVE-2099-0001', 'CVE-2099-0002']);
  expect([...known.keys()]).toEqual(['CVE-2099-0001']);
});
