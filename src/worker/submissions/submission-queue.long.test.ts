import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../database/testing/packages.ts';
import { inChunks } from '../../bytes/testing/tar-builder.ts';
import { createTemporarySpace } from '../../bytes/temporary-space.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { Submission } from '../../model/submission.ts';
import { startSubmissionQueue, type SubmissionQueue, type SubmissionQueueOptions } from './submission-queue.ts';
import type { ReadSubmitted } from './submitted-image.ts';

const IMAGE = digestOf('a');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let store: Store;
let folder: string;
let queues: SubmissionQueue[];
beforeEach(async () => {
  store = await memoryStore();
  folder = mkdtempSync(join(tmpdir(), 'clair-queue-'));
  queues = [];
});
afterEach(async () => {
  await Promise.all(queues.map((queue) => queue.stop()));
  await store.close();
  rmSync(folder, { recursive: true });
});

function instance(read: ReadSubmitted, options: Partial<SubmissionQueueOptions> = {}): SubmissionQueue {
  const timing = { poll: 5, lease: 400 };
  const queue = startSubmissionQueue({
    store,
    read,
    log,
    space: createTemporarySpace({ folder }),
    ...options,
    timing: { ...timing, ...options.timing },
  });
  queues.push(queue);
  return queue;
}

async function finished({ name }: Submission): Promise<Submission> {
  return await vi.waitFor(
    async () => {
      const found = await store.submissions.find(name);
      if (found === undefined || found.finishedAt === null) throw new Error(`${name} is not over`);
      return found;
    },
    { timeout: 10_000, interval: 2 },
  );
}

/** Waits until a check passes. */
async function soon(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 1000, interval: 2 });
}

const never: ReadSubmitted = async (_image, { signal }) =>
  await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const REFERENCE = { target: 'debian:12', platform: 'linux/arm64' };
const ARCHIVE = { target: 'a.tar', platform: null };

describe('an image from a registry', () => {
  it('is read by its full name, and finishes with the digests of its images', async () => {
    const asked: unknown[] = [];
    const queue = instance(async (image, { progress }) => {
      asked.push([image.target, image.platform, image.path]);
      await progress({ total: 2, done: 2, known: 1 });
      return [IMAGE];
    });
    const submission = await queue.submit(REFERENCE);
    expect(submission).toMatchObject({ target: 'docker.io/library/debian:12', state: 'queued' });
    expect(await finished(submission)).toMatchObject({
      state: 'done',
      images: [IMAGE],
      layers: { total: 2, done: 2, known: 1 },
      error: null,
    });
    expect(asked).toEqual([['docker.io/library/debian:12', 'linux/arm64', undefined]]);
  });

  it('is rejected with a malformed name', async () => {
    await expect(instance(never).submit({ target: 'https://x/y', platform: null })).rejects.toMatchObject({
      code: 'image/target-invalid',
    });
  });

  it.each<[string, unknown, string]>([
    ['on purpose', new ClairError('image/not-found', 'there is none'), 'image/not-found'],
    ['by a bug', new Error('secret'), 'internal'],
  ])('that fails %s finishes with the error', async (_what, error, code) => {
    const queue = instance(async () => {
      throw error;
    });
    const { state, error: told } = await finished(await queue.submit(REFERENCE));
    expect([state, told?.code, told?.message.includes('secret')]).toEqual(['failed', code, false]);
  });

  it("that fails because of the server's configuration is logged with the cause", async () => {
    const told: unknown[] = [];
    const error = new ClairError('registry/credentials-invalid', 'cannot be read', { cause: new Error('no file') });
    const queue = instance(
      async () => {
        throw error;
      },
      { log: { ...log, error: (fields) => told.push(fields) } },
    );
    const submission = await finished(await queue.submit(REFERENCE));
    expect(submission.error?.message).toBe('cannot be read');
    expect(told).toEqual([{ submission: submission.name, err: error }]);
  });

  it('is read once by two instances', async () => {
    let readings = 0;
    const read: ReadSubmitted = async () => {
      readings += 1;
      await new Promise((resolve) => setTimeout(resolve, 30));
      return [IMAGE];
    };
    const [one] = [instance(read), instance(read)];
    const submissions = await Promise.all(Array.from({ length: 5 }, () => one.submit(REFERENCE)));
    for (const submission of submissions) expect((await finished(submission)).state).toBe('done');
    expect(readings).toBe(5);
  });

  it('returns to the queue when its instance stops, and another instance reads it', async () => {
    const queue = instance(never);
    const submission = await queue.submit(REFERENCE);
    await soon(async () => expect((await store.submissions.find(submission.name))?.state).toBe('reading'));
    await queue.stop();
    expect((await store.submissions.find(submission.name))?.state).toBe('queued');
    instance(async () => [IMAGE]);
    expect(await finished(submission)).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('is taken over when the lease of an unresponsive instance expires', async () => {
    const submission = await store.submissions.add({ ...REFERENCE, name: 'n', isUpload: false, createdAt: 1 });
    await store.submissions.begin('n');
    await store.locks.acquire('submission n', 'the dead one', 40);
    instance(async () => [IMAGE]);
    expect(await finished(submission)).toMatchObject({ state: 'done', attempts: 2 });
  });

  it('fails after three instances failed to finish it', async () => {
    const submission = await store.submissions.add({ ...REFERENCE, name: 'n', isUpload: false, createdAt: 1 });
    for (let attempt = 0; attempt < 3; attempt += 1) await store.submissions.begin('n');
    instance(async () => [IMAGE]);
    expect((await finished(submission)).error?.code).toBe('submission/given-up');
  });

  it('is read at once, or as soon as there is room', async () => {
    const queue = instance(async () => [IMAGE], { readers: 1, timing: { poll: 60_000 } });
    const submissions = await Promise.all(Array.from({ length: 20 }, () => queue.submit(REFERENCE)));
    for (const submission of submissions) expect((await finished(submission)).state).toBe('done');
  });

  it('does not wait for slow images or queued archives', async () => {
    const queue = instance(async (image, options) =>
      image.path !== undefined || image.target.includes('slow') ? await never(image, options) : [IMAGE],
    );
    for (let at = 0; at < 4; at += 1) await queue.submit({ target: `slow:${at}`, platform: null });
    for (let at = 0; at < 10; at += 1) await queue.upload(ARCHIVE, bytesOf('x'));
    expect((await finished(await queue.submit(REFERENCE))).state).toBe('done');
  });

  it('returns to the queue when the database is unavailable, and pauses', async () => {
    let readings = 0;
    const queue = instance(
      async () => {
        readings += 1;
        throw new ClairError('database/unavailable', 'away');
      },
      { timing: { poll: 60_000 } },
    );
    const { name } = await queue.submit(REFERENCE);
    await soon(async () => expect(readings).toBe(1));
    await soon(async () => expect((await store.submissions.find(name))?.state).toBe('queued'));
    expect(readings).toBe(1);
  });

  it('has a time limit', async () => {
    const queue = instance(never, { timing: { reading: 20 } });
    expect((await finished(await queue.submit(REFERENCE))).error?.code).toBe('submission/timeout');
  });

  it('with credentials of the client fails some time after it was submitted, even if it only waited', async () => {
    const access = { authorization: '', isPlain: false };
    const lent = { name: 'old', target: 'debian:12', platform: null, isUpload: false, access };
    const old = await store.submissions.add({ ...lent, createdAt: store.now() - 60_000 });
    instance(never, { timing: { lent: 60_000 } });
    expect(await finished(old)).toMatchObject({ error: { code: 'submission/timeout' }, access: null });
  });

  it('does not wait for images that other instances read', async () => {
    for (let number = 0; number < 5; number += 1) {
      const name = `n${number}`;
      await store.submissions.add({ ...REFERENCE, name, isUpload: false, createdAt: 1 });
      await store.locks.acquire(`submission ${name}`, 'another one', 60_000);
    }
    const queue = instance(async () => [IMAGE]);
    expect((await finished(await queue.submit(REFERENCE))).state).toBe('done');
  });
});

describe('an archive', () => {
  it('is read from a temporary file', async () => {
    let content = '';
    const queue = instance(async ({ path = '' }) => {
      content = await readFile(path, 'utf8');
      return [IMAGE];
    });
    const submission = await finished(await queue.upload(ARCHIVE, bytesOf('one ', 'two')));
    expect([submission.state, submission.target, content]).toEqual(['done', 'a.tar', 'one two']);
    await soon(() => expect(readdirSync(join(folder, readdirSync(folder)[0] ?? ''))).toEqual([]));
    await queue.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is named without its path in errors', async () => {
    const queue = instance(async ({ path = '' }) => {
      throw new ClairError('image/unreadable', `${path} is no image`);
    });
    const { error } = await finished(await queue.upload(ARCHIVE, bytesOf('x')));
    expect(error?.message).toBe('a.tar is no image');
  });

  it('is not read by another instance, and is lost with its own', async () => {
    // The instance checks the queue once, when it starts.
    const queue = instance(never, { timing: { poll: 60_000 } });
    const submission = await queue.upload(ARCHIVE, bytesOf('x'));
    const another = vi.fn<ReadSubmitted>(async () => [IMAGE]);
    const other = instance(another);
    // When this submission has finished, the other instance has checked the queue.
    await finished(await other.submit(REFERENCE));
    expect((await store.submissions.find(submission.name))?.finishedAt).toBeNull();
    await queue.stop();
    expect((await finished(submission)).error?.code).toBe('submission/upload-lost');
    const orphan = await store.submissions.add({ ...ARCHIVE, name: 'n', isUpload: true, createdAt: 1 });
    expect((await finished(orphan)).error?.code).toBe('submission/upload-lost');
    expect(another).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => AsyncGenerator<Uint8Array>, string]>([
    ['that is too large', () => bytesOf('x'.repeat(8), 'x'.repeat(8)), 'submission/too-large'],
    [
      'that breaks off',
      async function* broken() {
        yield Buffer.from('x');
        throw new Error('gone');
      },
      'submission/upload-broken',
    ],
    [
      'that comes too slowly',
      async function* dripping() {
        yield Buffer.from('x');
        await new Promise(() => undefined);
      },
      'submission/upload-slow',
    ],
    [
      'that does not fit on the disk',
      async function* full() {
        yield Buffer.from('x');
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      'server/disk-full',
    ],
  ])('%s is rejected and leaves no file', async (_what, bytes, code) => {
    const queue = instance(never, { bounds: { maxBytes: 15, rate: { bytes: 10, window: 50 } } });
    await expect(queue.upload(ARCHIVE, bytes())).rejects.toMatchObject({ code });
    expect(readdirSync(join(folder, readdirSync(folder)[0] ?? ''))).toEqual([]);
    expect(await store.submissions.list({ before: 99, limit: 9 })).toEqual([]);
  });

  it('is rejected while too many wait, until one finishes', async () => {
    const ends: (() => void)[] = [];
    const read: ReadSubmitted = async (image, options) =>
      await Promise.race([
        never(image, options),
        new Promise<[Digest]>((resolve) => ends.push(() => resolve([IMAGE]))),
      ]);
    const queue = instance(read, { bounds: { maxUploads: 1 } });
    const first = await queue.upload(ARCHIVE, bytesOf('x'));
    await expect(queue.upload(ARCHIVE, bytesOf('x'))).rejects.toMatchObject({
      code: 'submission/queue-full',
      retryAfter: 2000,
    });
    await soon(() => expect(ends).toHaveLength(1));
    ends[0]?.();
    await finished(first);
    await soon(async () => expect((await queue.upload(ARCHIVE, bytesOf('x'))).state).toBe('queued'));
  });
});

describe('an SBOM', () => {
  const SBOM = { target: 'app.json', distribution: 'debian:12', appliesVex: false };

  it('is read from a temporary file, and leaves nothing in the database', async () => {
    let content = '';
    const queue = instance(async ({ path = '', document }) => {
      content = `${await readFile(path, 'utf8')} ${document?.distribution}`;
      return [IMAGE];
    });
    const submission = await finished(await queue.submitDocument(SBOM, bytesOf('one ', 'two')));
    expect([submission.state, submission.target, submission.isUpload, content]).toEqual([
      'done',
      'app.json',
      false,
      'one two debian:12',
    ]);
    expect(await store.submissions.part(submission.name, 0)).toBeUndefined();
    await queue.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('without a name is named by its digest', async () => {
    const queue = instance(async () => [IMAGE]);
    const { target } = await queue.submitDocument({ ...SBOM, target: undefined }, bytesOf('x'));
    expect(target).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('of several parts is read by another instance when its own stops', async () => {
    const bytes = randomBytes(2_000_000);
    const queue = instance(never);
    const submission = await queue.submitDocument(SBOM, inChunks(bytes));
    await soon(async () => expect((await store.submissions.find(submission.name))?.state).toBe('reading'));
    expect(await store.submissions.part(submission.name, 3)).toBeDefined();
    await queue.stop();
    let isSame = false;
    instance(async ({ path = '' }) => {
      isSame = bytes.equals(await readFile(path));
      return [IMAGE];
    });
    expect([(await finished(submission)).state, isSame]).toEqual(['done', true]);
  });

  it('has one submission until it finishes, for each name and distribution', async () => {
    const queue = instance(never);
    const names = await Promise.all(
      [SBOM, SBOM, { ...SBOM, distribution: null }, { ...SBOM, target: 'other.json' }].map(async (each) => {
        return (await queue.submitDocument(each, bytesOf('x'))).name;
      }),
    );
    expect([names[0] === names[1], new Set(names).size]).toEqual([true, 3]);
    await store.submissions.finish(names[0] ?? '', { at: 1, images: [], error: null });
    expect((await queue.submitDocument(SBOM, bytesOf('x'))).name).not.toBe(names[0]);
  });

  it('is named without its path in errors', async () => {
    const queue = instance(async ({ path = '' }) => {
      throw new ClairError('sbom/invalid', `SBOM ${path} is not valid`);
    });
    const { error } = await finished(await queue.submitDocument(SBOM, bytesOf('x')));
    expect(error?.message).toBe('SBOM app.json is not valid');
  });

  it.each<[string, () => AsyncGenerator<Uint8Array>, string]>([
    ['that is too large', () => bytesOf('x'.repeat(16)), 'submission/too-large'],
    [
      'that breaks off',
      async function* broken() {
        yield Buffer.from('x');
        throw new Error('gone');
      },
      'submission/upload-broken',
    ],
  ])('%s is rejected and leaves nothing', async (_what, bytes, code) => {
    const queue = instance(never, { documentBounds: { maxBytes: 15 } });
    await expect(queue.submitDocument(SBOM, bytes())).rejects.toMatchObject({ code });
    expect(readdirSync(join(folder, readdirSync(folder)[0] ?? ''))).toEqual([]);
    expect(await store.submissions.list({ before: 99, limit: 9 })).toEqual([]);
  });
});
