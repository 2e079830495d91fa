import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { createHostSet } from '../../bytes/host-policy.ts';
import { ClairError } from '../../errors.ts';

/** Returns whether a host refers to this server. The host can include a port, as in a `Host` header. */
export type OwnHosts = (host: string) => boolean;

/** The loopback names and addresses of every server (RFC 6761 section 6.3, RFC 6890). */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.0/8', '::1'];

/**
 * Creates a check for host names. The check accepts `localhost`, loopback addresses, the addresses of the network
 * interfaces and configured hosts. The check rejects the host name of a web page that uses DNS rebinding.
 *
 * @param hosts additional host names, addresses and CIDR ranges
 * @param interfaceAddresses the current addresses of the machine
 * @throws ClairError `cli/usage` for an entry that is not a host name, an address or a range
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
    // Interfaces can change while the server runs, so each request reads the addresses again.
    return own.hasAddress(name) || createHostSet(interfaceAddresses()).hasAddress(name);
  };
}

/**
 * Rejects requests with a `Host` that does not name this server, with `request/unknown-host`. A request without `Host`
 * does not come from a browser: HTTP/1.1 requires the header, and Node returns 400 without it (RFC 9112 section 3.2).
 *
 * @param requiresTokens whether the server requires tokens; see `ApiFamily.servesAnyHost`
 */
export function checkHost(server: FastifyInstance, isOwn: OwnHosts, requiresTokens: boolean): void {
  server.addHook('onRequest', async ({ headers: { host }, server: scope }) => {
    if (host === undefined || isOwn(host)) return;
    if (requiresTokens && scope.family?.servesAnyHost === true) return;
    throw new ClairError(
      'request/unknown-host',
      `${JSON.stringify(host.slice(0, 255))} is not a host name of this server`,
    );
  });
}

function addressesOfMachine(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));
}

/** Returns the normalised host name or address, without a port, or undefined if the host is invalid. */
function hostnameOf(host: string): string | undefined {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1');
}
