import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import { type DatabaseOptions, openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';
import {
  type CountMark,
  type ImageCounts,
  type ImageQuery,
  isCurrentMark,
  riskKey,
} from '../../contracts/image-counts.ts';

const SEVERITIES = { Unknown: 0, Negligible: 0, Low: 0, Medium: 0, High: 0, Critical: 0, Defcon1: 0 };

const COUNTS: ImageCounts = {
  packages: 3,
  severities: { ...SEVERITIES, High: 2, Low: 1 },
  suppressed: 1,
  fixable: 2,
  fixableHigh: 1,
  kev: 0,
  isIncomplete: false,
  hasStaleFeed: false,
  hasMissingFeed: false,
  diagnostics: 1,
};

const MARK: CountMark = { countedAt: 50, revision: 7, images: null, basis: 'b', validUntil: 90 };

const ALL: ImageQuery = { order: 'scannedAt', filters: {}, after: undefined, limit: 100, maxLooked: 100 };

describe.each(ENGINES)('the stored counts of images on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => await store.close());

  async function record(digit: string, scannedAt: number, leaf: number | null = null): Promise<void> {
    const [digest, target] = [digestOf(digit), 'oci:x'];
    await store.images.record({
      ...NO_CONTENTS,
      digest,
      target,
      reference: `r:${digit}`,
      platform: 'p',
      leaf,
      scannedAt,
      layers: [{ digest, diffId: digest, createdBy: '', size: null }],
    });
  }

  async function write(digit: string, counts: ImageCounts | null, mark = MARK): Promise<void> {
    const image = await store.counts.find(digestOf(digit));
    await store.counts.write([{ id: image!.id, generation: image!.generation, counts, names: [], rules: 0, mark }]);
  }

  it('are absent until an image is counted, then listed as written', async () => {
    const layer = await store.layers.insert(newLayer('leaf', null, []));
    await record('a', 1, layer.id);
    const image = { digest: digestOf('a'), reference: 'r:a', platform: 'p', scannedAt: 1, layers: 1 };
    const { distribution } = layer;
    const waiting = { ...image, distribution, mark: undefined, counts: null };
    expect(await store.counts.list(ALL)).toEqual({ images: [waiting], next: undefined });
    await write('a', COUNTS, { ...MARK, images: 3 });
    const counted = { ...image, distribution, mark: { ...MARK, images: 3 }, counts: COUNTS };
    expect(await store.counts.list(ALL)).toEqual({ images: [counted], next: undefined });
    await write('a', null);
    expect(await store.counts.list(ALL)).toEqual({
      images: [{ ...counted, mark: MARK, counts: null }],
      next: undefined,
    });
  });

  it('list images without counts, most recently scanned first, and mark the other images', async () => {
    for (const [digit, at] of [
      ['a', 5],
      ['b', 7],
      ['c', 5],
      ['d', 9],
    ] as const)
      await record(digit, at);
    const digits = (images: readonly { readonly digest: string }[]): string =>
      images.map(({ digest }) => digest[7]).join('');
    expect(digits(await store.counts.notCounted(9))).toBe('dbca');
    expect(digits(await store.counts.notCounted(2))).toBe('db');
    await write('b', COUNTS);
    await write('d', null);
    expect(digits(await store.counts.notCounted(9))).toBe('ca');
    const first = await store.counts.marks({ after: undefined, limit: 3 });
    expect(first.map(({ digest, mark }) => [digest[7], mark])).toEqual([
      ['d', MARK],
      ['b', MARK],
      ['c', undefined],
    ]);
    expect(digits(await store.counts.marks({ after: first[2], limit: 3 }))).toBe('a');
  });

  it('are removed when the image is recorded again, and not written by a count of its previous state', async () => {
    await record('a', 1);
    const before = await store.counts.find(digestOf('a'));
    await write('a', { ...COUNTS, hasStaleFeed: true, hasMissingFeed: true });
    await record('a', 2);
    await store.counts.write([{ ...before!, counts: COUNTS, names: [], rules: 0, mark: MARK }]);
    const { images } = await store.counts.list(ALL);
    expect(images).toEqual([expect.objectContaining({ scannedAt: 2, mark: undefined, counts: null })]);
    const only = async (filters: ImageQuery['filters']): Promise<number> =>
      (await store.counts.list({ ...ALL, filters })).images.length;
    expect([await only({ severity: 'Low' }), await only({ fixable: true }), await only({ incomplete: true })]).toEqual([
      0, 0, 1,
    ]);
    expect([await only({ feeds: 'stale' }), await only({ feeds: 'missing' })]).toEqual([0, 0]);
  });

  it.each<[string, ImageCounts | null, Partial<CountMark>, boolean]>([
    ['equally current', COUNTS, {}, true],
    ['valid for longer', COUNTS, { validUntil: null }, true],
    ['dependent on the same images', COUNTS, { images: 3 }, true],
    ['dependent on another set of images', COUNTS, { images: 2 }, false],
    ['expiring earlier', COUNTS, { validUntil: 89 }, false],
    ['of older data', COUNTS, { revision: 6 }, false],
    ['with other suppression files', COUNTS, { basis: 'c' }, false],
    ['not computable', null, {}, false],
  ])('keep the common mark only if it applies to them: %s', async (_what, counts, other, stays) => {
    await record('a', 1);
    const whole = { ...MARK, images: 3 };
    await store.counts.noteWhole(whole, 0);
    await write('a', counts, { ...MARK, ...other });
    expect(await store.counts.whole()).toEqual(stays ? whole : undefined);
    const [image] = await store.counts.marks({ after: undefined, limit: 1 });
    expect(image).toMatchObject({ hasCounts: counts !== null });
  });

  it('are summed by distribution for the overview', async () => {
    const layer = await store.layers.insert(newLayer('leaf', null, []));
    await record('a', 10, layer.id);
    await record('b', 20, layer.id);
    await record('c', 30);
    await write('a', { ...COUNTS, kev: 1 });
    await write('b', { ...COUNTS, fixableHigh: 0, isIncomplete: true });
    const none = { images: 0, waiting: 0, exploited: 0, fixableHigh: 0, incomplete: 0 };
    const { namespaces, scannedSince } = await store.counts.overview(10);
    expect(scannedSince).toBe(2);
    expect(namespaces).toHaveLength(2);
    expect(namespaces).toEqual(
      expect.arrayContaining([
        { ...none, namespace: null, images: 1, waiting: 1, incomplete: 1 },
        {
          ...none,
          namespace: layer.distribution?.namespace ?? '',
          images: 2,
          exploited: 1,
          fixableHigh: 1,
          incomplete: 1,
        },
      ]),
    );
    await record('a', 40, layer.id);
    const again = await store.counts.overview(10);
    expect(again.namespaces.find(({ namespace }) => namespace !== null)).toMatchObject({ waiting: 1, fixableHigh: 0 });
  });

  it('are removed with the image', async () => {
    await record('a', 1);
    const [image] = await store.counts.notCounted(1);
    await store.images.remove(digestOf('a'));
    await store.counts.write([{ ...image!, counts: COUNTS, names: [], rules: 0, mark: MARK }]);
    expect(await store.counts.list(ALL)).toEqual({ images: [], next: undefined });
    expect(await store.counts.find(digestOf('a'))).toBeUndefined();
  });

  it('increment the image revision when an image is recorded or removed, and never the data revision', async () => {
    const layer = await store.layers.insert(newLayer('leaf', null, []));
    const steps: (() => Promise<unknown>)[] = [
      () => record('a', 1, layer.id),
      () => record('a', 2, layer.id),
      () => store.images.remove(digestOf('a')),
      () => record('b', 3, layer.id),
      () => store.layers.remove('leaf'),
      () => record('c', 4),
      async () => await store.retention.apply(await store.retention.plan({ images: 10 })),
    ];
    for (const step of steps) {
      const { images, data } = await store.counts.revisions();
      await step();
      const after = await store.counts.revisions();
      expect([after.images > images, after.data]).toEqual([true, data]);
    }
  });
});

it('are kept with the revisions when the database is opened again', async () => {
  const options = ENGINES.find(([name]) => name === 'sqlite')![1]() satisfies DatabaseOptions;
  const store = await openStore(options);
  await store.manual.edit({
    name: 'CVE-1',
    at: 1,
    change: () => ({ id: 'CVE-1', link: '', description: '', affected: [] }),
  });
  const before = await store.counts.revisions();
  await store.close();
  const again = await openStore(options);
  expect(await again.counts.revisions()).toEqual(before);
  expect(before.data).toBeGreaterThan(0);
  await again.close();
});

describe('a mark of counts', () => {
  const present = { revisions: { data: 7, images: 3, rules: 0 }, basis: 'b', now: 90 };

  it.each<[string, Partial<CountMark>, boolean]>([
    ['unchanged', {}, true],
    ['of older data', { revision: 6 }, false],
    ['of the same images, on which it depends', { images: 3 }, true],
    ['of other images, on which it depends', { images: 2 }, false],
    ['of another release or other suppression files', { basis: 'c' }, false],
    ['after it expired', { validUntil: 89 }, false],
    ['without an expiry', { validUntil: null }, true],
  ])('%s is current: %s', (_, other, isCurrent) => {
    expect(isCurrentMark({ ...MARK, ...other }, present)).toBe(isCurrent);
  });

  it('without a value is not current', () => {
    expect(isCurrentMark(undefined, present)).toBe(false);
  });
});

it('sorts by exploited findings, then from the worst severity down, and limits each number', () => {
  const key = (kev: number, of: Partial<typeof SEVERITIES>): string =>
    riskKey({ kev, severities: { ...SEVERITIES, ...of } });
  const ascending = [
    key(0, {}),
    key(0, { Unknown: 16 ** 7 }),
    key(0, { Low: 900 }),
    key(0, { Medium: 1 }),
    key(0, { High: 9 }),
    key(0, { High: 10 }),
    key(0, { Critical: 1 }),
    key(0, { Critical: 1, Low: 1 }),
    key(0, { Defcon1: 1 }),
    key(1, {}),
  ];
  expect(ascending.toSorted()).toEqual(ascending);
  expect(new Set(ascending.map(({ length }) => length)).size).toBe(1);
});
