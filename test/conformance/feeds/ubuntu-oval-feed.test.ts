import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentFeed } from '../../../src/updater/feed/parsed-documents.ts';
import { openFeedDocuments } from '../../../src/updater/feed/many-documents.ts';
import type { Fetcher } from '../../../src/updater/feed/fetcher.ts';
import { parseUbuntuOval } from '../../../src/updater/fetchers/ubuntu/parse-oval.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { UBUNTU_OVAL } from './expected/ubuntu-oval.ts';
import { countsOf, distinct, type Import, importOf, occurrences, storedRecord, textOf } from './stored-records.ts';

const FOLDER = 'feeds/ubuntu';

/**
 * The documents, each with the number of packages that were never affected, and the number of fixes with an invalid
 * version.
 */
const FILES: readonly (readonly [string, number, number])[] = [
  ['com.ubuntu.trusty.cve.oval.xml.zst', 3, 0],
  ['com.ubuntu.xenial.cve.oval.xml.zst', 11, 0],
  ['com.ubuntu.bionic.cve.oval.xml.zst', 7, 1],
];

/** A fetcher with only the OVAL parser, because the feed also reads other formats. */
const ubuntuOval: Fetcher = {
  id: 'ubuntu',
  version: 1,
  scheme: 'dpkg',
  distributions: ['ubuntu'],
  url: '',
  fetch: async (context) =>
    documentFeed(await openFeedDocuments('', context, { wants: (name) => name.endsWith('.cve.oval.xml') }), {
      xml: parseUbuntuOval,
    }),
};

describeShared(
  'the Ubuntu OVAL',
  FILES.map(([name]) => `${FOLDER}/${name}`),
  () => {
    let imported: Import;
    const texts = new Map<string, string>();
    beforeAll(async () => {
      imported = await importOf(ubuntuOval, sharedPath(FOLDER));
      for (const [name] of FILES) texts.set(name, await textOf(sharedPath(`${FOLDER}/${name}`)));
    }, 240_000);
    afterAll(() => imported.store.close());

    it.each(FILES)('%s returns each CVE, with a range for each package', async (name, never, diagnostics) => {
      const text = texts.get(name) ?? '';
      const packages = occurrences(text, /<criterion [^>]*comment="(?!The host )/g);
      expect(await countsOf(parseUbuntuOval, sharedPath(`${FOLDER}/${name}`))).toEqual([
        occurrences(text, /<definition class="vulnerability"/g),
        packages - never,
        diagnostics,
      ]);
    });

    it('is stored with all CVEs', () => {
      // One CVE has a placeholder instead of a number, and no reference.
      const added = distinct([...texts.values()].join(''), /<title>(\S+) on /g);
      expect(imported.result.counts).toEqual({ added, changed: 0, withdrawn: 0, unchanged: 0 });
    });

    it.each(UBUNTU_OVAL.map((record) => [record[0], record] as const))(
      '%s is stored as published',
      async (_, record) => {
        expect(await storedRecord(imported.store, record)).toEqual(record);
      },
    );
  },
);
