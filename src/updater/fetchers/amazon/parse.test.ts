import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { parseAmazonUpdateinfo } from './parse.ts';
import { messagesOf } from '../../testing/record-messages.ts';

const recordDiagnostics = noRecordDiagnostics();
let advisories: ReadonlyMap<string, Advisory>;

beforeAll(async () => {
  const stream = (async function* () {
    yield readFileSync(new URL('testdata/updateinfo.xml', import.meta.url));
  })();
  const found: Advisory[] = [];
  for await (const each of parseAmazonUpdateinfo({ name: 'x.xml', where: 'x.xml', stream }, recordDiagnostics))
    found.push(each);
  advisories = new Map(found.map((each) => [each.id, each]));
});

it('returns the advisories; advisories of another type only if they name a CVE', () => {
  expect([...advisories.keys()]).toEqual([
    'ALAS-2099-1',
    'ALAS2KERNEL-5.15-2099-001',
    'ALAS2023-2099-001',
    'ALAS2-2099-003',
  ]);
});

it('returns the page, the description and the fixed CVEs', () => {
  expect(advisories.get('ALAS-2099-1')).toMatchObject({
    link: 'https://alas.aws.amazon.com/ALAS-2099-1.html',
    description: 'Updates fix: CVE-2099-0001: A made up flaw & another.',
    aliases: ['CVE-2099-0001', 'CVE-2099-0003'],
  });
});

describe('the affected packages', () => {
  it.each<[string, readonly AffectedPackage[]]>([
    [
      'ALAS-2099-1',
      [
        {
          ...packageOf('amzn:2018.03', 'foo'),
          fixed: '2.2.21-1.18.amzn1',
          archs: ['i686', 'x86_64'],
          severity: 'Medium',
        },
        {
          ...packageOf('amzn:2018.03', 'foo-ssl'),
          fixed: '1:2.2.21-1.18.amzn1',
          archs: ['x86_64'],
          severity: 'Medium',
        },
        { ...packageOf('amzn:2018.03', 'foo-doc'), fixed: '2.2.21-1.18.amzn1', severity: 'Medium' },
      ],
    ],
    [
      'ALAS2KERNEL-5.15-2099-001',
      [
        {
          ...packageOf('amzn:2', 'kernel'),
          introduced: '5.15',
          fixed: '5.15.43-20.123.amzn2',
          archs: ['aarch64'],
          severity: 'High',
        },
        {
          ...packageOf('amzn:2', 'kernel-livepatch-5.15.43-20.123'),
          fixed: '1.0-0.amzn2',
          archs: ['aarch64'],
          severity: 'High',
        },
      ],
    ],
    [
      'ALAS2023-2099-001',
      [
        { ...packageOf('amzn:2023', 'bar'), archs: ['x86_64'], status: 'unknown' },
        { ...packageOf('amzn:2023', 'baz'), archs: ['x86_64'], status: 'unknown' },
      ],
    ],
    ['ALAS2-2099-003', []],
  ])('of %s', (id, affected) => expect(advisories.get(id)?.affected).toEqual(affected));
});

it('returns diagnostics for malformed content', () => {
  expect(messagesOf(recordDiagnostics.examples)).toEqual([
    'ALAS2023-2099-001 has an unknown severity: "urgent"',
    'ALAS2023-2099-001 package skipped: missing name',
    'ALAS2023-2099-001 bar treated as affected: rpm rejects the fixed version "3.0-"',
    'ALAS2023-2099-001 baz treated as affected: rpm rejects the fixed version "3.0-1 2"',
    'skipped: not an Amazon Linux identifier: "OTHER-2099-1"',
    'skipped: not an Amazon Linux identifier: ""',
  ]);
});

function packageOf(namespace: string, name: string): AffectedPackage {
  return { namespace, package: name, severity: 'Unknown', status: 'fixed' };
}
