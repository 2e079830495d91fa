import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/open-store.ts';
import { openSqlite } from '../../../src/database/engines/sqlite/engine.ts';
import { type SystemPackage } from '../../../src/model/feature.ts';
import { deb } from '../../../src/database/testing/packages.ts';
import { newLayer } from '../../../src/database/testing/stores.ts';
import { differences, digestOfContents, readContents, type TableContents } from './table-contents.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-contents-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

async function contentsWith(
  ...layers: readonly (readonly [name: string, brings: SystemPackage])[]
): Promise<TableContents> {
  const path = join(folder, `${(files += 1)}.db`);
  const store = await openStore({ type: 'sqlite', path });
  for (const [name, brings] of layers) {
    const change = { feature: brings, path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
    await store.layers.insert({ ...newLayer(name, null, [change]), contents: gzipSync('{}') });
  }
  await store.close();
  const engine = await openSqlite(path);
  try {
    return await readContents(engine);
  } finally {
    await engine.close();
  }
}

const [BASH, DASH] = [deb('bash', '1'), deb('dash', '1')];

describe('table contents', () => {
  it('are the same for any order of writes and any ids', async () => {
    const [one, other] = [await contentsWith(['a', BASH], ['b', DASH]), await contentsWith(['b', DASH], ['a', BASH])];
    expect(differences(one, other)).toEqual([]);
    expect(digestOfContents(one)).toBe(digestOfContents(other));
  });

  it('differ when rows have other references, are missing or are additional', async () => {
    const expected = await contentsWith(['a', BASH], ['b', DASH]);
    const changed = differences(await contentsWith(['a', DASH], ['b', BASH]), expected);
    expect(changed).toEqual([expect.stringMatching(/^of table layer_feature 2 rows are missing and 2 are unexpected/)]);
    expect(differences(await contentsWith(['a', BASH]), expected)).toContainEqual(
      expect.stringMatching(/^of table layer 1 rows are missing and 0 are unexpected/),
    );
    expect(differences(expected, await contentsWith(['a', BASH]))).toContainEqual(
      expect.stringMatching(/^of table layer 0 rows are missing and 1 are unexpected/),
    );
  });
});
