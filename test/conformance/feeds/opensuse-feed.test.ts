import { afterAll, beforeAll, expect, it } from 'vitest';
import { opensuse } from '../../../src/updater/fetchers/opensuse/fetcher.ts';
import { parseOpensuse } from '../../../src/updater/fetchers/opensuse/parse.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { OPENSUSE } from './expected/opensuse.ts';
import { countsOf, distinct, type Import, importOf, occurrences, storedRecord, textOf } from './stored-records.ts';

const FOLDER = 'feeds/suse';
const FILES = [
  'opensuse.leap.15.3-patch.xml.zst',
  'opensuse.leap.micro.5.3-affected.xml.zst',
  'opensuse.leap.micro.5.3.xml.zst',
];

/** Matches a package in the criteria, but not a product. */
const PACKAGES = /<criterion [^>]*comment="[^" ]+-\d[^" ]* is installed"/g;

describeShared(
  'the openSUSE OVAL',
  FILES.map((name) => `${FOLDER}/${name}`),
  () => {
    let imported: Import;
    const texts = new Map<string, string>();
    beforeAll(async () => {
      imported = await importOf(opensuse, sharedPath(FOLDER));
      for (const name of FILES) texts.set(name, await textOf(sharedPath(`${FOLDER}/${name}`)));
    }, 240_000);
    afterAll(() => imported.store.close());

    it.each(FILES)('%s returns each definition, with a range for each package', async (name) => {
      const text = texts.get(name) ?? '';
      const withoutCriteria = text
        .split('</definition>')
        .filter((each) => /<definition /.test(each) && !/<criteria/.test(each));
      expect(await countsOf(parseOpensuse, sharedPath(`${FOLDER}/${name}`))).toEqual([
        occurrences(text, /<definition /g),
        occurrences(text, PACKAGES),
        withoutCriteria.length,
      ]);
    });

    it('is stored with all CVEs', () => {
      const { counts, recordDiagnostics } = imported.result;
      const added = distinct([...texts.values()].join(''), /<title>\s*(CVE-[\d-]+)/g);
      expect(counts).toEqual({ added, changed: 0, withdrawn: 0, unchanged: 0 });
      expect(recordDiagnostics.examples.map(({ message }) => message).toSorted()).toEqual([
        'CVE-2021-3507 skipped: missing criteria',
        'CVE-2021-40330 skipped: missing criteria',
        'CVE-2022-1664 skipped: missing criteria',
        'CVE-2022-1664 skipped: missing criteria',
      ]);
    });

    it.each(OPENSUSE.map((record) => [record[0], record] as const))('%s is stored as published', async (_, record) => {
      expect(await storedRecord(imported.store, record)).toEqual(record);
    });
  },
);
