import { BlockList, isIP, isIPv4 } from 'node:net';
import { ClairError } from '../errors.ts';

/**
 * Determines which hosts in user-supplied URLs Clair may connect to. By default, the policy refuses this machine and
 * its network.
 */
export type HostPolicy = {
  /** Whether the host name (any case, optional trailing dot) is allowed regardless of its address. */
  readonly allowsName: (name: string) => boolean;
  /** Whether this IPv4 or IPv6 address, as written by `URL` or the resolver, is allowed; false for other text. */
  readonly allowsAddress: (address: string) => boolean;
};

/**
 * Creates a policy that allows public internet addresses plus `allowedHosts` (host names, addresses, CIDR ranges).
 * Refuses multicast addresses, the platform address of Azure, and all addresses that the IANA special-purpose
 * registries (RFC 6890) do not list as globally reachable. An IPv4 address within an IPv6 address (mapped, RFC 4291
 * section 2.5.5.2, or translated, RFC 6052 section 2.1) is checked as IPv4.
 *
 * @throws ClairError `cli/usage` for an allowed host that is not a host name, an address or a CIDR range.
 */
export function createHostPolicy({ allowedHosts }: { readonly allowedHosts: readonly string[] }): HostPolicy {
  const allowed = createHostSet(allowedHosts);
  const unicast = createRangeSet(UNICAST.map(parseRange));
  const special = createRangeSet(SPECIAL.map(parseRange));
  return {
    allowsName: allowed.hasName,
    allowsAddress: (address) => allowed.hasAddress(address) || (unicast.has(address) && !special.has(address)),
  };
}

/** A set of host names, addresses and CIDR ranges, with the comparison rules of {@link HostPolicy}. */
export type HostSet = {
  readonly hasName: (name: string) => boolean;
  readonly hasAddress: (address: string) => boolean;
};

/**
 * Creates a set of host names, addresses and CIDR ranges.
 *
 * @throws ClairError `cli/usage` for an entry that is not a host name, an address or a CIDR range.
 */
export function createHostSet(hosts: readonly string[]): HostSet {
  const entries = hosts.map(parseAllowance);
  const names = new Set(entries.filter((each) => typeof each === 'string'));
  const ranges = createRangeSet(entries.filter((each) => typeof each !== 'string'));
  return { hasName: (name) => names.has(plainName(name)), hasAddress: ranges.has };
}

type Range = { readonly network: string; readonly prefix: number };

type RangeSet = { readonly has: (address: string) => boolean };

/** The unicast ranges. In IPv6, IANA assigns addresses only from this range (RFC 4291 section 2.4). */
const UNICAST: readonly string[] = ['0.0.0.0/0', '2000::/3'];

/** The non-public ranges within {@link UNICAST}; the comments name cloud metadata services. */
const SPECIAL: readonly string[] = [
  '0.0.0.0/8', // this machine
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT; Alibaba Cloud metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure platform; reachable only from inside Azure, but not in the IANA registry
  '169.254.0.0/16', // link-local; metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments; Oracle Cloud metadata
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '2001::/23', // protocol assignments, and Teredo, which tunnels to any IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which also tunnels to any IPv4 address
  '3fff::/20', // documentation
];

/** The prefixes of IPv6 addresses that embed an IPv4 address (IPv4-mapped and NAT64 addresses). */
const IPV4_WITHIN_IPV6: readonly string[] = ['::ffff:', '64:ff9b::'];
const IPV4_WITHIN_IPV6_BITS = 96;

const HOST_NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/**
 * Uses a list for each address family, because a `BlockList` also matches IPv4 addresses against IPv6 ranges, so `::/0`
 * would allow 127.0.0.1.
 */
function createRangeSet(ranges: readonly Range[]): RangeSet {
  const ipv4 = new BlockList();
  const ipv6 = new BlockList();
  for (const { network, prefix } of ranges) {
    if (!isIPv4(network)) {
      ipv6.addSubnet(network, prefix, 'ipv6');
      continue;
    }
    ipv4.addSubnet(network, prefix, 'ipv4');
    for (const before of IPV4_WITHIN_IPV6) {
      ipv6.addSubnet(`${before}${network}`, IPV4_WITHIN_IPV6_BITS + prefix, 'ipv6');
    }
  }
  return { has: (address) => (isIPv4(address) ? ipv4.check(address, 'ipv4') : ipv6.check(address, 'ipv6')) };
}

function parseAllowance(text: string): string | Range {
  const range = findRange(text);
  if (range !== undefined) return range;
  const name = findName(text);
  if (name !== undefined) return name;
  throw new ClairError('cli/usage', `"${text}" is not a host name, an address or a CIDR range`);
}

function parseRange(text: string): Range {
  const range = findRange(text);
  if (range === undefined) throw new ClairError('internal', `"${text}" is not a CIDR range`);
  return range;
}

function findRange(text: string): Range | undefined {
  const [, network = '', digits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const family = isIP(network);
  if (family === 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix <= bits ? { network, prefix } : undefined;
}

/**
 * Normalises a name with `URL`, in the same way as the hosts of requests. A text that `URL` reads as an address is not
 * a name.
 */
function findName(text: string): string | undefined {
  if (/[\s/:@?#%\\]/.test(text) || !URL.canParse(`http://${text}`)) return undefined;
  const name = plainName(new URL(`http://${text}`).hostname);
  return HOST_NAME.test(name) && !isIPv4(name) ? name : undefined;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
