import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';

let server: ClairServer;
beforeAll(async () => {
  server = await startClairServer();
});
afterAll(() => server.close());

const POSTS = [
  '/v1/layers',
  '/v1/vulnerabilities',
  '/v1/batch/layers/vulnerabilities',
  '/v1/vulnerabilities/CVE-1/affected-layers',
  '/v1/namespaces/debian:12/vulnerabilities',
];

/** Checks that the server still works and no prototype has changed. */
async function expectUnharmed(): Promise<void> {
  expect((await server.send('GET', '/v1/versions')).status).toBe(200);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

describe.each(POSTS)('a body for %s', (path) => {
  it.each<[string, string, number]>([
    ['null', 'null', 400],
    ['[null]', '[null]', 400],
    ['an array', '[]', 400],
    ['a text', '"x"', 400],
    ['nothing', '', 400],
    ['blanks', '  \n', 400],
    ['arrays nested half a million deep', '['.repeat(500_000), 400],
    ['closed arrays nested deep', '['.repeat(100_000) + ']'.repeat(100_000), 400],
    ['objects nested deep', '{"ID":'.repeat(100_000) + '1' + '}'.repeat(100_000), 400],
    ['a prototype', '{"__proto__":{"polluted":1},"ID":"x","Layer":{"__proto__":{"polluted":1}}}', 400],
    ['an escaped __proto__ key', '{"\\u005f_proto__":{"polluted":1}}', 400],
    ['a constructor', '{"constructor":{"prototype":{"polluted":1}}}', 400],
    ['more than 1 MiB', JSON.stringify({ ID: 'x'.repeat(1024 * 1024) }), 413],
    ['text that is truncated inside a UTF-8 character', '{"ID":"\u{1F4A5}', 400],
  ])('of %s is rejected', async (_what, body, status) => {
    const answer = await server.send<Record<string, unknown>>('POST', path, { body });
    // The first generation has always responded to invalid JSON with 415.
    expect([status, status === 400 ? 415 : status]).toContain(answer.status);
    expect(answer.type).toBe('application/json; charset=utf-8');
    await expectUnharmed();
  });
});

it('rejects deeply nested metadata', async () => {
  const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
  const body = `{"Vulnerability":{"Name":"OWN-1","Severity":"Low","Metadata":${deep}}}`;
  expect((await server.send('POST', '/v1/namespaces/debian:12/vulnerabilities', { body })).status).toBe(400);
  await expectUnharmed();
});

describe('a name in a path', () => {
  const NAMES: readonly [string, string][] = [
    ['with a path traversal', '..%2F..%2Fetc%2Fpasswd'],
    ['with a path traversal, encoded twice', '%252e%252e%252fetc'],
    ['with a NUL', 'a%00b'],
    ['with line breaks', 'a%0d%0aX-Evil:%201'],
    ['of other scripts', encodeURIComponent('слой-层-🐳')],
    ['of SQL', encodeURIComponent("x' OR '1'='1")],
    ['that is a pattern', '%25'],
    ['that is a prototype', '__proto__'],
    ['that is a constructor', 'constructor'],
    ['of 1,024 characters', 'x'.repeat(1024)],
    ['of 1,025 characters', 'x'.repeat(1025)],
    ['of 10,000 characters', 'x'.repeat(10_000)],
  ];

  it.each(NAMES)('%s is 404', async (_what, name) => {
    for (const path of [
      'layers/NAME',
      'layers/NAME/os',
      'layers/NAME/packages/diff',
      'vulnerabilities/NAME',
      'namespaces/NAME/vulnerabilities?limit=1',
      'namespaces/debian:12/vulnerabilities/NAME',
    ]) {
      const answer = await server.send('GET', `/v1/${path.replace('NAME', name)}`);
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers.get('x-evil')).toBeNull();
    }
    expect([400, 404]).toContain((await server.send('DELETE', `/v1/layers/${name}`)).status);
    await expectUnharmed();
  });

  it.each(['%', '%zz', '%c0%af', '%ff'])('with the invalid encoding %s is 400', async (name) => {
    const answer = await server.send('GET', `/v1/layers/${name}/os`);
    expect(answer).toMatchObject({ status: 400, body: { Message: expect.any(String), Error: {} } });
    await expectUnharmed();
  });

  it('longer than the header limit closes only that connection', async () => {
    const answer = await server.send('GET', `/v1/layers/${'x'.repeat(100_000)}`).catch(() => ({ status: 431 }));
    expect([404, 414, 431]).toContain(answer.status);
    await expectUnharmed();
  });
});

describe('headers of a layer', () => {
  const post = async (Headers: unknown): Promise<{ status: number; text: string }> =>
    await server.send('POST', '/v1/layers', {
      body: JSON.stringify({ Layer: { Name: 'x', Path: 'http://127.0.0.1:1/', Format: 'Docker', Headers } }),
    });

  it.each<[string, unknown]>([
    ['a value with a line break', { a: 'secret\r\nEvil: 1' }],
    ['a name with a line break', { 'a\r\nEvil: 1': 'secret' }],
    ['a host', { Host: 'secret' }],
    ['framing', { 'Transfer-Encoding': 'secret' }],
    ['a NUL', { a: 'secret\u0000' }],
    ['no text', { a: ['secret'] }],
    ['too many', Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`a${at}`, 'secret']))],
    ['a list', ['secret']],
  ])('with %s are rejected and not printed', async (_what, headers) => {
    const { status, text } = await post(headers);
    expect(status).toBe(400);
    expect(text).not.toContain('secret');
  });
});

it.each([
  ['no HTTP', 'hello\r\n\r\n'],
  [
    'a smuggled request',
    'POST /v1/layers HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a folded header', 'GET /v1/versions HTTP/1.1\r\nHost: a\r\nX: 1\r\n\u0000: 2\r\n\r\n'],
])('%s is 400', async (_what, bytes) => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(bytes);
  await closed;
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /);
  await expectUnharmed();
});
