import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suse } from '../../../src/updater/fetchers/suse/fetcher.ts';
import { describeShared } from '../../fixtures/shared-data.ts';
import { SLE_OF_ORIGINAL, SLES, SUSE } from './expected/suse.ts';
import { type ExpectedRecord, type Import, importOf, storedRecord } from './stored-records.ts';
import { ARCHIVES, type Unpacked, unpackArchives } from '../images/unpacked-archives.ts';

/** The documents, each with the numbers of CVEs or patches and of invalid entries, and some advisories. */
const DOCUMENTS: readonly (readonly [string, number, number, readonly ExpectedRecord[]])[] = [
  // CVE-1999-0077 is in three documents, CVE-2001-1267 in two; four definitions lack their tests, and one definition is
  // about core9.
  ['pkg/fetch/suse/oval/testdata/fixtures/happy', 9, 5, SUSE],
  ['tests/unit/providers/sles/test-fixtures/suse_truncated.xml', 4, 2, SLES],
  ['ext/vulnsrc/suse/testdata/fetcher_sle_test.1.xml', 1, 0, SLE_OF_ORIGINAL],
];

describeShared('SUSE OVAL in test data of other projects', ARCHIVES, () => {
  let unpacked: Unpacked;
  beforeAll(async () => {
    unpacked = await unpackArchives();
  }, 240_000);
  afterAll(() => unpacked.remove());

  describe.each(DOCUMENTS)('%s', (path, records, diagnostics, expected) => {
    let imported: Import;
    beforeAll(async () => {
      imported = await importOf(suse, join(unpacked.folder, path));
    });
    afterAll(() => imported.store.close());

    it('is stored with all records', () => {
      expect(imported.result.counts).toEqual({ added: records, changed: 0, withdrawn: 0, unchanged: 0 });
      expect(imported.result.recordDiagnostics).toMatchObject({ count: diagnostics });
    });

    it.each(expected.map((record) => [record[0], record] as const))('%s is stored as published', async (_, record) => {
      expect(await storedRecord(imported.store, record)).toEqual(record);
    });
  });
});
