import { cpuUsage } from 'node:process';
import { expect, it } from 'vitest';
import { pomPlace, readPomProperties } from './pom-properties.ts';

it.each<[what: string, text: string, expected: object]>([
  ['with any separator', 'groupId: g\nartifactId =a\r\nversion 1.0  \n', { group: 'g', artifact: 'a', version: '1.0' }],
  ['without escapes', 'version=1.0\\-rc\\.1\n', { version: '1.0-rc.1' }],
  ['if they are valid', 'groupId=${g}\nversion=a  b\n', {}],
])('pom.properties has fields %s', (_, text, expected) => {
  expect(readPomProperties(Buffer.from(text))).toEqual(expected);
});

it.each<[name: string, isPlace: boolean]>([
  ['META-INF/maven/g/a/pom.properties', true],
  ['WEB-INF/classes/META-INF/maven/g/a/pom.xml', true],
  ['BOOT-INF/classes/META-INF/maven/g/a/pom.xml', true],
  ['classes/META-INF/maven/g/a/pom.xml', true],
  ['x/META-INF/maven/g/a/pom.xml', false],
  ['META-INF/maven/g/a b/pom.xml', false],
])('the place of a descriptor: %s %s', (name, isPlace) => {
  expect(pomPlace(name) !== undefined).toBe(isPlace);
});

it('reads 1 MiB of lines with blanks within a second', () => {
  const before = cpuUsage();
  readPomProperties(Buffer.from(`version=x${' '.repeat(1000)}y\n`.repeat(1024)));
  const { user, system } = cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(1000);
});
