import { afterAll, beforeAll, expect, it } from 'vitest';
import { photon } from '../../../src/updater/fetchers/photon/fetcher.ts';
import { parsePhoton } from '../../../src/updater/fetchers/photon/parse.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { PHOTON } from './expected/photon.ts';
import { countsOf, distinct, type Import, importOf, occurrences, storedRecord, textOf } from './stored-records.ts';

const FILE = 'feeds/photon/com.vmware.phsa-photon3.xml.zst';

describeShared('the Photon OS OVAL', [FILE], () => {
  let imported: Import;
  let definitions: readonly string[] = [];
  beforeAll(async () => {
    imported = await importOf(photon, sharedPath(FILE));
    definitions = (await textOf(sharedPath(FILE))).split('<definition ').slice(1);
  }, 240_000);
  afterAll(() => imported.store.close());

  it('returns each definition, or each CVE of a definition without a reference, with all packages', async () => {
    const isNamed = (text: string): boolean => text.includes('ref_id="PHSA:');
    const names = (text: string): number => (isNamed(text) ? 1 : occurrences(text, /ref_id="CVE:/g));
    const packages = (text: string): number => occurrences(text, / is earlier than /g);
    const bodies = definitions.map((text) => text.split('</definition>')[0] ?? '');
    expect(bodies.filter(isNamed)).toHaveLength(216);
    expect(await countsOf(parsePhoton, sharedPath(FILE))).toEqual([
      bodies.reduce((sum, text) => sum + names(text), 0),
      bodies.reduce((sum, text) => sum + names(text) * packages(text), 0),
      0,
    ]);
  });

  it('is stored as the advisories of its definitions', () => {
    const text = definitions.map((each) => each.split('</definition>')[0]).join('');
    const unnamed = definitions.filter((each) => !each.includes('ref_id="PHSA:')).join('');
    const added = distinct(text, /ref_id="PHSA:\d+:([^"]+)"/g) + distinct(unnamed, /ref_id="CVE:\d+:([^"]+)"/g);
    expect(imported.result.counts).toEqual({ added, changed: 0, withdrawn: 0, unchanged: 0 });
  });

  it.each(PHOTON.map((record) => [record[0], record] as const))('%s is stored as published', async (_, record) => {
    expect(await storedRecord(imported.store, record)).toEqual(record);
  });
});
