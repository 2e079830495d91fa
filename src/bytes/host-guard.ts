import { ADDRCONFIG, type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { ClairError } from '../errors.ts';
import type { HostPolicy } from './host-policy.ts';

/** All addresses of a host name; fails as `dns.lookup` does when there are none. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

/** Holds a policy against the addresses that names really have. */
export type HostGuard = {
  /**
   * Judges the host of a URL before anything is sent to it.
   *
   * @throws ClairError `layer/host-not-allowed`; what the resolver throws; the reason of `signal` when that is aborted.
   */
  readonly check: (url: URL, signal: AbortSignal) => Promise<void>;
  /**
   * For `net.connect`: gives the addresses that were judged, and no others are connected to. It is not called for a host
   * that is an address already.
   */
  readonly lookup: LookupFunction;
};

/**
 * Makes the guard of a policy. `check` and `lookup` each resolve a name anew. `check` covers what `lookup` does not see:
 * hosts that are addresses, and names that a proxy resolves. `lookup` covers what may happen after `check`: that the
 * name points elsewhere. A name with one address that is refused is refused, whatever its others are.
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

/** Asks as `net.connect` does; without the hint a machine without IPv6 would be given addresses that it cannot reach. */
async function resolveBySystem(name: string): Promise<readonly LookupAddress[]> {
  return await lookup(name, { all: true, hints: ADDRCONFIG });
}

/** It does not say where the name points to: whoever asks could map the network of the server. */
function refusal(host: string): ClairError {
  return new ClairError('layer/host-not-allowed', `${host} is not a host that this server may fetch layers from`);
}

/** The system's resolver cannot be stopped; its answer is then no longer waited for. */
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
