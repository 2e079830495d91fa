import type { ByteStream } from '../bytes/byte-stream.ts';
import { ClairError } from '../errors.ts';

/** A server-sent event. The type is `message` if the stream does not specify a type. */
export type ServerEvent = { readonly type: string; readonly data: string };

/** The maximum length of an event, in characters; an event of a submission has a few hundred characters. */
const MAX_LENGTH = 256 * 1024;

/**
 * Parses a stream of server-sent events (html.spec.whatwg.org, section 9.2.6). Lines end with CR, LF or both, and an
 * empty line ends an event. Skips events without data, and a truncated event at the end.
 *
 * @throws ClairError `server/unexpected-answer` for an event of more than 262,144 characters; errors of the stream
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
    // A final CR can be the first half of CR LF.
    const parts = rest.split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length > MAX_LENGTH) throw tooLong();
  }
}

function tooLong(): ClairError {
  return new ClairError('server/unexpected-answer', `an event from the server exceeds ${MAX_LENGTH} characters`);
}
