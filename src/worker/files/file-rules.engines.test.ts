import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES } from '../../database/testing/stores.ts';
import { openStore } from '../../database/open-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import { FILE_RULE_FEED } from '../../model/advisories/file-rule.ts';
import type { Digest } from '../../model/digest.ts';
import { createPlanner } from '../../notifier/planner.ts';
import { createLayerRecorder } from '../layer-recorder.ts';
import { fileDiagnostics } from '../../report/image/files/file-diagnostics.ts';
import { createFileIndexer } from './file-indexer.ts';
import { digestOfContent } from './testing/layer-members.ts';
import { affectedBy, indexRules, type MadeUpImages, madeUpImages, ruleAbout } from './testing/made-up-images.ts';

const EVIL = { members: ['opt/evil'] };
const PLAIN = { members: ['etc/', 'etc/hosts'] };

describe.each(ENGINES)('file rules, on %s', (_, options) => {
  let store: Store;
  let images: MadeUpImages;
  let digests: Readonly<Record<string, Digest>>;
  beforeEach(async () => {
    store = await openStore(options());
    images = madeUpImages(store);
    digests = {
      plain: await images.image('plain', [PLAIN]),
      evil: await images.image('evil', [PLAIN, EVIL]),
      above: await images.image('above', [PLAIN, EVIL, { members: ['opt/good'] }]),
      cleaned: await images.image('cleaned', [PLAIN, EVIL, { whiteouts: ['opt'] }]),
    };
  });
  afterEach(async () => {
    await store.close();
  });

  const matchesAt = async (name: string): Promise<readonly unknown[]> => {
    const image = await store.images.find(digests[name] ?? 'sha256:none');
    const matches = await store.matches.ofLayer(image?.leaf ?? 0);
    return matches.map(({ vulnerability, feature, originDepth, severity }) => {
      return [vulnerability.name, `${feature.name} ${feature.version}`, originDepth, severity];
    });
  };

  const plan = async (): Promise<readonly string[]> => {
    const planner = createPlanner({ store, owner: 'o', now: store.now, newName: () => `n${(notifications += 1)}` });
    await planner.plan(new AbortController().signal);
    const listed = await store.notifications.list('waiting', { after: 0, limit: 100 });
    return listed.map(({ feed, kind, vulnerability }) => `${feed} ${kind} ${vulnerability}`);
  };
  let notifications = 0;

  it('affect stored images once their layers have been searched, and are notified once', async () => {
    const added = await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 5);
    expect(added).toMatchObject({ id: 'EVIL-1', createdAt: 5, indexedAt: null });
    expect(await store.fileRules.progress('EVIL-1')).toEqual({ searched: 0, layers: 4 });
    expect([await store.fileRules.countPending(), await affectedBy(store, 'EVIL-1')]).toEqual([1, []]);
    expect(await plan()).toEqual([]);
    await indexRules(store);
    expect(await store.fileRules.progress('EVIL-1')).toEqual({ searched: 4, layers: 4 });
    expect((await store.fileRules.find('EVIL-1'))?.indexedAt).toEqual(expect.any(Number));
    expect([await store.fileRules.countPending(), await store.fileRules.hasWork()]).toEqual([0, false]);
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['above', 'evil']);
    expect(await matchesAt('above')).toEqual([['EVIL-1', 'opt/evil present', 1, 'High']]);
    expect([await matchesAt('plain'), await matchesAt('cleaned')]).toEqual([[], []]);
    expect(await plan()).toEqual([`${FILE_RULE_FEED} new EVIL-1`]);
    await indexRules(store);
    expect(await plan()).toHaveLength(1);
  });

  it('about absent files name the layer that removed the file, or the base layer', async () => {
    await store.fileRules.add(ruleAbout('LOST-1', ['opt/evil'], { when: 'absent' }), 5);
    await indexRules(store);
    expect(await affectedBy(store, 'LOST-1')).toEqual(['cleaned', 'plain']);
    expect(await matchesAt('cleaned')).toEqual([['LOST-1', 'opt/evil absent', 2, 'High']]);
    expect(await matchesAt('plain')).toEqual([['LOST-1', 'opt/evil absent', 0, 'High']]);
  });

  it('affect images that are stored later, also while the rule is not indexed', async () => {
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil', 'opt/worse']), 5);
    digests = {
      ...digests,
      soon: await images.image('soon', [PLAIN, { members: ['opt/worse'] }]),
      clean: await images.image('clean', [PLAIN, EVIL, { whiteouts: ['opt/evil'] }]),
    };
    await indexRules(store);
    digests = { ...digests, later: await images.image('later', [EVIL, { members: ['opt/worse'] }]) };
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['above', 'evil', 'later', 'soon']);
    expect(await matchesAt('later')).toEqual([
      ['EVIL-1', 'opt/evil present', 0, 'High'],
      ['EVIL-1', 'opt/worse present', 1, 'High'],
    ]);
    expect(await matchesAt('clean')).toEqual([]);
  });

  it('affect no image after they are deleted, which is notified, and leave no points once their changes have expired', async () => {
    expect(await plan()).toEqual([]);
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 5);
    await store.fileRules.add(ruleAbout('EVIL-2', ['opt/evil']), 5);
    await indexRules(store);
    expect(await plan()).toHaveLength(2);
    expect(await store.fileRules.remove('EVIL-1', 100)).toBe(true);
    expect(await store.fileRules.remove('EVIL-1', 100)).toBe(false);
    expect(await affectedBy(store, 'EVIL-1')).toEqual([]);
    expect(await affectedBy(store, 'EVIL-2')).toEqual(['above', 'evil']);
    expect(await store.fileRules.remove('EVIL-2', 100)).toBe(true);
    expect(await matchesAt('evil')).toEqual([]);
    expect((await plan()).slice(2)).toEqual([
      `${FILE_RULE_FEED} withdrawn EVIL-1`,
      `${FILE_RULE_FEED} withdrawn EVIL-2`,
    ]);
    await indexRules(store);
    const files = async (): Promise<number> => {
      const layers = await Promise.all([1, 2, 3, 4].map((id) => store.layers.files(id)));
      return layers.flat().length;
    };
    expect(await files()).toBe(2);
    await expireChanges(store);
    await indexRules(store);
    expect(await files()).toBe(0);
    const sizes = await store.sizes.tables();
    expect(sizes.filter(({ table }) => table.includes('file')).map(({ rows }) => rows)).toEqual([0, 0, 0]);
  });

  it('find files again whose last rule was deleted before further layers were stored', async () => {
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 5);
    await indexRules(store);
    await store.fileRules.remove('EVIL-1', 100);
    await images.image('between', [EVIL]);
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 200);
    await indexRules(store);
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['above', 'between', 'evil']);
  });

  it('report files whose state is unknown, without a match', async () => {
    const broken = await images.image('broken', [{ absent: 'gone' }, PLAIN]);
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 5);
    await store.fileRules.add(ruleAbout('LOST-1', ['opt/evil'], { when: 'absent' }), 5);
    await indexRules(store);
    digests = { ...digests, broken };
    const id = (await store.images.find(broken))?.leaf ?? 0;
    expect((await store.layers.files(id)).map(({ feature }) => feature.version)).toEqual(['unknown']);
    expect(await matchesAt('broken')).toEqual([]);
  });

  it('about digests name the place of the file, and report layers without digests', async () => {
    digests = {
      ...digests,
      hashed: await images.image('hashed', [{ contents: { 'tmp/x': 'evil' } }, { contents: { a: '' } }]),
      moved: await images.image('moved', [
        { contents: { 'tmp/x': 'evil' } },
        { whiteouts: ['tmp'], contents: { 'srv/y': 'evil' } },
      ]),
      gone: await images.image('gone', [{ contents: { 'tmp/x': 'evil' } }, { whiteouts: ['tmp/x'] }]),
    };
    const evil = digestOfContent('evil');
    await store.fileRules.add(ruleAbout('EVIL-1', [], { digests: [evil] }), 5);
    await store.fileRules.add(ruleAbout('GONE-1', [], { digests: [evil], when: 'absent' }), 5);
    await indexRules(store);
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['hashed', 'moved']);
    expect(await affectedBy(store, 'GONE-1')).toEqual(['gone']);
    const filesAt = async (name: string): Promise<readonly unknown[]> => {
      const image = await store.images.find(digests[name] ?? 'sha256:none');
      const files = await store.layers.files(image?.leaf ?? 0);
      return files.map(({ feature, path, originDepth }) => [feature.name, feature.version, path, originDepth]);
    };
    expect(await filesAt('hashed')).toEqual([[evil, 'present', 'tmp/x', 0]]);
    expect(await filesAt('moved')).toEqual([[evil, 'present', 'srv/y', 1]]);
    expect(await filesAt('gone')).toEqual([[evil, 'absent', evil, 1]]);
    expect(await filesAt('plain')).toEqual([[evil, 'unhashed', evil, 0]]);
    expect(await fileDiagnostics(store, await store.layers.files(1), await store.fileRules.countPending())).toEqual([
      {
        code: 'file-digests-missing',
        message: `the image was not checked for ${evil}: layers were indexed without file digests; set worker.fileDigests, then run clair reindex`,
        where: 'layers',
      },
    ]);
    await store.fileRules.remove('EVIL-1', 100);
    await store.fileRules.remove('GONE-1', 100);
    expect(await fileDiagnostics(store, await store.layers.files(1), await store.fileRules.countPending())).toEqual([]);
    await expireChanges(store);
    await indexRules(store);
    expect(await filesAt('plain')).toEqual([]);
  });

  it('have a limit of patterns', async () => {
    const paths = Array.from({ length: 100 }, (__, each) => `opt/${each}*`);
    await store.fileRules.add(ruleAbout('R-1', paths), 5);
    const more = store.fileRules.add(ruleAbout('R-2', ['opt/100*']), 5);
    await expect(more).rejects.toMatchObject({ code: 'file-rule/limit-exceeded' });
  });

  it('have unique names and a limit of files', async () => {
    await store.fileRules.add(ruleAbout('EVIL-1', ['a']), 5);
    await expect(store.fileRules.add(ruleAbout('EVIL-1', ['b']), 5)).rejects.toMatchObject({
      code: 'file-rule/exists',
    });
    for (let at = 0; at < 49; at += 1) {
      const paths = Array.from({ length: 100 }, (__, each) => `${at}/${each}`);
      await store.fileRules.add(ruleAbout(`R-${at}`, paths), 5);
    }
    const many = Array.from({ length: 100 }, (__, each) => `x/${each}`);
    await expect(store.fileRules.add(ruleAbout('R-50', many), 5)).rejects.toMatchObject({
      code: 'file-rule/limit-exceeded',
    });
    expect(await store.fileRules.find('R-50')).toBeUndefined();
    expect((await store.fileRules.watched()).files).toHaveLength(4901);
    const listed = await store.fileRules.list({ after: 'R-7', limit: 2 });
    expect(listed.map(({ id }) => id)).toEqual(['R-8', 'R-9']);
  });

  it('are not missed by a layer that is stored while a rule is created', async () => {
    const creating = Array.from({ length: 20 }, (__, at) => `EVIL-${at + 10}`);
    const others = madeUpImages(store, createLayerRecorder({ store, detectors: [] }));
    const storing = Array.from({ length: 60 }, (__, at) => `image-${at}`);
    await Promise.all([
      (async () => {
        for (const id of creating) await store.fileRules.add(ruleAbout(id, [`opt/${id}`]), 5);
      })(),
      (async () => {
        for (const name of storing) {
          const members = creating.map((id) => `opt/${id}`);
          await others.image(name, [{ members: [...members, name] }, { members: [`${name}-top`] }]);
        }
      })(),
      indexRules(store),
    ]);
    await indexRules(store);
    for (const id of creating) expect(await affectedBy(store, id)).toEqual(storing.toSorted());
  });

  it('are indexed completely after a crash in the middle, by an instance that takes over', async () => {
    const names = Array.from({ length: 150 }, (__, at) => `image-${at}`);
    for (const name of names) await images.image(name, [{ members: [`opt/evil`, name] }]);
    await store.fileRules.add(ruleAbout('EVIL-1', ['opt/evil']), 5);
    const [dead, living] = ['dead', 'living'].map((owner) => ({ name: 'file-rules', owner }));
    if (dead === undefined || living === undefined) throw new Error('there are two');
    await store.locks.acquire(dead.name, dead.owner, 60_000);
    expect(await createFileIndexer(store).step(dead)).toEqual({ did: 'search', layers: 100 });
    expect(await store.fileRules.progress('EVIL-1')).toEqual({ searched: 100, layers: 154 });
    await store.locks.release(dead.name, dead.owner);
    await store.locks.acquire(living.name, living.owner, 60_000);
    const late = createFileIndexer(store).step(dead);
    await expect(late).rejects.toMatchObject({ code: 'database/lease-lost' });
    const { step } = createFileIndexer(store);
    expect(await step(living)).toEqual({ did: 'search', layers: 54 });
    expect(await step(living)).toEqual({ did: 'finish', rules: 1 });
    expect(await affectedBy(store, 'EVIL-1')).toEqual(['above', 'evil', ...names].toSorted());
  });
});

/** Removes all notifications and changes, as housekeeping does after their retention. */
async function expireChanges(store: Store): Promise<void> {
  for (const { name } of await store.notifications.list('waiting', { after: 0, limit: 100 })) {
    await store.notifications.markRead(name, 1);
  }
  // The newest change is never removed, so create a newer change in another feed.
  await store.manual.edit({
    name: 'OTHER-1',
    at: 1e15,
    change: () => ({ id: 'OTHER-1', link: '', description: '', affected: [] }),
  });
  await createPlanner({ store, owner: 'o', now: store.now, newName: () => 'last' }).plan(new AbortController().signal);
  const bound = 1e14;
  await store.retention.apply(await store.retention.plan({ notifications: bound, changeLog: bound }));
}
