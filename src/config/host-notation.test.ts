import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../test/fixtures/run-count.ts';
import { createHostPolicy } from '../bytes/host-policy.ts';
import { isHostNotation } from './host-notation.ts';

/** Returns whether the host policy accepts a host. */
function isTaken(host: string): boolean {
  try {
    createHostPolicy({ allowedHosts: [host] });
    return true;
  } catch {
    return false;
  }
}

describe('a host, for the configuration and for the host policy', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'registry.internal',
    'registry.internal.',
    'my_host-1.example',
    '1st.example',
    'xn--bcher-kva.example',
    '10.0.0.1',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '10.0.0.1/32',
    '::1',
    'fd00:1::/32',
    '::/0',
    '::ffff:10.0.0.1',
    'FD00::1/128',
  ])('is %s', (host) => {
    expect([isHostNotation(host), isTaken(host)]).toEqual([true, true]);
  });

  it.each([
    '',
    ' ',
    '.',
    'a..b',
    '.a',
    '*.example',
    'a b',
    'a/b',
    'http://a',
    'a:80',
    'user@a',
    '[::1]',
    '10.1',
    '10',
    '0x7f.1',
    '2130706433',
    '256.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '::1/129',
    '::g',
    'fe80::1%eth0',
    'a%41',
    'a\\b',
    'a\nb',
  ])('is not %j', (host) => {
    expect([isHostNotation(host), isTaken(host)]).toEqual([false, false]);
  });
});

it('every host that the configuration accepts is accepted by the host policy', () => {
  const part = fc.constantFrom('a', '-', '_', '0', '255', 'x', 'xn--', '.', ':', '::', '/', '8', '129', 'é', '%', '@');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(part).map((parts) => parts.join('')),
        fc.string(),
      ),
      (host) => {
        fc.pre(isHostNotation(host));
        expect(isTaken(host)).toBe(true);
      },
    ),
    { numRuns: runCount(5000, 200), maxSkipsPerRun: 1000 },
  );
});
