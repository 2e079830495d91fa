import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { advisory, digestOf } from '../database/testing/packages.ts';
import { NO_CONTENTS } from '../database/testing/stores.ts';
import { type ImageCounts, isCurrentMark } from '../database/contracts/image-counts.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { ThreadExhausted } from '../threads/terminable-pool.ts';
import type { CountImage } from './image-count.ts';
import { createImageCounter, type ImageCounter } from './image-counter.ts';

const MINUTE = 60_000;

const COUNTS: ImageCounts = {
  packages: 1,
  severities: { Unknown: 0, Negligible: 0, Low: 0, Medium: 0, High: 1, Critical: 0, Defcon1: 0 },
  suppressed: 0,
  fixable: 0,
  fixableHigh: 0,
  kev: 0,
  isIncomplete: false,
  hasStaleFeed: false,
  hasMissingFeed: false,
  diagnostics: 0,
};

describe('the counter of images', () => {
  let store: Store;
  let counter: ImageCounter;
  let time = 0;
  let basis = 'basis';
  /** The digits that represent the counted images, and the logged outcomes of counts. */
  let counted: string[] = [];
  let logged: string[] = [];
  let during: (digit: string) => void | Promise<void> = () => undefined;
  let pauses = 0;
  let dependsOnImages = false;
  const { signal } = new AbortController();

  beforeEach(async () => {
    time = 1000;
    basis = 'basis';
    during = () => undefined;
    logged = [];
    pauses = 0;
    dependsOnImages = false;
    store = await memoryStore({ time: () => time });
    counter = newCounter();
    for (const [digit, at] of [
      ['a', 5],
      ['b', 7],
      ['c', 6],
    ] as const)
      await record(digit, at);
    await counter.recount(signal);
    counted = [];
  });
  afterEach(async () => await store.close());

  /** Returns counts like the counter of production, but computes no report. */
  const count: CountImage = async (digest) => {
    const { data: revision, ...present } = await store.counts.revisions();
    const images = dependsOnImages ? present.images : null;
    const image = await store.counts.find(digest);
    counted.push(digest[7] ?? '');
    const mark = { countedAt: time, revision, images, basis, validUntil: time + 5 * MINUTE };
    await during(digest[7] ?? '');
    return image && { ...image, counts: COUNTS, names: [], rules: present.rules, mark };
  };

  function newCounter(): ImageCounter {
    const log = (_fields: object, message: string): void => void logged.push(message);
    const pause = async (): Promise<void> => void (pauses += 1);
    return createImageCounter({
      store,
      count,
      basis: async () => basis,
      log: { info: log, warn: log, error: log },
      pause,
    });
  }

  async function record(digit: string, scannedAt: number): Promise<void> {
    const known = { digest: digestOf(digit), reference: digit, target: 'oci:x', platform: 'p', leaf: null, scannedAt };
    await store.images.record({ ...NO_CONTENTS, ...known });
  }

  async function changeData(name = 'CVE-1'): Promise<void> {
    const next = advisory(name, { package: 'a', fixed: `${time}` });
    await store.manual.edit({ name, at: time, change: () => ({ ...next, description: `${Math.random()}` }) });
  }

  async function recount(): Promise<string> {
    counted = [];
    await counter.recount(signal);
    return counted.join('');
  }

  it('counts and writes nothing while all counts are current', async () => {
    await recount();
    const version = await store.version();
    expect(await recount()).toBe('');
    expect(await store.version()).toBe(version);
  });

  it('recounts all images after a data change, most recently scanned first, with a pause after each', async () => {
    await changeData();
    expect(await recount()).toBe('bca');
    expect(pauses).toBe(3);
    expect(await recount()).toBe('');
  });

  it('counts uncounted images first, including images that arrive during the count', async () => {
    await changeData();
    await record('d', 1);
    during = async (digit) => {
      if (digit === 'b') await record('e', 0);
    };
    expect(await recount()).toBe('dbeca');
  });

  it('looks only at a new image while all other counts are current', async () => {
    await recount();
    const marks = vi.spyOn(store.counts, 'marks');
    await record('d', 9);
    expect([await recount(), await recount(), marks.mock.calls]).toEqual(['d', '', []]);
    expect(await store.counts.whole()).toBeDefined();
    // An instance with other suppression files counts image `e`.
    await record('e', 9);
    const mine = basis;
    basis = 'theirs';
    await newCounter().countOne(digestOf('e'), signal);
    basis = mine;
    await recount();
    expect(marks).toHaveBeenCalledOnce();
  });

  it('looks at all images after a new image if counts depend on other images', async () => {
    dependsOnImages = true;
    await changeData();
    await recount();
    await recount();
    await record('d', 9);
    expect([await recount(), await recount()]).toEqual(['dbca', '']);
  });

  it('recounts images with expired counts', async () => {
    time += 5 * MINUTE;
    expect(await recount()).toBe('');
    time += MINUTE;
    expect(await recount()).toBe('bca');
  });

  it('recounts if the data changes during the count', async () => {
    await changeData();
    during = async (digit) => {
      if (digit === 'c') await changeData('CVE-2');
    };
    expect(await recount()).toBe('bca');
    during = () => undefined;
    expect(await recount()).toBe('bc');
    expect(await recount()).toBe('');
  });

  it.each<[Error, string]>([
    [new ThreadExhausted('memory'), 'counting image failed'],
    [new Error('a defect'), 'counting image failed'],
  ])('stores that an image cannot be counted after %s and retries when the data changes', async (error, message) => {
    during = (digit) => {
      if (digit === 'c') throw error;
    };
    await changeData();
    expect([await recount(), logged]).toEqual(['bca', [message]]);
    expect(await recount()).toBe('');
    const listed = await store.counts.list({
      order: 'scannedAt',
      filters: {},
      after: undefined,
      limit: 9,
      maxLooked: 9,
    });
    expect(listed.images.map(({ counts, mark }) => [counts !== null, mark !== undefined])).toEqual([
      [true, true],
      [false, true],
      [true, true],
    ]);
    await changeData();
    expect(await recount()).toBe('bca');
  });

  it('stops at an error that affects all images and keeps the counts so far', async () => {
    const refused = new ClairError('suppression/invalid', 'no rules');
    during = (digit) => {
      if (digit === 'c') throw refused;
    };
    await changeData();
    await expect(counter.recount(signal)).rejects.toBe(refused);
    during = () => undefined;
    expect(await recount()).toBe('ca');
  });

  it('stops with the reason of its signal and keeps the counts so far', async () => {
    const stop = new AbortController();
    during = (digit) => {
      if (digit === 'c') stop.abort(new Error('stopped'));
    };
    await changeData();
    await expect(counter.recount(stop.signal)).rejects.toThrow('stopped');
    during = () => undefined;
    expect(await recount()).toBe('a');
  });

  it('ignores an image that is removed during its count', async () => {
    during = async (digit) => {
      if (digit === 'c') await store.images.remove(digestOf('c'));
    };
    await changeData();
    expect(await recount()).toBe('bca');
    expect(await recount()).toBe('');
  });

  it('does nothing while another instance counts', async () => {
    await changeData();
    await store.locks.acquire('image counts', 'another', MINUTE);
    expect(await recount()).toBe('');
    time += MINUTE + 1;
    expect(await recount()).toBe('bca');
  });

  it('recounts immediately after other suppression files or another release', async () => {
    basis = 'other';
    expect(await recount()).toBe('bca');
    basis = 'basis';
    expect(await recount()).toBe('bca');
  });

  it('does not recount recent counts by an instance with other suppression files', async () => {
    const mine = basis;
    basis = 'theirs';
    counted = [];
    await newCounter().recount(signal);
    expect(counted.join('')).toBe('bca');
    basis = mine;
    expect(await recount()).toBe('');
    time += 10 * MINUTE + 1;
    expect(await recount()).toBe('bca');
  });

  it('records that all counts are current, with their combined dependencies', async () => {
    const isWhole = async (): Promise<boolean> =>
      isCurrentMark(await store.counts.whole(), { basis, revisions: await store.counts.revisions(), now: time });
    expect(await isWhole()).toBe(false);
    await recount();
    expect(await isWhole()).toBe(true);
    expect(await store.counts.whole()).toMatchObject({ images: null, validUntil: time + 5 * MINUTE });
    await changeData();
    expect(await isWhole()).toBe(false);
    await recount();
    expect(await isWhole()).toBe(false);
    await recount();
    expect(await isWhole()).toBe(true);
    time += 6 * MINUTE;
    expect(await isWhole()).toBe(false);
  });

  it('drops that record when an instance with other suppression files counts a new image', async () => {
    await recount();
    expect(await store.counts.whole()).toMatchObject({ basis });
    await record('d', 9);
    const mine = basis;
    basis = 'theirs';
    await newCounter().countOne(digestOf('d'), signal);
    basis = mine;
    expect([await store.counts.notCounted(1), await store.counts.whole()]).toEqual([[], undefined]);
    expect([await recount(), await store.counts.whole()]).toEqual(['', undefined]);
  });

  it('does not record that all counts are current while an image exceeds the limits', async () => {
    during = () => {
      throw new ThreadExhausted('memory');
    };
    await record('d', 9);
    await recount();
    expect([await recount(), await store.counts.whole()]).toEqual(['', undefined]);
  });

  it('does not record that all counts are current while another instance has other suppression files', async () => {
    const mine = basis;
    basis = 'theirs';
    await newCounter().recount(signal);
    basis = mine;
    expect([await recount(), await store.counts.whole()]).toEqual(['', undefined]);
  });

  it('counts one image immediately', async () => {
    await record('d', 9);
    await counter.countOne(digestOf('d'), signal);
    await counter.countOne(digestOf('e'), signal);
    expect([counted, await recount()]).toEqual([['d'], '']);
  });

  it('leaves one image to recount while another count takes long', async () => {
    await record('d', 9);
    await record('e', 10);
    let finish = (): void => undefined;
    during = (digit) => (digit === 'd' ? new Promise<void>((resolve) => (finish = resolve)) : undefined);
    const long = counter.countOne(digestOf('d'), signal);
    await vi.waitFor(() => expect(counted).toEqual(['d']), { interval: 2 });
    time += 2000;
    await counter.countOne(digestOf('e'), signal);
    expect(counted).toEqual(['d']);
    finish();
    await long;
    expect(await recount()).toBe('e');
  });
});
