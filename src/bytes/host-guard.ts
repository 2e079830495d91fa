import { ADDRCONFIG, type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { ClairError } from '../errors.ts';
import type { HostPolicy } from './host-policy.ts';

/** Returns all addresses of a host name; rejects like `dns.lookup` if the name has no address. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

/** Checks the resolved addresses of hosts against a host policy. */
export type HostGuard = {
  /**
   * Checks the host of a URL before the first request to the host.
   *
   * @throws ClairError `layer/host-not-allowed`; the errors of the resolver; the abort reason of `signal` after an
   * abort
   */
  readonly check: (url: URL, signal: AbortSignal) => Promise<void>;
  /**
   * Resolves a name for `net.connect` and returns only checked addresses. Node does not call this function for a host
   * that is an address.
   */
  readonly lookup: LookupFunction;
};

/**
 * Creates the guard for a policy. `check` and `lookup` each resolve the name. Only `check` covers hosts that are
 * addresses and names that a proxy resolves; only `lookup` covers a name whose address changes after `check`. The guard
 * refuses a name if the policy refuses one of its addresses, unless the policy allows the name itself.
 */
export function createHostGuard(policy: HostPolicy, resolveName: ResolveName = resolveBySystem): HostGuard {
  async function judgedAddresses(name: string): Promise<readonly LookupAddress[]> {
    const addresses = await resolveName(name);
    if (policy.allowsName(name) || addresses.every(({ address }) => policy.allowsAddress(address))) return addresses;
    throw refusal(name);
  }

  return {
    async check({ hostname }, signal) {
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      if (policy.allowsName(host) || policy.allowsAddress(host)) return;
      if (isIP(host) !== 0) throw refusal(host);
      await unlessAborted(judgedAddresses(host), signal);
    },
    lookup(hostname, options, callback) {
      callbackify(judgedAddresses)(hostname, (error, addresses) => {
        if (error !== null) callback(error, []);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      });
    },
  };
}

/**
 * Resolves a name as `net.connect` does. Without the hint `ADDRCONFIG`, a machine without IPv6 would receive
 * unreachable addresses.
 */
async function resolveBySystem(name: string): Promise<readonly LookupAddress[]> {
  return await lookup(name, { all: true, hints: ADDRCONFIG });
}

/** Returns an error without the resolved address; otherwise clients could map the server's network. */
function refusal(host: string): ClairError {
  return new ClairError('layer/host-not-allowed', `${host} is not a host that this server may fetch layers from`);
}

/**
 * Waits for the result, or rejects on abort. The system resolver cannot be cancelled, so the result after an abort is
 * ignored.
 */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const done = new AbortController();
  const aborted = once(signal, 'abort', { signal: done.signal }).then(() => signal.throwIfAborted());
  try {
    await Promise.race([work, aborted]);
  } finally {
    done.abort();
  }
}
