import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHostPolicy, type HostPolicy } from './host-policy.ts';

function policy(...allowedHosts: readonly string[]): HostPolicy {
  return createHostPolicy({ allowedHosts });
}

describe('without allowances', () => {
  it.each([
    ['the first and last address of this machine', '0.0.0.0', '0.255.255.255'],
    ['private', '10.0.0.0', '10.255.255.255'],
    ['private', '172.16.0.0', '172.31.255.255'],
    ['private', '192.168.0.0', '192.168.255.255'],
    ['shared by a carrier', '100.64.0.0', '100.127.255.255'],
    ['loopback', '127.0.0.0', '127.255.255.255'],
    ['link-local', '169.254.0.0', '169.254.255.255'],
    ['protocol assignments', '192.0.0.0', '192.0.0.255'],
    ['documentation', '192.0.2.0', '192.0.2.255'],
    ['documentation', '198.51.100.0', '198.51.100.255'],
    ['documentation', '203.0.113.0', '203.0.113.255'],
    ['relays of 6to4', '192.88.99.0', '192.88.99.255'],
    ['benchmarks', '198.18.0.0', '198.19.255.255'],
    ['multicast', '224.0.0.0', '239.255.255.255'],
    ['reserved, broadcast', '240.0.0.0', '255.255.255.255'],
    ['metadata of most clouds, Alibaba', '169.254.169.254', '100.100.100.200'],
    ['metadata of Azure, Oracle', '168.63.129.16', '192.0.0.192'],
    ['unspecified, loopback', '::', '::1'],
    ['compatible with IPv4', '::2', '::808:808'],
    ['private', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['metadata of Amazon, Google', 'fd00:ec2::254', 'fd20:ce::254'],
    ['link-local', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['link-local with its interface', 'fe80::1%eth0', 'fe80::1%2'],
    ['site-local', 'fec0::', 'feff::1'],
    ['multicast', 'ff00::', 'ff02::1'],
    ['discarded', '100::', '100::ffff:ffff:ffff:ffff'],
    ['documentation', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['documentation', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['benchmarks, identities', '2001:2::1', '2001:20::1'],
    ['Teredo, to any address', '2001::1', '2001:0:808:808:0:0:f7f7:f7f7'],
    ['6to4, to any address', '2002:7f00:1::', '2002:808:808::'],
    ['a local gateway to IPv4', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:808:808'],
    ['translated without a gateway', '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
    ['segment routing, not given out', '5f00::1', '4000::1'],
    ['IPv4 mapped into IPv6', '::ffff:127.0.0.1', '::ffff:7f00:1'],
    ['IPv4 mapped into IPv6', '::ffff:a9fe:a9fe', '::ffff:10.1.2.3'],
    ['IPv4 behind a gateway', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe'],
    ['in capitals and with zeros', '0000:0000:0000:0000:0000:FFFF:7F00:0001', 'FD00::1'],
    ['no addresses', '', 'localhost'],
    ['no addresses for the resolver', '127.1', '[::1]'],
  ])('refuses %s: %s, %s', (_, one, other) => {
    expect([policy().allowsAddress(one), policy().allowsAddress(other)]).toEqual([false, false]);
  });

  it.each([
    ['next to this machine and 10.0.0.0/8', '1.0.0.0', '9.255.255.255', '11.0.0.0'],
    ['next to carrier-grade NAT', '100.63.255.255', '100.128.0.0', '99.0.0.1'],
    ['beside loopback and link-local', '126.255.255.255', '128.0.0.0', '169.253.255.255'],
    ['beside 172.16 and 192.168', '172.15.255.255', '172.32.0.0', '192.169.0.0'],
    ['beside documentation and benchmarks', '192.0.1.255', '198.17.255.255', '198.20.0.0'],
    ['below multicast, beside Azure', '223.255.255.255', '168.63.129.15', '168.63.129.17'],
    ['IPv6', '2001:200::1', '2606:4700:4700::1111', '2a00:1450:4001:82a::200e'],
    ['beside documentation', '2001:db7::1', '2001:db9::1', '3ffe::1'],
    ['IPv4 within IPv6', '::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::8.8.8.8'],
  ])('allows %s: %s, %s, %s', (_, ...addresses) => {
    expect(addresses.map((each) => policy().allowsAddress(each))).toEqual([true, true, true]);
  });

  it('allows no name regardless of its address', () => {
    expect(policy().allowsName('localhost')).toBe(false);
    expect(policy().allowsName('')).toBe(false);
  });
});

describe('an allowance', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['127.0.0.1', ['127.0.0.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'], ['127.0.0.2', '::1', '10.0.0.1']],
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:a01:203'], ['127.0.0.1', 'fd00::1', '192.168.0.1']],
    ['10.1.2.3/8', ['10.200.0.1'], ['127.0.0.1']],
    ['192.168.1.128/25', ['192.168.1.128', '192.168.1.255'], ['192.168.1.127', '192.168.2.128']],
    ['172.16.5.4/32', ['172.16.5.4'], ['172.16.5.5']],
    ['0.0.0.0/0', ['127.0.0.1', '255.255.255.255', '::ffff:127.0.0.1'], ['::1', 'fe80::1']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::', '127.0.0.1']],
    ['FD00:1::/32', ['fd00:1::', 'fd00:1:ffff::1'], ['fd00:2::', '127.0.0.1']],
    ['::/0', ['::1', 'fe80::1', 'ff02::1'], ['127.0.0.1', '10.0.0.1']],
    ['::ffff:127.0.0.1', ['::ffff:7f00:1'], ['127.0.0.1', '::ffff:7f00:2']],
    ['2002::/16', ['2002:7f00:1::'], ['2001::1']],
  ])('of %s allows %j, not %j', (allowance, allowed, refused) => {
    const { allowsAddress } = policy(allowance);
    expect(allowed.map((each) => allowsAddress(each))).toEqual(allowed.map(() => true));
    expect(refused.map((each) => allowsAddress(each))).toEqual(refused.map(() => false));
  });

  it.each<[string, readonly string[], readonly string[]]>([
    [
      'registry.internal',
      ['registry.internal', 'REGISTRY.internal', 'registry.internal.'],
      ['internal', 'a.registry.internal', 'registry.internal.org', 'xregistry.internal'],
    ],
    ['LOCALHOST.', ['localhost', 'localhost.'], ['localhost..', '127.0.0.1']],
    ['bücher.test', ['xn--bcher-kva.test'], ['bucher.test']],
    ['my_host-1', ['my_host-1'], ['my_host-2']],
  ])('of the name %s allows %j, not %j', (allowance, allowed, refused) => {
    const { allowsName } = policy(allowance);
    expect(allowed.map((each) => allowsName(each))).toEqual(allowed.map(() => true));
    expect(refused.map((each) => allowsName(each))).toEqual(refused.map(() => false));
  });

  it('of a name allows no address, and of an address no name', () => {
    expect(policy('localhost').allowsAddress('127.0.0.1')).toBe(false);
    expect(policy('127.0.0.1').allowsName('127.0.0.1')).toBe(false);
  });

  it('combines with others', () => {
    const { allowsName, allowsAddress } = policy('localhost', '10.0.0.0/8', 'fd00::/8');
    expect([allowsName('localhost'), allowsAddress('10.0.0.1'), allowsAddress('fd00::1')]).toEqual([true, true, true]);
  });

  it.each([
    '',
    ' ',
    '.',
    'a b',
    'a..b',
    '*.example.org',
    'http://example.org',
    'example.org/',
    'example.org:80',
    'me@example.org',
    'a%2eb',
    '127.1',
    '2130706433',
    '0x7f.1',
    '127.0.0.1:80',
    '256.0.0.1',
    '010.0.0.1',
    '[::1]',
    'fe80::1%eth0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/255.0.0.0',
    '10/8',
    '::/129',
    'localhost/8',
  ])('of %j is rejected', (text) => {
    expect(() => policy(text)).toThrow(
      expect.objectContaining({
        code: 'cli/usage',
        message: `"${text}" is not a host name, an address or a CIDR range`,
      }),
    );
  });
});

describe('properties', () => {
  const ipv4 = fc.ipV4();

  it('an IPv4 address within an IPv6 address is allowed exactly if the IPv4 address is allowed', () => {
    fc.assert(
      fc.property(ipv4, fc.constantFrom('::ffff:', '64:ff9b::'), (address, prefix) => {
        const { allowsAddress } = policy('10.20.0.0/14');
        expect(allowsAddress(`${prefix}${address}`)).toBe(allowsAddress(address));
      }),
    );
  });

  it('a range allows exactly the addresses that share its prefix', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.nat(0xffff_ffff), (network, prefix, difference) => {
        const bits = bitsOf(network);
        const other = bits ^ BigInt(difference);
        const shared = bits >> BigInt(32 - prefix) === other >> BigInt(32 - prefix);
        const address = textOf(other);
        const expected = shared || policy().allowsAddress(address);
        expect(policy(`${network}/${prefix}`).allowsAddress(address)).toBe(expected);
      }),
    );
  });

  it('an allowance never refuses an address', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, fc.ipV6()), fc.oneof(ipv4, fc.ipV6()), (address, allowance) => {
        const { allowsAddress } = policy(allowance);
        expect(allowsAddress(allowance)).toBe(true);
        expect(allowsAddress(address) || !policy().allowsAddress(address)).toBe(true);
      }),
    );
  });
});

function bitsOf(address: string): bigint {
  return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function textOf(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
}
