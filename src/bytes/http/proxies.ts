import { getProxyForUrl } from 'proxy-from-env';

/** Returns the proxy through which an address is reached, or undefined where there is none. @throws Error for no http: or https: URL */
export type FindProxy = (address: URL) => URL | undefined;

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'] as const;

/**
 * Returns the proxies that the environment names (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, also in capitals).
 *
 * @throws Error when one of them is not a URL; the message does not hold its value, which may contain a password
 */
export function environmentProxies(): FindProxy {
  for (const name of VARIABLES) {
    const value = process.env[name] ?? process.env[name.toUpperCase()] ?? '';
    if (value !== '') parseProxy(value.includes('://') ? value : `http://${value}`);
  }
  return (address) => {
    const found = getProxyForUrl(address.href);
    return found === '' ? undefined : httpProxy(parseProxy(found));
  };
}

/**
 * Returns one proxy for all addresses, whatever the environment names.
 *
 * @throws Error for a proxy that is not an http: or https: URL, without its value
 */
export function fixedProxy(text: string): FindProxy {
  const proxy = httpProxy(parseProxy(text));
  return () => proxy;
}

function parseProxy(text: string): URL {
  if (!URL.canParse(text)) throw new Error('the proxy is not a URL');
  return new URL(text);
}

function httpProxy(proxy: URL): URL {
  if (proxy.protocol === 'http:' || proxy.protocol === 'https:') return proxy;
  throw new Error(`a proxy must be an http: or https: URL, and this one is ${proxy.protocol}`);
}
