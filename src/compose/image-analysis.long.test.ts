import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeImageAnalysis } from './image-analysis.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-image-analysis-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the reading threads of an image analysis', () => {
  let started: Worker[];
  const note = (message: unknown): void => {
    if (typeof message === 'object' && message !== null && 'worker' in message && message.worker instanceof Worker) {
      started.push(message.worker);
    }
  };
  beforeEach(() => {
    started = [];
    subscribe('worker_threads', note);
  });
  afterEach(() => unsubscribe('worker_threads', note));

  it('start before the first layer if the database is in memory and so has no layers', async () => {
    const analysis = await composeImageAnalysis({ type: 'memory' }, { threads: 2 });
    await expect.poll(() => started).toHaveLength(2);
    await analysis.close();
  });

  it('wait for the first unknown layer if the database is a file', async () => {
    const analysis = await composeImageAnalysis({ type: 'sqlite', path: join(folder, 'clair.db') }, { threads: 2 });
    await setTimeout(100);
    expect(started).toHaveLength(0);
    await analysis.close();
  });

  it('end if the database cannot be opened', async () => {
    const opening = composeImageAnalysis({ type: 'sqlite', path: folder }, { threads: 2, areThreadsStarted: true });
    await expect(opening).rejects.toMatchObject({ code: 'database/unavailable' });
    expect(started).toHaveLength(2);
    // A thread that has ended has no number.
    await expect.poll(() => started.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});
