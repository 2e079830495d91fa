import type { ByteStream } from '../bytes/byte-stream.ts';
import { ClairError } from '../errors.ts';

/** One server-sent event: its type, `message` when the stream names none, and its data. */
export type ServerEvent = { readonly type: string; readonly data: string };

/** The longest event; one of a submission has some hundred characters. */
const MAX_LENGTH = 256 * 1024;

/**
 * Reads a stream of server-sent events (html.spec.whatwg.org, section 9.2.6): lines that end with CR, LF or both, of which an
 * empty one ends an event. An event without data is none, nor is one that the end of the stream cuts off.
 *
 * @throws ClairError `server/unexpected-answer` for an event of more than 256 KiB; what the stream throws
 */
export async function* serverEvents(bytes: ByteStream): AsyncGenerator<ServerEvent> {
  let type = '';
  let data: string[] = [];
  let length = 0;
  for await (const line of lines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { type: type === '' ? 'message' : type, data: data.join('\n') };
      type = '';
      data = [];
      length = 0;
      continue;
    }
    length += line.length;
    if (length > MAX_LENGTH) throw tooLong();
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
  }
}

async function* lines(bytes: ByteStream): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the end may be the first half of an end of a line.
    const parts = rest.split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length > MAX_LENGTH) throw tooLong();
  }
}

function tooLong(): ClairError {
  return new ClairError('server/unexpected-answer', `the server sends an event of more than ${MAX_LENGTH} characters`);
}
