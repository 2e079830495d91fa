import { expect, it } from 'vitest';
import { isFromOwnSite } from './cross-site-writes.ts';
import { createOwnHosts } from './host-names.ts';

const isOwn = createOwnHosts(['clair.example'], () => []);

it.each<[string, Record<string, string>, boolean]>([
  ['a program', { host: 'localhost:6060' }, true],
  ['an HTTP/1.0 program', {}, true],
  ['a page of the server', { host: 'localhost:6060', origin: 'http://localhost:6060' }, true],
  ['a page of the server on the default port', { host: 'clair.example', origin: 'http://clair.example' }, true],
  ['a page of the server behind a TLS proxy', { host: 'clair.example', origin: 'https://clair.example' }, true],
  [
    'a page of the server behind a proxy that changes the port',
    { host: 'clair.example', origin: 'https://clair.example:8443', 'sec-fetch-site': 'same-origin' },
    true,
  ],
  [
    'a same-origin page',
    { host: 'localhost:6060', origin: 'http://localhost:6060', 'sec-fetch-site': 'same-origin' },
    true,
  ],
  ['a user who opens a bookmark', { host: 'localhost:6060', 'sec-fetch-site': 'none' }, true],
  ['another site', { host: 'localhost:6060', origin: 'http://evil.example' }, false],
  ['a cross-site page', { host: 'localhost:6060', 'sec-fetch-site': 'cross-site' }, false],
  ['another port of the same machine', { host: 'localhost:6060', origin: 'http://localhost:3000' }, false],
  ['a same-site page on another port', { host: 'localhost:6060', 'sec-fetch-site': 'same-site' }, false],
  ['a page without an origin', { host: 'localhost:6060', origin: 'null' }, false],
  ['an empty origin', { host: 'localhost:6060', origin: '' }, false],
  ['an invalid origin', { host: 'localhost:6060', origin: 'file://localhost:6060' }, false],
  ['a DNS rebinding name', { host: 'localhost:6060', origin: 'http://rebind.example:6060' }, false],
  [
    'another site with Sec-Fetch-Site: same-origin',
    { host: 'localhost:6060', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
    false,
  ],
])('recognises a write of %s', (_who, headers, isOwnSite) => {
  expect(isFromOwnSite(headers, isOwn)).toBe(isOwnSite);
});
