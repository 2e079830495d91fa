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

describe('a stream of server-sent events', () => {
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
    ['an event with CRLF line ends', ['data: 1\r\n', '\r\n'], [{ event: 'message', data: '1' }]],
    ['an event with data of several lines', ['data: a\ndata: b\n\n'], [{ event: 'message', data: 'a\nb' }]],
    ['no event for comments and retries', [': still here\n\nretry: 1000\n\n'], []],
    ['no event for a truncated event', ['data: 1\n'], []],
  ])('yields %s', async (_, chunks, events) => {
    expect(await eventsOf(...chunks)).toEqual(events);
  });

  it('throws for an event of more than a million characters', async () => {
    await expect(eventsOf(`data: ${'x'.repeat(1024 * 1024)}`)).rejects.toThrow('an event from the server exceeds');
  });
});
