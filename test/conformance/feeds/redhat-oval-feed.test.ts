import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentFeed } from '../../../src/updater/feed/parsed-documents.ts';
import { openFeedDocuments } from '../../../src/updater/feed/many-documents.ts';
import type { Fetcher } from '../../../src/updater/feed/fetcher.ts';
import { parseRedhatOval } from '../../../src/updater/fetchers/redhat/parse-oval.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { REDHAT_OVAL, REDHAT_UNFIXED } from './expected/redhat-oval.ts';
import { countsOf, type Import, importOf, occurrences, storedRecord, textOf } from './stored-records.ts';
import { ARCHIVES, type Unpacked, unpackArchives } from '../images/unpacked-archives.ts';

const FOLDER = 'feeds/redhat';

/** The documents, each with the number of packages that the document lists twice for one release. */
const FILES: readonly (readonly [string, number])[] = [
  ['rhel-8.oval.xml.zst', 0],
  ['Red_Hat_Enterprise_Linux_3.xml.zst', 5],
];

/** Returns a fetcher with only the OVAL parser, because the feed also reads other formats. */
function fetcherOf(wants: (name: string) => boolean): Fetcher {
  const fetch: Fetcher['fetch'] = async (context) =>
    documentFeed(await openFeedDocuments('', context, { wants }), { xml: parseRedhatOval });
  return { id: 'redhat', version: 1, scheme: 'rpm', distributions: ['rhel'], url: '', fetch };
}

describeShared(
  'the Red Hat OVAL',
  FILES.map(([name]) => `${FOLDER}/${name}`),
  () => {
    let imported: Import;
    beforeAll(async () => {
      imported = await importOf(
        fetcherOf((name) => /(?:rhel-8\.oval|Enterprise_Linux_3)\.xml$/.test(name)),
        sharedPath(FOLDER),
      );
    }, 240_000);
    afterAll(() => imported.store.close());

    it.each(FILES)('%s returns each erratum, with a range for each package', async (name, twice) => {
      const path = sharedPath(`${FOLDER}/${name}`);
      const text = await textOf(path);
      const packages = occurrences(text, /<criterion [^>]*comment="\S+ is earlier than /g);
      const definitions = occurrences(text, /<definition /g);
      expect(await countsOf(parseRedhatOval, path)).toEqual([definitions, packages - twice, 0]);
    });

    it('is stored with all errata', () => {
      expect(imported.result.counts).toEqual({ added: 181 + 327, changed: 0, withdrawn: 0, unchanged: 0 });
    });

    it.each(REDHAT_OVAL.map((record) => [record[0], record] as const))(
      '%s is stored as published',
      async (_, record) => {
        expect(await storedRecord(imported.store, record)).toEqual(record);
      },
    );
  },
);

describeShared('Red Hat OVAL in test data of other projects', ARCHIVES, () => {
  let unpacked: Unpacked;
  let imported: Import;
  beforeAll(async () => {
    unpacked = await unpackArchives();
    imported = await importOf(
      fetcherOf((name) => /redhat\/oval\/(?:testdata\/happy|v2\/testdata)\/.*\.oval\.xml$/.test(name)),
      unpacked.folder,
    );
  }, 240_000);
  afterAll(async () => {
    await imported.store.close();
    unpacked.remove();
  });

  it('is stored without the packages that are not affected', () => {
    // One project has 6 + 4 + 5 definitions, of which 1 + 2 list packages that are not affected. The other project has
    // 4 + 1 definitions, of which 1 lists packages that are not affected.
    expect(imported.result.counts).toEqual({ added: 20 - 4, changed: 0, withdrawn: 0, unchanged: 0 });
    expect(imported.result.recordDiagnostics.count).toBe(0);
  });

  it.each(REDHAT_UNFIXED.map((record) => [record[0], record] as const))(
    '%s is stored as published',
    async (_, record) => {
      expect(await storedRecord(imported.store, record)).toEqual(record);
    },
  );
});
