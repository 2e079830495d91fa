import { cpuUsage } from 'node:process';
import { expect, it } from 'vitest';
import { readPomXml } from './pom-xml.ts';

const read = (xml: string): object => readPomXml(Buffer.from(xml));

it.each<[what: string, xml: string, expected: object]>([
  [
    'the fields of the project, without fields of nested elements',
    '<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version><build><version>2</version><x><project><version>3</version></project></x></build></project>',
    { group: 'g', artifact: 'a', version: '1' },
  ],
  [
    'the group and version of the parent',
    '<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a</artifactId></project>',
    { group: 'g', artifact: 'a', version: '1' },
  ],
  ['a text with a comment inside', '<project><version>1.<!-- x -->2</version></project>', { version: '1.2' }],
  ['nothing in a text that is too long', `<project><version>${'1'.repeat(5000)}</version></project>`, {}],
  ['nothing in a file that is not well-formed', '<project><version>1</version></parent>', {}],
  ['nothing in a file with too many elements', `<project><version>1</version>${'<a/>'.repeat(50_000)}</project>`, {}],
  ['nothing in elements with long names', `<${'project'.padEnd(99, 'x')}><version>1</version>`, {}],
])('a POM has %s', (_, xml, expected) => {
  expect(read(xml)).toEqual(expected);
});

it.each<[what: string, xml: string]>([
  ['many texts in deep elements with long names', `${`<${'a'.repeat(10_000)}>`.repeat(50)}${'<a/>x'.repeat(100_000)}`],
  ['a field in many parts', `<project><version>${'1<a/>'.repeat(200_000)}`],
  ['many errors', '<&'.repeat(500_000)],
])('a file of 1 MiB is read within a second, even with %s', (_, xml) => {
  const before = cpuUsage();
  read(xml.slice(0, 1024 * 1024));
  const { user, system } = cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(1000);
});
