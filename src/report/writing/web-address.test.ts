import { expect, it } from 'vitest';
import { webAddress } from './web-address.ts';

it.each([
  ['https://tracker.test/CVE-1?a=b#c', 'https://tracker.test/CVE-1?a=b#c'],
  ['http://tracker.test', 'http://tracker.test/'],
  ['https://tracker.test/a b|"<>`{}^', 'https://tracker.test/a%20b%7C%22%3C%3E%60%7B%7D%5E'],
  ['https://tracker.test/%zz', 'https://tracker.test/%25zz'],
  ['https://tracker.test/#a#b', 'https://tracker.test/#a%23b'],
  ['javascript:alert(1)', undefined],
  ['JaVaScRiPt:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['//tracker.test', undefined],
  ['/etc/passwd', undefined],
  ['https://user@tracker.test/', undefined],
  ['', undefined],
  [`https://tracker.test/${'x'.repeat(2000)}`, undefined],
])('%s is %s', (link, address) => expect(webAddress(link)).toBe(address));
