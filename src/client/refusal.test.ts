import { describe, expect, it } from 'vitest';
import { errorOfServer, refusalOf } from './refusal.ts';

const SERVER = 'https://clair.test';

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const fault = (code: string, message = 'words'): string =>
  JSON.stringify({ error: { code, message, remedy: 'Do it.' } });

describe('an error response', () => {
  it.each<[string, number, string, Record<string, string>, string, string]>([
    ['keeps a known code', 401, fault('request/unauthenticated'), {}, 'request/unauthenticated', 'words'],
    [
      'states when to retry',
      503,
      fault('submission/queue-full'),
      { 'retry-after': '7' },
      'submission/queue-full',
      'words; retry after 7 s',
    ],
    [
      'keeps the message, remedy and code of an unknown code',
      409,
      fault('later/code'),
      {},
      'server/refused',
      'words: Do it. (later/code)',
    ],
    ['is not a bug in the client', 500, fault('internal'), {}, 'server/refused', 'words: Do it. (internal)'],
    ['of a proxy is temporary', 502, '<html>', {}, 'server/busy', `${SERVER} responded with status 502`],
    [
      'for too many requests states when to retry',
      429,
      '',
      { 'retry-after': '60' },
      'server/busy',
      `${SERVER} responded with status 429; retry after 60 s`,
    ],
    [
      'is not from Clair',
      404,
      '<html>',
      {},
      'server/unexpected-answer',
      `${SERVER} responded with status 404: there is no /v2 API at this address`,
    ],
    [
      'is from a Clair without this API',
      404,
      '{"Error":{"Message":"x"}}',
      {},
      'server/unexpected-answer',
      `${SERVER} responded with status 404: there is no /v2 API at this address`,
    ],
    [
      'is from a server without the route',
      404,
      fault('request/not-found'),
      {},
      'server/unexpected-answer',
      `${SERVER} responded with status 404: there is no /v2 API at this address`,
    ],
    [
      'is a redirect',
      301,
      '',
      { location: 'https://other.test/' },
      'server/unexpected-answer',
      `${SERVER} responded with status 301: redirect to https://other.test/`,
    ],
    [
      'is a timeout',
      408,
      '{"error":"Request Timeout"}',
      {},
      'server/unexpected-answer',
      `${SERVER} responded with status 408: the upload was too slow`,
    ],
    [
      'is too large',
      413,
      ' '.repeat(100_000),
      {},
      'server/unexpected-answer',
      `${SERVER} responded with status 413: the upload is too large`,
    ],
  ])('%s', async (_, status, body, headers, code, message) => {
    expect(await refusalOf(SERVER, { status, headers, body: bytes(body) })).toMatchObject({ code, message });
  });

  it('contains no control characters, and is short', () => {
    const { message } = errorOfServer({ code: 'image/not-found', message: `\u001B[2J${'x'.repeat(5000)}`, remedy: '' });
    expect(message).toBe(`\\u001b[2J${'x'.repeat(1996)}`);
    expect(errorOfServer({ code: '\u0007', message: 'a\nb', remedy: '\u202E' }).message).toBe(
      'a\\nb: \\u202e (\\u0007)',
    );
  });

  it('does not treat a property that every object has as a code', () => {
    expect(errorOfServer({ code: 'toString', message: 'a', remedy: 'b' }).code).toBe('server/refused');
  });
});
