import { describe, expect, it } from 'vitest';
import { readDocument } from '../../testing/published-feeds.ts';
import { opensuseProduct, parseOpensuse } from './parse.ts';
import { withMessages } from '../../testing/record-messages.ts';

describe('openSUSE OVAL', () => {
  it('returns each CVE', async () => {
    const { advisories, recordDiagnostics } = await readDocument(
      parseOpensuse,
      new URL('testdata/leap.xml', import.meta.url),
    );
    expect(advisories.map(({ id, affected }) => [id, affected])).toEqual([
      [
        'CVE-2099-0001',
        [
          {
            namespace: 'opensuse-leap:15.6',
            package: 'lamp',
            fixed: '0:1.2-bp156.2.1',
            severity: 'High',
            status: 'fixed',
          },
        ],
      ],
      [
        'CVE-2099-0002',
        [{ namespace: 'opensuse-tumbleweed', package: 'wick', fixed: '0:3-1.1', severity: 'Low', status: 'fixed' }],
      ],
      ['CVE-2099-0003', []],
    ]);
    expect(withMessages(recordDiagnostics)).toEqual({
      count: 1,
      skipped: 1,
      examples: ['CVE-2099-0003 skipped: missing criteria'],
    });
  });
});

describe('an openSUSE product', () => {
  it.each([
    ['openSUSE Leap 15.3', 'opensuse-leap:15.3'],
    ['openSUSE Leap 15.3 NonFree', 'opensuse-leap:15.3'],
    ['openSUSE Leap 16.0', 'opensuse-leap:16.0'],
    ['openSUSE Leap Micro 5.3', 'opensuse-leap-micro:5.3'],
    ['openSUSE Tumbleweed', 'opensuse-tumbleweed'],
    ['openSUSE 13.2', 'opensuse:13.2'],
    ['openSUSE 12.1 Update', 'opensuse:12.1'],
    ['suse102', 'opensuse:10.2'],
  ])('%s is %s', (product, namespace) => {
    expect(opensuseProduct(product)).toEqual({ namespace });
  });

  it.each(['openSUSE Evergreen', 'openSUSE Leap', 'SUSE Linux Enterprise Server 15', ''])(
    '"%s" is unknown',
    (product) => {
      expect(opensuseProduct(product)).toBeUndefined();
    },
  );
});
