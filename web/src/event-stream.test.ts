import { describe, expect, it } from 'vitest';
import { readEvents, type ServerEvent } from './event-stream.ts';

async function eventsOf(...chunks: readonly string[]): Promise<readonly ServerEvent[]> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

describe('a stream of events', () => {
  it.each<[string, readonly string[], readonly ServerEvent[]]>([
    [
      'two events',
      ['event: progress\ndata: 1\n\nevent: done\ndata: 2\n\n'],
      [
        { event: 'progress', data: '1' },
        { event: 'done', data: '2' },
      ],
    ],
    ['an event in pieces', ['event: pro', 'gress\nda', 'ta: 1\n', '\n'], [{ event: 'progress', data: '1' }]],
    ['lines that end as on Windows', ['data: 1\r\n', '\r\n'], [{ event: 'message', data: '1' }]],
    ['data of several lines', ['data: a\ndata: b\n\n'], [{ event: 'message', data: 'a\nb' }]],
    ['comments and retries, which are no events', [': still here\n\nretry: 1000\n\n'], []],
    ['an event that is cut off, which is none', ['data: 1\n'], []],
  ])('gives %s', async (_, chunks, events) => {
    expect(await eventsOf(...chunks)).toEqual(events);
  });

  it('is refused when an event does not end', async () => {
    await expect(eventsOf(`data: ${'x'.repeat(1024 * 1024)}`)).rejects.toThrow('does not end');
  });
});
