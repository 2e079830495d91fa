/** A server-sent event (html.spec.whatwg.org, "Server-sent events"). */
export type ServerEvent = { readonly event: string; readonly data: string };

/** The maximum length of an event, in characters, because an event without an end would fill the memory. */
const MAX_EVENT_LENGTH = 1024 * 1024;

/**
 * Reads a stream of server-sent events. The browser's EventSource is not used, because it cannot send headers, and
 * therefore cannot send a token.
 *
 * @throws Error for an event of more than a million characters
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true }).replaceAll('\r', '');
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      if (rest.length > MAX_EVENT_LENGTH)
        throw new Error(`an event from the server exceeds ${MAX_EVENT_LENGTH} characters`);
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel();
  }
}

/** Returns the event of a block, or undefined for a block without data, which is a comment or a `retry`. */
function eventOf(block: string): ServerEvent | undefined {
  const fields = block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line));
  const valuesOf = (wanted: string): string[] =>
    fields.flatMap((field) => (field?.[1] === wanted ? [field[2] ?? ''] : []));
  const data = valuesOf('data');
  return data.length === 0 ? undefined : { event: valuesOf('event').at(-1) ?? 'message', data: data.join('\n') };
}
