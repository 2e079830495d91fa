import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../../testing/store-content.ts';
import { advisory, deb, digestOf } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { Layer } from '../../../model/layer.ts';
import { openStore } from '../../open-store.ts';
import type { ObsoleteKind, RetentionBounds } from '../../contracts/retention.ts';
import type { Store } from '../../contracts/store.ts';

const DAY = 86_400_000;

/** Storing a layer is recorded as a use of the layer, so the tests run at a later time. */
const NOW = Date.now();
const LATER = NOW + 100 * DAY;
const AGO_90 = LATER - 90 * DAY;

describe.each(ENGINES)('retention on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  /** Returns the planned rows as `kind name`. Also removes the rows and checks that exactly these rows are removed. */
  async function gone(bounds: RetentionBounds, kinds: readonly ObsoleteKind[]): Promise<string[]> {
    const plan = await store.retention.plan(bounds);
    const listed: string[] = [];
    const counts: Partial<Record<ObsoleteKind, number>> = {};
    for await (const { kind, name } of store.retention.list(plan)) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (kinds.includes(kind)) listed.push(`${kind} ${name}`);
    }
    expect(await store.retention.apply(plan)).toEqual({ ...NOTHING, ...counts });
    const after = await store.retention.plan(bounds);
    expect(await store.retention.apply(after)).toEqual(NOTHING);
    return listed;
  }

  async function recordImage(digit: string, leaf: Layer | null, scannedAt: number): Promise<void> {
    const image = { digest: digestOf(digit), reference: 'r:1', target: 't', platform: 'linux/amd64', scannedAt };
    await store.images.record({ ...NO_CONTENTS, ...image, leaf: leaf?.id ?? null });
  }

  describe('of layers', () => {
    type Case = readonly [what: string, known: () => Promise<void>, gone: readonly string[], bounds: RetentionBounds];
    const bounds = { layers: AGO_90, images: AGO_90 };

    it.each<Case>([
      ['a layer that was not used', async () => void (await knowLayer(store, 'old', [])), ['layer old'], bounds],
      [
        'no layer that was used since',
        async () => {
          const asked = await knowLayer(store, 'asked', []);
          await store.layers.noteUse([asked.id], AGO_90);
          await store.layers.noteUse([asked.id], NOW);
        },
        [],
        bounds,
      ],
      ['no layer that was stored since', async () => void (await knowLayer(store, 'new', [])), [], { layers: NOW }],
      [
        'a layer that was last used a day before the bound',
        async () => {
          const asked = await knowLayer(store, 'asked', []);
          await store.layers.noteUse([asked.id], AGO_90 - DAY);
        },
        ['layer asked'],
        bounds,
      ],
      [
        'a whole chain, and its branches',
        async () => {
          const base = await knowLayer(store, 'base', []);
          const middle = await knowLayer(store, 'middle', [], base);
          await knowLayer(store, 'leaf', [], middle);
          await knowLayer(store, 'branch', [], base);
        },
        ['layer leaf', 'layer middle', 'layer branch', 'layer base'],
        bounds,
      ],
      [
        'the layers above a layer in use, and nothing below it',
        async () => {
          const base = await knowLayer(store, 'base', []);
          const asked = await knowLayer(store, 'asked', [], base);
          await knowLayer(store, 'leaf', [], asked);
          await knowLayer(store, 'branch', [], base);
          await store.layers.noteUse([asked.id], LATER);
        },
        ['layer leaf', 'layer branch'],
        bounds,
      ],
      [
        'no layer of an image that was scanned since',
        async () => {
          const base = await knowLayer(store, 'base', []);
          await recordImage('1', await knowLayer(store, 'leaf', [], base), AGO_90);
        },
        [],
        bounds,
      ],
      [
        'layers of an image that is removed too, and images without layers',
        async () => {
          await recordImage('1', await knowLayer(store, 'leaf', []), AGO_90 - 1);
          await recordImage('2', null, AGO_90 - 1);
          await recordImage('3', null, AGO_90);
        },
        [`image ${digestOf('1')} r:1`, `image ${digestOf('2')} r:1`, 'layer leaf'],
        bounds,
      ],
      [
        'no layer of an image, however old, if images are kept forever',
        async () => await recordImage('1', await knowLayer(store, 'leaf', []), 1),
        [],
        { layers: AGO_90 },
      ],
      [
        'images, but no layers, if layers are kept forever',
        async () => await recordImage('1', await knowLayer(store, 'leaf', []), 1),
        [`image ${digestOf('1')} r:1`],
        { images: AGO_90 },
      ],
    ])('removes %s', async (_what, known, expected, of) => {
      await known();
      expect(await gone(of, ['image', 'layer'])).toEqual(expected);
    });

    it('removes contents without layers, even if a client deleted the layer', async () => {
      const [a, b, c] = [digestOf('a'), digestOf('b'), digestOf('c')];
      await store.layers.insert({ ...newLayer('old', null, []), digest: a });
      await store.layers.insert({ ...newLayer('old too', null, []), digest: b });
      const kept = await store.layers.insert({ ...newLayer('kept', null, []), digest: b });
      await store.layers.insert({ ...newLayer('deleted', null, []), digest: c });
      await store.layers.noteUse([kept.id], LATER);
      await store.layers.remove('deleted');
      expect(await gone({ layers: AGO_90 }, ['layer_contents'])).toEqual([
        `layer_contents ${a}`,
        `layer_contents ${c}`,
      ]);
      expect(await store.layers.contents(b, 1)).toEqual(Buffer.from('{}'));
    });

    it('removes the diff IDs of a layer with its last contents', async () => {
      const [gone1, kept1] = [digestOf('a'), digestOf('b')];
      for (const [blob, diffId] of [
        ['1', gone1],
        ['2', kept1],
        ['3', kept1],
      ] as const) {
        await store.layers.noteBlob(digestOf(blob), diffId);
      }
      await store.layers.insert({ ...newLayer('old', null, []), digest: gone1 });
      await store.layers.insert({ ...newLayer('old engine', null, []), digest: kept1 });
      const kept = { ...newLayer('kept', null, []), engineVersion: 2, digest: kept1 };
      await store.layers.noteUse([(await store.layers.insert(kept)).id], LATER);
      await gone({ layers: AGO_90 }, ['layer_contents']);
      const known = await Promise.all(['1', '2', '3'].map((blob) => store.layers.diffIdOf(digestOf(blob))));
      expect(known).toEqual([undefined, kept1, kept1]);
    });

    it('keeps a layer that is requested, scanned or extended between the search and the removal', async () => {
      const asked = await knowLayer(store, 'asked', []);
      const scanned = await knowLayer(store, 'scanned', []);
      const base = await knowLayer(store, 'base', [deb('a', '1')]);
      await recordImage('1', scanned, 1);
      const plan = await store.retention.plan(bounds);
      await store.layers.noteUse([asked.id], LATER);
      await recordImage('1', scanned, LATER);
      await knowLayer(store, 'above', [], base);
      expect(await store.retention.apply(plan)).toEqual(NOTHING);
    });
  });

  describe('of packages', () => {
    it('removes packages without layers, and version lines and namespaces without other references', async () => {
      await publish(store, [advisory('CVE-1', { package: 'known' })]);
      await knowLayer(store, 'old', [deb('known', '1'), deb('both', '1'), deb('unknown', '1', { name: 'source' })]);
      const other = {
        feature: deb('elsewhere', '1'),
        path: '',
        namespace: 'debian:3',
        originDepth: 0,
        change: 1 as const,
      };
      await store.layers.insert(newLayer('elsewhere', null, [other]));
      const kept = await knowLayer(store, 'kept', [deb('both', '1')]);
      await store.layers.noteUse([kept.id], LATER);
      expect(await gone({ layers: AGO_90 }, ['feature', 'line', 'namespace'])).toEqual([
        'feature known 1 amd64',
        'feature unknown 1 amd64',
        'feature elsewhere 1 amd64',
        'line debian:12 source',
        'line debian:3 elsewhere',
        'namespace debian:3',
      ]);
      expect(await store.namespaces.all()).toEqual([{ name: 'debian:12', scheme: 'dpkg' }]);
    });

    it('removes packages of layers that a client deleted, and keeps everything in use', async () => {
      await publish(store, [advisory('CVE-1', { package: 'a' })]);
      await knowLayer(store, 'deleted', [deb('b', '1')]);
      await knowLayer(store, 'kept', [deb('a', '1')]);
      await store.layers.remove('deleted');
      expect(await gone({}, ['feature', 'line'])).toEqual(['feature b 1 amd64', 'line debian:12 b']);
    });

    it('removes programs without layers, and keeps a program that is used again', async () => {
      const program = (arch: string) => ({ path: 'usr/bin/app', program: { os: 'linux', arch, unknown: 'none' } });
      const base = await store.layers.insert({ ...newLayer('old', null, []), programs: [program('arm')] });
      await store.layers.insert({ ...newLayer('older', base, []), programs: [program('386')] });
      const kept = await store.layers.insert({ ...newLayer('kept', null, []), programs: [program('arm')] });
      await store.layers.noteUse([kept.id], LATER);
      const plan = await store.retention.plan({ layers: AGO_90 });
      expect(plan.program).toHaveLength(1);
      const again = await store.layers.insert({ ...newLayer('again', kept, []), programs: [program('386')] });
      await store.retention.apply(plan);
      expect((await store.layers.programs(again.id)).get('usr/bin/app')?.arch).toBe('386');
      await store.layers.remove('again');
      expect(await gone({ layers: AGO_90 }, ['program'])).toEqual(['program a program for linux on 386']);
      expect((await store.layers.programs(kept.id)).get('usr/bin/app')?.arch).toBe('arm');
    });

    it('keeps a package or version line that is used again between the search and the removal', async () => {
      await knowLayer(store, 'deleted', [deb('a', '1'), deb('b', '1')]);
      await store.layers.remove('deleted');
      const plan = await store.retention.plan({});
      await knowLayer(store, 'again', [deb('a', '1')]);
      await publish(store, [advisory('CVE-1', { package: 'b' })]);
      expect(await store.retention.apply(plan)).toEqual({ ...NOTHING, feature: 1 });
      const [installed] = await store.layers.features((await store.layers.find('again'))?.id ?? 0);
      expect(installed?.feature).toEqual(deb('a', '1'));
    });
  });

  describe('of changes', () => {
    const bounds = { notifications: AGO_90, changeLog: AGO_90 };
    const severity = (id: string, of: 'Low' | 'High' | 'Critical'): Advisory =>
      advisory(id, { package: 'a', severity: of });
    const kinds: readonly ObsoleteKind[] = ['notification', 'change_log'];

    async function log(changes: readonly (readonly [of: Advisory[], at: number])[]): Promise<void> {
      await publish(store, [], 1);
      for (const [of, at] of changes) await publish(store, of, at);
    }

    async function notify(change: number): Promise<string> {
      const name = `told-${change}`;
      const from = await store.notifications.cursor();
      const notification = { name, change, kind: 'new' as const, createdAt: 1 };
      await store.notifications.advance({ from, to: from, notifications: [notification] });
      return name;
    }

    const ids = async (): Promise<number[]> =>
      (await store.changeLog.read({ after: 0, limit: 99 })).map(({ id }) => id);

    it('removes changes above their age limit, but never the newest, after which the next change is numbered', async () => {
      await log([
        [[severity('CVE-1', 'Low')], 1],
        [[severity('CVE-1', 'High')], AGO_90 - 1],
        [[severity('CVE-1', 'Critical')], AGO_90 - 1],
      ]);
      expect(await gone(bounds, kinds)).toEqual(['change_log debian CVE-1 added', 'change_log debian CVE-1 changed']);
      expect(await ids()).toEqual([3]);
    });

    it('removes no change below the age limit, and no change without a limit', async () => {
      await log([
        [[severity('CVE-1', 'Low')], AGO_90],
        [[severity('CVE-1', 'High')], 1],
        [[severity('CVE-1', 'Critical')], 1],
      ]);
      expect(await gone(bounds, kinds)).toEqual([]);
      expect(await gone({ changeLog: 1 }, kinds)).toEqual([]);
      expect(await gone({}, kinds)).toEqual([]);
    });

    it('removes no change that the notifier has not read', async () => {
      await log([[[severity('CVE-1', 'Low')], 1]]);
      await store.notifications.cursor();
      await publish(store, [severity('CVE-1', 'High')], 2);
      await publish(store, [severity('CVE-1', 'Critical')], 3);
      expect(await gone(bounds, kinds)).toEqual(['change_log debian CVE-1 added']);
    });

    const twoVulnerabilities: readonly (readonly [Advisory[], number])[] = [
      [[severity('CVE-1', 'Low'), severity('CVE-2', 'Low')], 1],
      [[severity('CVE-1', 'High'), severity('CVE-2', 'Low')], 2],
      [[severity('CVE-1', 'Critical'), severity('CVE-2', 'High')], 3],
    ];
    type End = readonly [what: string, happen: (name: string) => Promise<void>];

    it.each<End>([
      ['is pending', async () => {}],
      [
        'was delivered but not read',
        async () => await store.notifications.recordDelivery(1, { at: 1, dueAt: 2, channels: ['webhook'] }),
      ],
      ['was read recently', async (name) => void (await store.notifications.markRead(name, AGO_90))],
    ])('keeps a notification that %s, its change, and later changes of the same advisory', async (_what, happen) => {
      await log(twoVulnerabilities);
      const name = await notify(1);
      await happen(name);
      const told = await store.changeLog.find(1);
      expect(await gone(bounds, kinds)).toEqual(['change_log debian CVE-2 added']);
      expect(await store.changeLog.find(1)).toEqual(told);
      expect((await store.notifications.find(name))?.vulnerability).toBe('CVE-1');
    });

    it.each<End>([
      ['was read long ago', async (name) => void (await store.notifications.markRead(name, AGO_90 - 1))],
      [
        'was sent to all channels',
        async () => await store.notifications.recordDelivery(1, { at: 1, dueAt: null, channels: ['webhook'] }),
      ],
      [
        'failed permanently long ago',
        async () => {
          await store.notifications.claim({ owner: 'me', lease: 1, limit: 1 });
          await store.notifications.recordFailure(1, { owner: 'me', at: 9, error: 'e', dueAt: null });
        },
      ],
    ])('removes a notification that %s, and its change', async (_what, happen) => {
      await log(twoVulnerabilities);
      const name = await notify(1);
      await happen(name);
      expect((await gone(bounds, kinds)).slice(0, 2)).toEqual([
        `notification ${name}`,
        'change_log debian CVE-1 added',
      ]);
      expect(await ids()).toEqual([5]);
    });

    it('keeps a dead notification and its changes when it is retried after the search', async () => {
      await log([
        [[severity('CVE-1', 'Low')], 1],
        [[severity('CVE-1', 'High')], 2],
        [[severity('CVE-1', 'Critical')], 3],
      ]);
      const name = await notify(1);
      await store.notifications.claim({ owner: 'me', lease: 1, limit: 1 });
      await store.notifications.recordFailure(1, { owner: 'me', at: 9, error: 'e', dueAt: null });
      const plan = await store.retention.plan(bounds);
      await store.notifications.retry([name], LATER);
      expect(await store.retention.apply(plan)).toEqual(NOTHING);
      expect((await store.changeLog.find(1))?.after).toEqual(severity('CVE-1', 'Low'));
    });
  });

  it('stops between two transactions on abort', async () => {
    await knowLayer(store, 'old', []);
    const plan = await store.retention.plan({ layers: AGO_90 });
    await expect(store.retention.apply(plan, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(await store.layers.find('old')).toBeDefined();
  });
});

const NOTHING = {
  image: 0,
  layer: 0,
  layer_contents: 0,
  notification: 0,
  update_notification: 0,
  change_log: 0,
  program: 0,
  feature: 0,
  line: 0,
  namespace: 0,
};
