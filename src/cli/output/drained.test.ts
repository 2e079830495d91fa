import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { drained } from './drained.ts';

describe('drained', () => {
  it('waits for a slow reader repeatedly, and leaves no listeners', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const events = ['drain', 'close', 'error'];
    const before = events.map((event) => stream.listenerCount(event));
    for (let time = 0; time < 20; time += 1) {
      stream.write('long');
      let isOver = false;
      const waiting = drained(stream).then(() => (isOver = true));
      await setImmediate();
      expect(isOver).toBe(false);
      stream.read();
      await waiting;
    }
    expect(events.map((event) => stream.listenerCount(event))).toEqual(before);
  });

  it('returns when the reader closes the stream', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    stream.write('long');
    const waiting = drained(stream);
    stream.destroy();
    await expect(waiting).resolves.toBeUndefined();
    await expect(drained(stream)).resolves.toBeUndefined();
  });
});
