import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPageTokens } from '../../../src/api/page-tokens.ts';
import type { DocumentedApi } from '../../../src/api/testing/api-documentation.ts';
import { PAGE_TOKEN_KEY as KEY, startAskedServer } from '../../../src/api/testing/asked-server.ts';
import type { ClairServer } from '../../../src/api/testing/clair-server.ts';

const NAMESPACE = '/v1/namespaces/debian:12/vulnerabilities';

let server: ClairServer;
let api: DocumentedApi;
beforeAll(async () => {
  ({ server, api } = await startAskedServer());
});
afterAll(() => server.close());

describe('a page token', () => {
  const LISTS: readonly (readonly [string, string, string])[] = [
    ['vulnerabilities', `${NAMESPACE}?limit=1`, '/v1/namespaces/debian:13/vulnerabilities?limit=1'],
    [
      'layers',
      '/v1/vulnerabilities/CVE-2099-0001/introducing-layers?limit=1',
      '/v1/vulnerabilities/CVE-2099-0002/introducing-layers?limit=1',
    ],
    ['layers of a notification', '/v1/notifications/n1?limit=1', NAMESPACE + '?limit=1'],
  ];
  const nextPage = async (path: string): Promise<string> => {
    const { body } = await api.send<{ NextPage?: string; Notification?: { NextPage?: string } }>('GET', path);
    return body.NextPage ?? body.Notification?.NextPage ?? '';
  };
  const refusal = async (path: string, token: string): Promise<string> => {
    const { status, text } = await api.send('GET', `${path}&page=${encodeURIComponent(token)}`);
    return `${status} ${/request\/page-invalid/.exec(text)?.[0]}`;
  };

  it.each(LISTS)('of %s continues the list, also without its padding', async (_what, path) => {
    const token = await nextPage(path);
    expect((await api.send('GET', `${path}&page=${token.replace(/=+$/, '')}`)).status).toBe(200);
    expect((await api.send('GET', `${path}&page=`)).status).toBe(200);
  });

  it.each(LISTS)(
    'of %s is rejected when it is forged, expired, or of another key or list',
    async (_what, path, other) => {
      const token = await nextPage(path);
      const read = createPageTokens({ key: KEY, now: Date.now }).open(token);
      const seal = (value: unknown, key = KEY, age = 0): string =>
        createPageTokens({ key, now: () => Date.now() - age }).seal(value);
      const bytes = Buffer.from(token, 'base64url');
      bytes[30] = (bytes[30] ?? 0) ^ 1;
      const refused = [
        bytes.toString('base64url'),
        token.slice(0, -8),
        seal(read, KEY, 3_601_000),
        seal(read, 'B'.repeat(43)),
        ...[null, [], 7, {}, { ...(read as object), list: 'none' }].map((value) => seal(value)),
        'x',
        'x'.repeat(8192),
        "' OR 1=1",
        '../..',
        'å',
      ];
      const answers = [await refusal(other, token)];
      for (const each of refused) answers.push(await refusal(path, each));
      expect(answers).toEqual(answers.map(() => '400 request/page-invalid'));
    },
  );
});

describe('the limit of a page', () => {
  const lists = { list: `${NAMESPACE}?`, notification: '/v1/notifications/n1?' };
  it.each<[keyof typeof lists, string, number]>([
    ['list', 'limit=0', 200],
    ['list', 'limit=1000000', 200],
    ['list', 'limit=-1', 400],
    ['notification', 'limit=-1', 200],
    ['notification', 'limit=0', 200],
    ...(['list', 'notification'] as const).flatMap((list): [keyof typeof lists, string, number][] =>
      ['', 'limit=', 'limit=-2', 'limit=1.5', 'limit=1e2', 'limit=0x10', 'limit=ten', 'limit=%31%00', 'limit=1&limit=2']
        .concat(['limit=99999999999999999999'])
        .map((query) => [list, query, 400]),
    ),
  ])('of a %s with ?%s is %i', async (list, query, status) => {
    expect((await api.send('GET', `${lists[list]}${query}`)).status).toBe(status);
  });
});
