import { describe, expect, it } from 'vitest';
import { createOwnHosts } from './host-names.ts';

describe('the host names of a server', () => {
  const isOwn = createOwnHosts(['Clair.Internal', '192.0.2.0/24', '2001:db8::5'], () => ['10.1.2.3', 'fe80::1']);

  it.each([
    'localhost',
    'LOCALHOST.:6060',
    '127.0.0.1',
    '127.9.9.9:6060',
    '[::1]:6060',
    '[::ffff:127.0.0.1]',
    'clair.internal',
    'CLAIR.internal.:80',
    '192.0.2.77:6060',
    '[2001:0db8::5]',
    '10.1.2.3:6060',
    '[fe80::1]:1',
  ])('include %s', (host) => {
    expect(isOwn(host)).toBe(true);
  });

  it.each([
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    'notlocalhost',
    'clair.internal.evil.example',
    'sub.clair.internal',
    'localhost@evil.example',
    'evil.example#@localhost',
    'localhost/',
    'localhost\\',
    'localhost:x',
    'a b',
    '0.0.0.0',
    '[::]',
    '10.1.2.4',
    '192.0.3.1',
    '::1',
    '[2001:db8::6]',
  ])('do not include %j', (host) => {
    expect(isOwn(host)).toBe(false);
  });

  it('include the current addresses of its machine', () => {
    let addresses = ['10.0.0.1'];
    const isOwnNow = createOwnHosts([], () => addresses);
    expect([isOwnNow('10.0.0.1'), isOwnNow('10.0.0.2')]).toEqual([true, false]);
    addresses = ['10.0.0.2'];
    expect([isOwnNow('10.0.0.1'), isOwnNow('10.0.0.2')]).toEqual([false, true]);
  });
});

it('rejects an invalid configured host', () => {
  expect(() => createOwnHosts(['http://clair'])).toThrow(expect.objectContaining({ code: 'cli/usage' }));
});
