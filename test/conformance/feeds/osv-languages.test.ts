import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../../src/bytes/testing/zip-builder.ts';
import { noRecordDiagnostics } from '../../../src/updater/advisories/record-diagnostics.ts';
import { OSV_ECOSYSTEMS } from '../../../src/updater/fetchers/osv/ecosystems.ts';
import { osv } from '../../../src/updater/fetchers/osv/fetcher.ts';
import { readRecord } from '../../../src/updater/fetchers/osv/records.ts';
import { documentOf } from '../../../src/updater/testing/feed-documents.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { type ExpectedRecord, type Import, importOf, storedRecord } from './stored-records.ts';

const FOLDER = 'feeds/osv-languages';
/** The Bitnami repository has a file for each advisory. */
const BITNAMI = 'feeds/osv/bitnami-vulndb.tar.zst';
const FILES = [
  BITNAMI,
  ...OSV_ECOSYSTEMS.flatMap(({ name }) => (name === 'Bitnami' ? [] : [`${FOLDER}/${name}.jsonl.zst`])),
];

/** Returns the JSON text of each document of an ecosystem. */
function recordsOf(ecosystem: string): readonly string[] {
  const options = { maxBuffer: 1024 ** 3, encoding: 'utf8' } as const;
  if (ecosystem === 'Bitnami') {
    const text = execFileSync('tar', ['--zstd', '-xOf', sharedPath(BITNAMI), '--wildcards', '*.json'], options);
    return text.split(/(?=\{\s+"schema_version")/);
  }
  const path = sharedPath(`${FOLDER}/${ecosystem}.jsonl.zst`);
  return execFileSync('zstd', ['-dcq', '--long=27', path], options).trim().split('\n');
}

type Counts = {
  readonly records: number;
  readonly advisories: number;
  readonly withdrawn: number;
  /** Malformed documents, and documents without a package of the ecosystem. */
  readonly skipped: number;
  /** Packages whose range has an incomparable bound, and packages without a range; all their versions are affected. */
  readonly widest: number;
  /** Listed versions that the scheme rejects, and other details that are not read. */
  readonly details: number;
};

/**
 * The numbers agree with `version-order.md` of the data: no Go module, no Maven artifact and 2 PyPI projects have
 * incomparable bounds. The bounds of one crate (GHSA-wcg3-cvx6-7396) are comparable after they are completed.
 */
const EXPECTED: readonly (readonly [ecosystem: string, counts: Counts])[] = [
  ['Bitnami', { records: 7444, advisories: 7444, withdrawn: 0, skipped: 0, widest: 1, details: 0 }],
  ['crates.io', { records: 1219, advisories: 1206, withdrawn: 13, skipped: 0, widest: 0, details: 2 }],
  ['Go', { records: 4310, advisories: 4293, withdrawn: 17, skipped: 0, widest: 0, details: 1 }],
  ['Hex', { records: 108, advisories: 108, withdrawn: 0, skipped: 0, widest: 0, details: 0 }],
  ['Maven', { records: 1005, advisories: 1004, withdrawn: 1, skipped: 0, widest: 0, details: 0 }],
  ['npm', { records: 1110, advisories: 1110, withdrawn: 0, skipped: 0, widest: 10, details: 2 }],
  ['NuGet', { records: 21, advisories: 21, withdrawn: 0, skipped: 0, widest: 0, details: 0 }],
  ['Packagist', { records: 2192, advisories: 2192, withdrawn: 0, skipped: 0, widest: 0, details: 2 }],
  ['PyPI', { records: 2696, advisories: 2685, withdrawn: 11, skipped: 0, widest: 2, details: 94 }],
  ['RubyGems', { records: 1199, advisories: 1198, withdrawn: 1, skipped: 0, widest: 2, details: 0 }],
];

/**
 * Ranges copied manually from the documents; of documents that also have packages of other ecosystems, only the
 * packages that Clair reads are kept.
 */
const RECORDS: readonly ExpectedRecord[] = [
  [
    'GHSA-67hx-6x53-jw92',
    'https://github.com/advisories/GHSA-67hx-6x53-jw92',
    'Critical',
    'npm @babel/traverse <7.23.2 fixed',
    'npm @babel/traverse >=8.0.0-alpha.0 <8.0.0-alpha.4 fixed',
    // Only `last_known_affected_version_range` contains the end of this range.
    'npm babel-traverse <7.23.2 open',
  ],
  [
    'GHSA-29mw-wpgm-hmr9',
    'https://github.com/advisories/GHSA-29mw-wpgm-hmr9',
    'Medium',
    'gem lodash-rails >=4.0.0 <4.17.21 fixed',
    'npm lodash >=4.0.0 <4.17.21 fixed',
    'npm lodash-es >=4.0.0 <4.17.21 fixed',
    'npm lodash.trimend >=4.0.0 <=4.5.1 open',
    'npm lodash.trim >=4.0.0 <=4.5.1 open',
  ],
  [
    'GO-2021-0069',
    'https://pkg.go.dev/vuln/GO-2021-0069',
    'Unknown',
    'golang stdlib >=1.14.0-0 <1.14.12 fixed',
    'golang stdlib >=1.15.0-0 <1.15.5 fixed',
  ],
  [
    'GHSA-3pxv-7cmr-fjr4',
    'https://github.com/advisories/GHSA-3pxv-7cmr-fjr4',
    'Medium',
    'maven org.apache.logging.log4j:log4j-core >=2.0-alpha1 <2.25.4 fixed',
    'maven org.apache.logging.log4j:log4j-core >=3.0.0-alpha1 <=3.0.0-beta3 open',
  ],
  [
    'GHSA-3832-9276-x7gf',
    'https://github.com/advisories/GHSA-3832-9276-x7gf',
    'Medium',
    // A listed version that is above the range.
    'maven commons-httpclient:commons-httpclient >=20020423 <=20020423 open',
    // Only `last_known_affected_version_range` contains the end of this range.
    'maven commons-httpclient:commons-httpclient >=3.0 <4.0 open',
  ],
  [
    'GHSA-8xfc-gm6g-vgpv',
    'https://github.com/advisories/GHSA-8xfc-gm6g-vgpv',
    'Medium',
    'maven org.bouncycastle:bc-fips <1.0.2.5 fixed',
    'maven org.bouncycastle:bcprov-jdk14 <1.78 fixed',
    'maven org.bouncycastle:bcprov-jdk15on <1.78 fixed',
    'maven org.bouncycastle:bcprov-jdk15to18 <1.78 fixed',
    'maven org.bouncycastle:bcprov-jdk18on <1.78 fixed',
    'maven org.bouncycastle:bctls-jdk14 <1.78 fixed',
    'maven org.bouncycastle:bctls-jdk15to18 <1.78 fixed',
    'maven org.bouncycastle:bctls-jdk18on <1.78 fixed',
    'nuget bouncycastle <2.3.1 open',
    'nuget bouncycastle.cryptography <2.3.1 fixed',
  ],
  ['PYSEC-2019-241', 'https://osv.dev/vulnerability/PYSEC-2019-241', 'Critical', 'pypi gdal <3.0.2 fixed'],
  [
    'RUSTSEC-2016-0004',
    'https://rustsec.org/advisories/RUSTSEC-2016-0004.html',
    'Unknown',
    'cargo libusb >=0.0.0-0 <0.3.1-0 unmaintained',
  ],
  [
    'DRUPAL-CONTRIB-2017-082',
    'https://osv.dev/vulnerability/DRUPAL-CONTRIB-2017-082',
    'Unknown',
    'composer drupal/permissions_by_term <1.35.0 fixed',
  ],
];

describeShared('real records of languages', FILES, () => {
  it.each(EXPECTED)('are read completely: %s', async (name, expected) => {
    const ecosystems = OSV_ECOSYSTEMS.filter((each) => each.name === name);
    let [advisories, withdrawn, skipped, widest, details] = [0, 0, 0, 0, 0];
    const texts = recordsOf(name);
    for (const text of texts) {
      const recordDiagnostics = noRecordDiagnostics();
      const record = await readRecord(documentOf(text), ecosystems, recordDiagnostics);
      advisories += record?.advisories.length ?? 0;
      if (record?.isWithdrawn === true) withdrawn += 1;
      else if (record === undefined || record.advisories.length === 0) skipped += 1;
      for (const { message } of recordDiagnostics.examples) {
        if (message.includes('treated as affected in all versions')) widest += 1;
        else details += 1;
      }
    }
    expect({ records: texts.length, advisories, withdrawn, skipped, widest, details }).toEqual(expected);
  });

  describe('in a directory of archives', () => {
    let folder: string;
    let imported: Import;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'clair-osv-'));
      for (const { name } of OSV_ECOSYSTEMS) {
        mkdirSync(join(folder, name));
        const members = recordsOf(name).map((content, place) => ({ name: `${place}.json`, content }));
        writeFileSync(join(folder, name, 'all.zip'), zipOf(...members));
      }
      imported = await importOf(osv, folder);
    }, 300_000);
    afterAll(async () => {
      await imported.store.close();
      rmSync(folder, { recursive: true });
    });

    it('are one advisory for each identifier', async () => {
      expect(imported.result.counts).toEqual({ added: 21_208, changed: 0, withdrawn: 0, unchanged: 0 });
    });

    it.each(RECORDS.map((each) => [each[0], each] as const))('%s is stored as published', async (_, expected) => {
      expect(await storedRecord(imported.store, expected)).toEqual(expected);
    });
  });
});
