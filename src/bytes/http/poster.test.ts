import { afterEach, expect, it, vi } from 'vitest';
import { createHttpPoster } from './poster.ts';

const OPTIONS = { url: 'http://receiver.test/', version: '1', timeout: 1000 };

afterEach(() => vi.unstubAllEnvs());

it.each(['me:secret@nowhere:port', 'socks5://me:secret@a:1'])('rejects the proxy %s without showing it', (proxy) => {
  expect(() => createHttpPoster({ ...OPTIONS, proxy })).toThrow(/^the webhook proxy is not an http: or https: URL$/);
});

it('names the environment if an invalid proxy comes from there', () => {
  vi.stubEnv('http_proxy', 'me:secret@nowhere:port');
  expect(() => createHttpPoster(OPTIONS)).toThrow(
    /^the proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is not a valid URL$/,
  );
});
