import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../../database/testing/store-content.ts';
import { advisory, deb, digestOf } from '../../database/testing/packages.ts';
import { NO_CONTENTS } from '../../database/testing/stores.ts';
import { openStore } from '../../database/open-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import { createInstanceReports } from '../../report/image/instance-reports.ts';
import { ThreadExhausted } from '../../threads/terminable-pool.ts';
import { createImageCount } from '../image-count.ts';
import { createCountPool } from './count-pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-count-pool-'));
const database = { type: 'sqlite', path: join(folder, 'clair.db') } as const;
const ignoreFile = join(folder, 'ignore.yaml');
const DIGEST = digestOf('a');

describe('the counting of an image', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database);
    await publish(
      store,
      [advisory('CVE-1', { package: 'a', fixed: '2' }), advisory('CVE-2', { package: 'a' })],
      Date.now(),
    );
    const { id: leaf } = await knowLayer(store, 'leaf', [deb('a', '1')]);
    const known = { digest: DIGEST, reference: 'r', target: 'oci:x', platform: 'p', leaf, scannedAt: 1 };
    await store.images.record({ ...NO_CONTENTS, ...known });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  /** Counts an image and returns the result without time-dependent fields. */
  const count = async (rules = ''): Promise<object | undefined> => {
    writeFileSync(ignoreFile, rules);
    const counted = await createImageCount(store, createInstanceReports(store, [ignoreFile]))(DIGEST);
    return counted && { ...counted, mark: { ...counted.mark, countedAt: 0 } };
  };

  it('has the counts of the report and the revisions of its inputs', async () => {
    const { data } = await store.counts.revisions();
    expect(await count()).toMatchObject({
      generation: 0,
      counts: { packages: 1, fixable: 1, kev: 0, suppressed: 0 },
      mark: {
        revision: data,
        images: null,
        basis: expect.stringMatching(/^\S+ [0-9a-f]{64}$/),
        validUntil: expect.any(Number),
      },
    });
  });

  it('depends on other images if a rule selects base layers, and expires with a rule', async () => {
    const { images } = await store.counts.revisions();
    const today = new Date().toISOString().slice(0, 10);
    const rule = `- {id: CVE-1, layer: base, reason: x, expires: ${today}}\n`;
    const validUntil = Date.parse(`${today}T23:59:59.999Z`);
    expect(await count(rule)).toMatchObject({ mark: { images, validUntil } });
  });

  it('has the same basis only for the same suppression files', async () => {
    const basis = async (rules: string): Promise<string> => {
      writeFileSync(ignoreFile, rules);
      return await createInstanceReports(store, [ignoreFile]).basis();
    };
    const first = await basis('# a\n');
    expect(await basis('# b\n')).not.toBe(first);
    expect(await basis('# a\n')).toBe(first);
  });

  it('gives the same result in a thread', async () => {
    const inThisThread = await count();
    const pool = createCountPool({ database, suppressionFiles: [ignoreFile] });
    const counted = await pool.count(DIGEST);
    expect(counted && { ...counted, mark: { ...counted.mark, countedAt: 0 } }).toEqual(inThisThread);
    expect(await pool.count(digestOf('b'))).toBeUndefined();
    await pool.close();
  });

  it('stops in a thread at the time limit and when its signal aborts', async () => {
    const pool = createCountPool({ database, suppressionFiles: [], maxMilliseconds: 1 });
    await expect(pool.count(DIGEST)).rejects.toBeInstanceOf(ThreadExhausted);
    await expect(pool.count(DIGEST, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    await pool.close();
  });
});
