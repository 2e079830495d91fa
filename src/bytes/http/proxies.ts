import { getProxyForUrl } from 'proxy-from-env';
import { ClairError } from '../../errors.ts';

/**
 * Returns the proxy for an address, or undefined for a direct connection. @throws Error for a proxy that is not an
 * http: or https: URL
 */
export type FindProxy = (address: URL) => URL | undefined;

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'] as const;

/**
 * Returns the proxies from the environment (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in lower case or
 * capitals).
 *
 * @throws Error when a proxy is not a URL; the message omits the value, which can contain a password
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
 * Returns {@link environmentProxies}, and reports an invalid proxy as a failed connection. @throws ClairError
 * `bytes/unreachable` when a proxy is not a URL
 */
export function checkedProxies(): FindProxy {
  try {
    return environmentProxies();
  } catch {
    // The error has no cause, because the cause would contain the value and perhaps a password.
    throw new ClairError('bytes/unreachable', 'the proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is not a valid URL');
  }
}

/**
 * Returns the same proxy for all addresses, regardless of the environment.
 *
 * @throws Error for a proxy that is not an http: or https: URL; the message omits the value
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
  throw new Error(`the URL of a proxy must start with http: or https:, not ${proxy.protocol}`);
}
