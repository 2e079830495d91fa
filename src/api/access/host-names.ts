import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { createHostSet } from '../../bytes/host-policy.ts';
import { ClairError } from '../../errors.ts';

/** Tells whether a host, with or without a port as in a `Host` header, names this server. */
export type OwnHosts = (host: string) => boolean;

/** Names and addresses by which every server is reached on its own machine (RFC 6761 section 6.3, RFC 6890). */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.0/8', '::1'];

/**
 * Makes the check of host names: a server is named by `localhost`, a loopback address, an address of a network interface
 * of its machine, and what is configured. A web page that rebinds its own name to the server's address is none of these.
 *
 * @param hosts further host names, addresses and CIDR ranges
 * @param interfaceAddresses the current addresses of the machine
 * @throws ClairError `cli/usage` for an entry that is not a host name, an address or a range.
 */
export function createOwnHosts(
  hosts: readonly string[],
  interfaceAddresses: () => readonly string[] = addressesOfMachine,
): OwnHosts {
  const own = createHostSet([...LOOPBACK, ...hosts]);
  return (host) => {
    const name = hostnameOf(host);
    if (name === undefined) return false;
    if (isIP(name) === 0) return own.hasName(name);
    // Interfaces come and go while a server runs.
    return own.hasAddress(name) || createHostSet(interfaceAddresses()).hasAddress(name);
  };
}

/**
 * Refuses requests whose `Host` does not name this server: `request/unknown-host`. A request without one is not from a
 * browser: HTTP/1.1 needs the header, and Node itself answers 400 (RFC 9112 section 3.2).
 */
export function checkHost(server: FastifyInstance, isOwn: OwnHosts): void {
  server.addHook('onRequest', async ({ headers: { host } }) => {
    if (host === undefined || isOwn(host)) return;
    throw new ClairError('request/unknown-host', `this server is not called ${JSON.stringify(host.slice(0, 255))}`);
  });
}

function addressesOfMachine(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));
}

/** As a URL reads it: in lower case, an address in its usual form. */
function hostnameOf(host: string): string | undefined {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1');
}
