import { afterEach, describe, expect, it, vi } from 'vitest';
import { environmentProxies, fixedProxy } from './proxies.ts';

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

afterEach(() => void vi.unstubAllEnvs());

function proxyOf(address: string, environment: Readonly<Record<string, string>>): string | undefined {
  for (const name of VARIABLES.flatMap((each) => [each, each.toUpperCase()])) vi.stubEnv(name, environment[name] ?? '');
  return environmentProxies()(new URL(address))?.href;
}

describe('proxy of an address', () => {
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

  it('rejects a proxy that is not a URL, without showing it', () => {
    expect(() => proxyOf('http://a.test/', { all_proxy: 'me:secret@nowhere:port' })).toThrow(
      /^the proxy is not a URL$/,
    );
  });

  it('rejects a proxy that is not HTTP only when a request needs it', () => {
    expect(() => proxyOf('http://a.test/', { all_proxy: 'socks5://me:secret@a:1' })).toThrow(
      /^the URL of a proxy must start.*socks5:$/,
    );
    expect(proxyOf('http://a.test/', { all_proxy: 'socks5://a:1', no_proxy: 'a.test' })).toBeUndefined();
  });

  it('uses a fixed proxy regardless of the environment', () => {
    vi.stubEnv('no_proxy', '*');
    expect(fixedProxy('http://set:1')(new URL('http://a.test/'))?.href).toBe('http://set:1/');
  });
});
