import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

const DAY = 86_400_000;

describe.each(ENGINES)('the submissions of a store on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const add = async (name: string, createdAt = 1): Promise<unknown> =>
    await store.submissions.add({ name, target: `r:${name}`, platform: null, isUpload: false, createdAt });
  const names = (found: readonly { readonly name: string }[]): readonly string[] => found.map(({ name }) => name);

  it('wait in submission order until they are finished', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    const error = { code: 'image/not-found', message: 'none', remedy: 'Look.' };
    await store.submissions.finish('b', { at: 7, images: [], error });
    await store.submissions.begin('c');
    expect(names(await store.submissions.unfinished(9))).toEqual(['a', 'c']);
    expect(names(await store.submissions.unfinished(1))).toEqual(['a']);
    expect(await store.submissions.count()).toEqual({ queued: 1, reading: 1 });
    expect(await store.submissions.find('b')).toMatchObject({ state: 'failed', error, finishedAt: 7, images: [] });
    expect(await store.submissions.find('none')).toBeUndefined();
  });

  it('are listed newest first, in pages', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    const first = await store.submissions.list({ before: Number.MAX_SAFE_INTEGER, limit: 2 });
    expect(names(first)).toEqual(['c', 'b']);
    expect(names(await store.submissions.list({ before: first[1]?.id ?? 0, limit: 2 }))).toEqual(['a']);
  });

  it('return their progress, count their starts, and stay as they finished', async () => {
    await add('a');
    await store.submissions.begin('a');
    await store.submissions.release('a');
    await store.submissions.begin('a');
    await store.submissions.noteProgress('a', { total: 3, done: 2, known: 1 });
    const reading = { state: 'reading', attempts: 1, layers: { total: 3, done: 2, known: 1 }, finishedAt: null };
    expect(await store.submissions.find('a')).toMatchObject(reading);
    await store.submissions.finish('a', { at: 7, images: [digestOf('a')], error: null });
    const done = await store.submissions.find('a');
    expect(done).toMatchObject({ state: 'done', images: [digestOf('a')], error: null, finishedAt: 7 });
    await store.submissions.begin('a');
    await store.submissions.release('a');
    await store.submissions.noteProgress('a', { total: 9, done: 9, known: 9 });
    await store.submissions.finish('a', { at: 8, images: [], error: null });
    expect(await store.submissions.find('a')).toEqual(done);
  });

  it('are kept for a week after they finish', async () => {
    for (const name of ['over', 'waiting']) await add(name);
    await store.submissions.finish('over', { at: 1, images: [], error: null });
    await add('a week later', 1 + 7 * DAY);
    expect(await store.submissions.find('over')).toBeDefined();
    await add('and more', 2 + 7 * DAY);
    expect([await store.submissions.find('over'), (await store.submissions.find('waiting'))?.state]).toEqual([
      undefined,
      'queued',
    ]);
  });

  it('are rejected when a thousand are unfinished', async () => {
    for (let number = 0; number < 1000; number += 1) await add(String(number));
    await expect(add('one more')).rejects.toMatchObject({ code: 'submission/queue-full' });
    await store.submissions.finish('7', { at: 1, images: [], error: null });
    expect(await add('one more')).toMatchObject({ state: 'queued' });
  });

  describe('of SBOMs', () => {
    const addDocument = async (name: string, parts: readonly Uint8Array[], distribution: string | null = null) => {
      const document = { digest: digestOf('a'), distribution, appliesVex: false, parts };
      return await store.submissions.add({
        name,
        target: 's',
        platform: null,
        isUpload: false,
        document,
        createdAt: 1,
      });
    };

    it('keep the parts until they finish', async () => {
      const added = await addDocument('a', [Uint8Array.of(0, 1), Uint8Array.of(255)], 'debian:12');
      expect(added.document).toEqual({ digest: digestOf('a'), distribution: 'debian:12', appliesVex: false });
      expect(await store.submissions.find('a')).toEqual(added);
      const parts = await Promise.all([0, 1, 2].map((number) => store.submissions.part('a', number)));
      expect(parts.map((part) => part && [...part])).toEqual([[0, 1], [255], undefined]);
      await store.submissions.finish('a', { at: 7, images: [], error: null });
      expect(await store.submissions.part('a', 0)).toBeUndefined();
    });

    it('are not added again for the same SBOM while a submission of the SBOM is unfinished', async () => {
      await addDocument('a', [Uint8Array.of(1)]);
      const again = await Promise.all(['b', 'c'].map((name) => addDocument(name, [Uint8Array.of(1)])));
      expect(names(again)).toEqual(['a', 'a']);
      expect((await addDocument('d', [Uint8Array.of(1)], 'debian:12')).name).toBe('d');
      await store.submissions.finish('a', { at: 7, images: [], error: null });
      expect((await addDocument('e', [Uint8Array.of(1)])).name).toBe('e');
    });

    it('are rejected above the size limit, and nothing is stored', async () => {
      // The list contains the same part many times, and each occurrence counts, so the test needs little memory.
      const part = new Uint8Array(512 * 1024);
      const tooMany = Array.from({ length: 2049 }, () => part);
      await expect(addDocument('a', tooMany)).rejects.toMatchObject({ code: 'submission/queue-full' });
      expect(await store.submissions.find('a')).toBeUndefined();
    });
  });
});
