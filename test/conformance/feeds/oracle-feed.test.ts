import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oracle } from '../../../src/updater/fetchers/oracle/fetcher.ts';
import { parseOracle } from '../../../src/updater/fetchers/oracle/parse.ts';
import { describeShared } from '../../fixtures/shared-data.ts';
import { ORACLE } from './expected/oracle.ts';
import { countsOf, importOf, occurrences, storedRecord, textOf } from './stored-records.ts';
import { ARCHIVES, type Unpacked, unpackArchives } from '../images/unpacked-archives.ts';

describeShared('Oracle OVAL in test data of other projects', ARCHIVES, () => {
  let unpacked: Unpacked;
  beforeAll(async () => {
    unpacked = await unpackArchives();
  }, 240_000);
  afterAll(() => unpacked.remove());

  it.each(ORACLE)('%s returns each advisory as published', async (path, expected) => {
    const file = join(unpacked.folder, path);
    const { store, result } = await importOf(oracle, file);
    const definitions = occurrences(await textOf(file), /<definition /g);
    expect(result.counts).toEqual({ added: definitions, changed: 0, withdrawn: 0, unchanged: 0 });
    for (const record of expected) expect(await storedRecord(store, record)).toEqual(record);
    await store.close();
  });

  it.each([
    ['pkg/fetch/oracle/openstack/testdata/fixtures/happy/com.oracle.olossa-20150009.xml', 1],
    ['pkg/fetch/oracle/vm/testdata/fixtures/happy/com.oracle.ovmsa-20250001.xml', 1],
    ['pkg/fetch/oracle/olam/testdata/fixtures/happy/com.oracle.olamsa-all.xml.bz2', 1],
  ])('%s is about another product and is reported', async (path, diagnostics) => {
    expect(await countsOf(parseOracle, join(unpacked.folder, path))).toEqual([0, 0, diagnostics]);
  });

  it.each([
    'oracle/oval/testdata/broken-oval-data.xml.bz2',
    'pkg/fetch/oracle/linux/testdata/fixtures/invalid.xml',
    'pkg/fetch/oracle/linux/testdata/fixtures/invalid.xml.bz2',
  ])('%s is not a feed', async (path) => {
    await expect(importOf(oracle, join(unpacked.folder, path))).rejects.toMatchObject({ code: 'feed/invalid' });
  });
});
