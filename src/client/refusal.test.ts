import { describe, expect, it } from 'vitest';
import { errorOfServer, refusalOf } from './refusal.ts';

const SERVER = 'https://clair.test';

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const fault = (code: string, message = 'words'): string =>
  JSON.stringify({ error: { code, message, remedy: 'Do it.' } });

describe('what a server refuses', () => {
  it.each<[string, number, string, Record<string, string>, string, string]>([
    [
      'has the code that the server gives it',
      401,
      fault('request/unauthenticated'),
      {},
      'request/unauthenticated',
      'words',
    ],
    [
      'says when to ask again',
      503,
      fault('submission/queue-full'),
      { 'retry-after': '7' },
      'submission/queue-full',
      'words, and wants to be asked again in 7 s',
    ],
    [
      'is told whole when its code is not known here',
      409,
      fault('later/code'),
      {},
      'server/refused',
      'words: Do it. (later/code)',
    ],
    ['is no defect of the one who asks', 500, fault('internal'), {}, 'server/refused', 'words: Do it. (internal)'],
    ['by a proxy may pass', 502, '<html>', {}, 'server/busy', `${SERVER} answered with status 502`],
    [
      'for too many requests says when to come again',
      429,
      '',
      { 'retry-after': '60' },
      'server/busy',
      `${SERVER} answered with status 429, and wants to be asked again in 60 s`,
    ],
    [
      'is no Clair at all',
      404,
      '<html>',
      {},
      'server/unexpected-answer',
      `${SERVER} answered with status 404: there is no /v2`,
    ],
    [
      'is a Clair without this API',
      404,
      '{"Error":{"Message":"x"}}',
      {},
      'server/unexpected-answer',
      `${SERVER} answered with status 404: there is no /v2`,
    ],
    [
      'is one that lacks the route',
      404,
      fault('request/not-found'),
      {},
      'server/unexpected-answer',
      `${SERVER} answered with status 404: there is no /v2`,
    ],
    [
      'is elsewhere',
      301,
      '',
      { location: 'https://other.test/' },
      'server/unexpected-answer',
      `${SERVER} answered with status 301: it redirects to https://other.test/`,
    ],
    [
      'was too late',
      408,
      '{"error":"Request Timeout"}',
      {},
      'server/unexpected-answer',
      `${SERVER} answered with status 408: what was sent did not arrive in the time that it gives`,
    ],
    [
      'is more than anybody reads',
      413,
      ' '.repeat(100_000),
      {},
      'server/unexpected-answer',
      `${SERVER} answered with status 413: it takes less than was sent`,
    ],
  ])('%s', async (_, status, body, headers, code, message) => {
    expect(await refusalOf(SERVER, { status, headers, body: bytes(body) })).toMatchObject({ code, message });
  });

  it('moves no cursor, and fills no screen', () => {
    const { message } = errorOfServer({ code: 'image/not-found', message: `\u001B[2J${'x'.repeat(5000)}`, remedy: '' });
    expect(message).toBe(`\\u001b[2J${'x'.repeat(1996)}`);
    expect(errorOfServer({ code: '\u0007', message: 'a\nb', remedy: '\u202E' }).message).toBe(
      'a\\nb: \\u202e (\\u0007)',
    );
  });

  it('is not taken for a code that every object has', () => {
    expect(errorOfServer({ code: 'toString', message: 'a', remedy: 'b' }).code).toBe('server/refused');
  });
});
