import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServerEvent, serverEvents } from './server-events.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(text: string, sizes: readonly number[] = [1000]): Promise<readonly ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(cut(Buffer.from(text), sizes))) events.push(event);
  return events;
}

describe('serverEvents', () => {
  it.each<[string, string, readonly ServerEvent[]]>([
    ['an event with its type', 'event: done\ndata: {}\n\n', [{ type: 'done', data: '{}' }]],
    ['an event without a type', 'data: a\n\n', [{ type: 'message', data: 'a' }]],
    ['data of several lines', 'data: a\ndata: b\n\n', [{ type: 'message', data: 'a\nb' }]],
    ['data without a leading space', 'data:a:b\n\n', [{ type: 'message', data: 'a:b' }]],
    ['a field without a colon', 'data\n\n', [{ type: 'message', data: '' }]],
    ['data without only its first leading space', 'data:  a\n\n', [{ type: 'message', data: ' a' }]],
    ['a type for one event only', 'event: x\n\ndata: a\n\n', [{ type: 'message', data: 'a' }]],
    [
      'no comments, retry delays or other fields',
      'retry: 2000\n\n: still there\n\nid: 1\ndata: a\n\n',
      [{ type: 'message', data: 'a' }],
    ],
    [
      'lines that end with CR or CR LF',
      'data: a\r\rdata: b\r\n\r\n',
      [
        { type: 'message', data: 'a' },
        { type: 'message', data: 'b' },
      ],
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ type: 'message', data: 'a' }]],
    ['no truncated event', 'data: a\n\ndata: b\n', [{ type: 'message', data: 'a' }]],
  ])('returns %s', async (_, text, events) => {
    expect(await read(text)).toEqual(events);
  });

  it('returns the same events for any chunks', async () => {
    const text = 'event: progress\r\ndata: \u{1F433} é\r\n\r\n: x\n\ndata: a\rdata: b\r\r\n';
    const whole = await read(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (sizes) => {
        expect(await read(text, sizes)).toEqual(whole);
      }),
    );
  });

  it.each([
    ['an endless line', 'data: '.padEnd(300_000, 'x')],
    ['an endless event', 'data: x\n'.repeat(100_000)],
    ['an endless comment', ':'.padEnd(300_000, 'x')],
  ])('fails for %s', async (_, text) => {
    await expect(read(text, [4096])).rejects.toMatchObject({ code: 'server/unexpected-answer' });
  });
});
