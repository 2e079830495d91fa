import { expect, it } from 'vitest';
import { namesOfProduct, productCpe, releaseOfCpe } from './product-cpe.ts';

it.each<[string, string | undefined, string | undefined]>([
  ['cpe:/a:redhat:openshift:4.16::el9', 'cpe:/a:redhat:openshift:4.16', '9'],
  ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:4', undefined],
  ['cpe:/a:redhat:openshift:4::', 'cpe:/a:redhat:openshift:4', undefined],
  ['cpe:/o:redhat:enterprise_linux:9::baseos', 'cpe:/o:redhat:enterprise_linux:9', undefined],
  ['CPE:/a:RedHat:Satellite:6.15::el8', 'cpe:/a:redhat:satellite:6.15', '8'],
  ['cpe:/a:redhat:ocp_tools', 'cpe:/a:redhat:ocp_tools', undefined],
  ['cpe:/a:redhat:ocp_tools::el8', 'cpe:/a:redhat:ocp_tools', '8'],
  ['cpe:/a:redhat', undefined, undefined],
  ['cpe:/a:redhat:openshift:4 .16', undefined, undefined],
  ['cpe:/a:redhat:a product:4', undefined, undefined],
  ['cpe:2.3:a:redhat:openshift:4:*:el8', undefined, '8'],
  [`cpe:/a:redhat:${'a'.repeat(300)}`, undefined, undefined],
  ['', undefined, undefined],
])('%s is the product %s for release %s', (cpe, product, release) => {
  expect(productCpe(cpe)).toBe(product);
  expect(releaseOfCpe(cpe)).toBe(release);
});

it.each<[string, readonly string[]]>([
  [
    'cpe:/a:redhat:openshift:4.16::el9',
    ['cpe:/a:redhat:openshift', 'cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:4.16'],
  ],
  [
    'cpe:/a:redhat:camel:3.20.1',
    ['cpe:/a:redhat:camel', 'cpe:/a:redhat:camel:3', 'cpe:/a:redhat:camel:3.20', 'cpe:/a:redhat:camel:3.20.1'],
  ],
  ['cpe:/o:redhat:enterprise_linux:9::baseos', ['cpe:/o:redhat:enterprise_linux', 'cpe:/o:redhat:enterprise_linux:9']],
  ['cpe:/a:redhat:tool_4.1', ['cpe:/a:redhat:tool_4.1']],
  ['openshift', []],
])('%s is matched by the names %j', (cpe, names) => {
  expect(namesOfProduct(cpe)).toEqual(names);
});
