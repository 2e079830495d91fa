import { describe, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import type { ApiClient } from './api-client.ts';
import { followSubmission, untilTaken, type ToldSubmission } from './submission.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const QUEUED: ToldSubmission = {
  id: 'one',
  target: 'app:1',
  state: 'queued',
  layers: { total: 0, done: 0, known: 0 },
  images: [],
  error: null,
};
const READING: ToldSubmission = { ...QUEUED, state: 'reading', layers: { total: 4, done: 2, known: 1 } };
const DONE: ToldSubmission = { ...READING, state: 'done', images: [DIGEST] };
const FAULT = { code: 'image/not-found', message: 'there is no such image', remedy: 'Check it.' };

/**
 * A response of the server to a request for events. The server sends these events, and then ends the stream or closes
 * the connection.
 */
type Answer = { readonly tells?: readonly (ToldSubmission | string)[]; readonly fails?: ClairError };

const cutOff = new ClairError('server/unreachable', 'cut off', {
  cause: new ClairError('bytes/unreachable', 'cut off', {
    cause: Object.assign(new Error('gone'), { code: 'ECONNRESET' }),
  }),
});
const stopping = new ClairError('server/stopping', 'the server is stopping');

/** Follows a submission on a server with these responses; the server repeats the last response. */
async function follow(answers: readonly Answer[]): Promise<{
  readonly end: unknown;
  readonly told: readonly ToldSubmission[];
  readonly pauses: readonly number[];
}> {
  let asked = 0;
  const pauses: number[] = [];
  const told: ToldSubmission[] = [];
  const client: Pick<ApiClient, 'server' | 'events'> = {
    server: 'http://server.test',
    async events(path) {
      expect(path).toBe('/v2/submissions/one/events');
      const { tells = [], fails } = answers[Math.min(asked, answers.length - 1)] ?? {};
      asked += 1;
      if (fails !== undefined && tells.length === 0) throw fails;
      return (async function* events() {
        for (const each of tells)
          yield Buffer.from(`data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`);
        if (fails !== undefined) throw fails;
      })();
    },
  };
  const end = await followSubmission(client, QUEUED, {
    signal: new AbortController().signal,
    progress: (now) => told.push(now),
    pause: async (milliseconds) => void pauses.push(milliseconds),
  }).catch((error: unknown) => error);
  return { end, told, pauses };
}

describe('a submission to a server without capacity', () => {
  const { signal } = new AbortController();
  const full = new ClairError('submission/queue-full', '4 archives are already waiting on this instance', {
    retryAfter: 5000,
  });

  it('is retried after the delay of the server until the server accepts it', async () => {
    const answers = [full, new ClairError('server/busy', 'status 503'), full];
    const [pauses, reasons]: [number[], string[]] = [[], []];
    const submit = async (): Promise<string> => {
      const refused = answers.shift();
      if (refused !== undefined) throw refused;
      return 'taken';
    };
    const pause = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds);
    expect(await untilTaken(submit, { signal, waits: (reason) => reasons.push(reason), pause })).toBe('taken');
    expect(reasons).toEqual([full.message, 'status 503', full.message]);
    for (const [at, least] of [5000, 2000, 5000].entries()) {
      expect(pauses[at]).toBeGreaterThanOrEqual(least);
      expect(pauses[at]).toBeLessThan(2 * least);
    }
  });

  it('fails after an hour, and at once for any other error', async () => {
    let waited = 0;
    const pause = async (milliseconds: number): Promise<void> => void (waited += milliseconds);
    const refusing = (error: Error) => async (): Promise<never> => {
      throw error;
    };
    const options = { signal, waits: () => undefined, pause };
    await expect(untilTaken(refusing(full), options)).rejects.toBe(full);
    expect(waited / 60_000).toBeGreaterThan(59);
    expect(waited / 60_000).toBeLessThan(61);
    const unreadable = new ClairError('image/unreadable', 'no');
    waited = 0;
    await expect(untilTaken(refusing(unreadable), options)).rejects.toBe(unreadable);
    expect(waited).toBe(0);
  });
});

describe('a followed submission', () => {
  it('reports progress until it is done', async () => {
    expect(await follow([{ tells: [QUEUED, READING, DONE] }])).toEqual({
      end: DONE,
      told: [QUEUED, READING, DONE],
      pauses: [],
    });
  });

  it.each<[string, Answer]>([
    ['ends too early', { tells: [READING] }],
    ['breaks', { tells: [READING], fails: cutOff }],
    ['is unreachable', { fails: cutOff }],
    ['belongs to a stopping instance', { fails: stopping }],
  ])('reconnects when the stream %s', async (_, answer) => {
    const { end, pauses } = await follow([answer, answer, { tells: [DONE] }]);
    expect(end).toEqual(DONE);
    expect(pauses).toHaveLength(2);
  });

  it('waits longer after each failure, and fails after minutes', async () => {
    const { end, pauses } = await follow([{ fails: cutOff }]);
    expect(end).toBe(cutOff);
    expect(pauses.slice(0, 6)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000]);
    expect(pauses.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(180_000);
  });

  it.each<[string, readonly Answer[], object]>([
    ['ends at once', [{ tells: [] }], { code: 'server/unexpected-answer' }],
    [
      'ends at once, and is then unreachable',
      [...Array.from({ length: 13 }, (): Answer => ({ tells: [] })), { fails: cutOff }],
      {},
    ],
  ])('fails after minutes when the stream %s', async (_, answers, error) => {
    const { end, pauses } = await follow(answers);
    expect(end).toBeInstanceOf(ClairError);
    expect(end).toMatchObject(error);
    expect(pauses).toHaveLength(12);
  });

  it('continues while the server sends events', async () => {
    const { end, pauses } = await follow([
      ...Array.from({ length: 50 }, () => ({ tells: [READING], fails: cutOff })),
      { tells: [DONE] },
    ]);
    expect(end).toEqual(DONE);
    expect(new Set(pauses)).toEqual(new Set([1000]));
  });

  it.each<[string, Answer, object]>([
    [
      'with the error of the server',
      { tells: [{ ...READING, state: 'failed', error: FAULT }] },
      { code: FAULT.code, message: FAULT.message },
    ],
    [
      'without a reason from the server',
      { tells: [{ ...READING, state: 'failed' }] },
      { code: 'server/unexpected-answer' },
    ],
    [
      'for a finished submission without an image',
      { tells: [{ ...DONE, images: [] }] },
      { code: 'server/unexpected-answer' },
    ],
    [
      'for an unknown submission',
      { fails: new ClairError('submission/not-found', 'none') },
      { code: 'submission/not-found' },
    ],
    ['for an event that is not JSON', { tells: ['<html>'] }, { code: 'server/unexpected-answer' }],
    ['for an event that is not a submission', { tells: ['{"id":"../x"}'] }, { code: 'server/unexpected-answer' }],
    [
      'without a token',
      { fails: new ClairError('request/unauthenticated', 'no') },
      { code: 'request/unauthenticated' },
    ],
  ])('fails at once %s', async (_, answer, error) => {
    const { end, pauses } = await follow([answer]);
    expect(end).toMatchObject(error);
    expect(pauses).toEqual([]);
  });
});
