import { expect, it } from 'vitest';
import { isFromOwnSite } from './cross-site-writes.ts';
import { createOwnHosts } from './host-names.ts';

const isOwn = createOwnHosts(['clair.example'], () => []);

it.each<[string, Record<string, string>, boolean]>([
  ['a program', { host: 'localhost:6060' }, true],
  ['a program that speaks HTTP/1.0', {}, true],
  ['its own page', { host: 'localhost:6060', origin: 'http://localhost:6060' }, true],
  ['its own page on the usual port', { host: 'clair.example', origin: 'http://clair.example' }, true],
  ['its own page behind a proxy with TLS', { host: 'clair.example', origin: 'https://clair.example' }, true],
  [
    'its own page behind a proxy that changes the port',
    { host: 'clair.example', origin: 'https://clair.example:8443', 'sec-fetch-site': 'same-origin' },
    true,
  ],
  [
    'its own page, as a browser says',
    { host: 'localhost:6060', origin: 'http://localhost:6060', 'sec-fetch-site': 'same-origin' },
    true,
  ],
  ['a person, by a bookmark', { host: 'localhost:6060', 'sec-fetch-site': 'none' }, true],
  ['another site', { host: 'localhost:6060', origin: 'http://evil.example' }, false],
  ['another site, as a browser says', { host: 'localhost:6060', 'sec-fetch-site': 'cross-site' }, false],
  ['another port of the same machine', { host: 'localhost:6060', origin: 'http://localhost:3000' }, false],
  ['another port, as a browser says', { host: 'localhost:6060', 'sec-fetch-site': 'same-site' }, false],
  ['a page without an origin', { host: 'localhost:6060', origin: 'null' }, false],
  ['an empty origin', { host: 'localhost:6060', origin: '' }, false],
  ['an origin that is none', { host: 'localhost:6060', origin: 'file://localhost:6060' }, false],
  ['a rebound name', { host: 'localhost:6060', origin: 'http://rebind.example:6060' }, false],
  [
    'another site that the browser takes for its own',
    { host: 'localhost:6060', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
    false,
  ],
])('a write of %s', (_who, headers, isOwnSite) => {
  expect(isFromOwnSite(headers, isOwn)).toBe(isOwnSite);
});
