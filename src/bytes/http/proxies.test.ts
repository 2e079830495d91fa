import { afterEach, describe, expect, it, vi } from 'vitest';
import { environmentProxies, fixedProxy } from './proxies.ts';

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

afterEach(() => void vi.unstubAllEnvs());

/** The proxy of an address in an environment that has these variables and no other ones. */
function proxyOf(address: string, environment: Readonly<Record<string, string>>): string | undefined {
  for (const name of VARIABLES.flatMap((each) => [each, each.toUpperCase()])) vi.stubEnv(name, environment[name] ?? '');
  return environmentProxies()(new URL(address))?.href;
}

describe('the proxy of an address', () => {
  const some = { http_proxy: 'http://plain:1', HTTPS_PROXY: 'http://encrypted:2' };

  it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
    ['http://a.test/', {}, undefined],
    ['http://a.test/', some, 'http://plain:1/'],
    ['https://a.test/', some, 'http://encrypted:2/'],
    ['https://a.test/', { http_proxy: 'http://plain:1' }, undefined],
    ['https://a.test/', { ALL_PROXY: 'https://any:3' }, 'https://any:3/'],
    ['http://a.test/', { http_proxy: 'plain:1' }, 'http://plain:1/'],
    ['http://a.test/', { ...some, NO_PROXY: '*' }, undefined],
    ['http://a.test/', { ...some, no_proxy: 'b.test, a.test' }, undefined],
    ['http://b.a.test/', { ...some, no_proxy: '.a.test' }, undefined],
    ['http://b.a.test/', { ...some, no_proxy: 'a.test' }, 'http://plain:1/'],
    ['http://a.test:81/', { ...some, no_proxy: 'a.test:80' }, 'http://plain:1/'],
    ['http://[::1]/', { ...some, no_proxy: '[::1]' }, undefined],
  ])('%s with %j is %s', (address, environment, proxy) => {
    expect(proxyOf(address, environment)).toBe(proxy);
  });

  it('must be a URL, and is not shown when it is none', () => {
    expect(() => proxyOf('http://a.test/', { all_proxy: 'me:secret@nowhere:port' })).toThrow(
      /^the proxy is not a URL$/,
    );
  });

  it('must be one for HTTP, which is an error of the request: work without a network needs none', () => {
    expect(() => proxyOf('http://a.test/', { all_proxy: 'socks5://me:secret@a:1' })).toThrow(
      /^a proxy must be.*socks5:$/,
    );
    expect(proxyOf('http://a.test/', { all_proxy: 'socks5://a:1', no_proxy: 'a.test' })).toBeUndefined();
  });

  it('is the one that is set, whatever the environment says', () => {
    vi.stubEnv('no_proxy', '*');
    expect(fixedProxy('http://set:1')(new URL('http://a.test/'))?.href).toBe('http://set:1/');
  });
});
