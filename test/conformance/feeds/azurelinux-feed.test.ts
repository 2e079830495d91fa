import { afterAll, beforeAll, expect, it } from 'vitest';
import { azurelinux } from '../../../src/updater/fetchers/azurelinux/fetcher.ts';
import { parseAzureLinux } from '../../../src/updater/fetchers/azurelinux/parse.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { AZURELINUX, NOT_APPLICABLE } from './expected/azurelinux.ts';
import { countsOf, distinct, type Import, importOf, occurrences, storedRecord, textOf } from './stored-records.ts';

const FOLDER = 'feeds/azurelinux';

/** The documents, each with the number of its definitions that have an invalid version. */
const FILES: readonly (readonly [string, number])[] = [
  ['cbl-mariner-1.0-oval.xml.zst', 0],
  ['cbl-mariner-2.0-oval.xml.zst', 2],
  ['azurelinux-3.0-oval.xml.zst', 1],
];

describeShared(
  'the Azure Linux OVAL',
  FILES.map(([name]) => `${FOLDER}/${name}`),
  () => {
    let imported: Import;
    const texts = new Map<string, string>();
    beforeAll(async () => {
      imported = await importOf(azurelinux, sharedPath(FOLDER));
      for (const [name] of FILES) texts.set(name, await textOf(sharedPath(`${FOLDER}/${name}`)));
    }, 240_000);
    afterAll(() => imported.store.close());

    it.each(FILES)('%s returns each definition, with a range for applicable definitions', async (name, diagnostics) => {
      const text = texts.get(name) ?? '';
      const definitions = occurrences(text, /<definition /g);
      const notApplicable = occurrences(text, /<patchable>Not Applicable</g);
      expect(await countsOf(parseAzureLinux, sharedPath(`${FOLDER}/${name}`))).toEqual([
        definitions,
        definitions - notApplicable,
        diagnostics,
      ]);
    });

    it('is stored with all CVEs', () => {
      const added = distinct([...texts.values()].join(''), /ref_id="(CVE-[\d-]+)"/g);
      expect(imported.result.counts).toEqual({ added, changed: 0, withdrawn: 0, unchanged: 0 });
      expect(imported.result.recordDiagnostics.examples.map(({ message }) => message).toSorted()).toEqual([
        'CVE-2022-41717 golang treated as affected: rpm rejects the version "0:1.17.13-2,1.18.8-2,1.21.6-1.azl3"',
        'CVE-2023-48795 jsch treated as affected: rpm rejects the version "0:null.cm2"',
        'CVE-2023-48795 moby-engine treated as affected: rpm rejects the version "0:null.cm2"',
      ]);
    });

    it.each(AZURELINUX.map((record) => [record[0], record] as const))(
      '%s is stored as published',
      async (_, record) => {
        expect(await storedRecord(imported.store, record)).toEqual(record);
      },
    );

    it.each(NOT_APPLICABLE)('%s does not affect %s %s', async (id, namespace, name) => {
      const [record] = await imported.store.vulnerabilities.find(id);
      expect(record?.name).toBe(id);
      expect(record?.affected.filter((each) => each.namespace === namespace && each.package === name)).toEqual([]);
    });
  },
);
