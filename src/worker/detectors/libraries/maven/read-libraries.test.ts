import { expect, it } from 'vitest';
import { javaArchives } from './detector.ts';
import { jarOf } from './testing/jar-builder.ts';
import { detectorsOfPath, indexPatterns } from '../../../layer/patterns/pattern-index.ts';
import { streamLibraries } from './read-libraries.ts';

const POM = 'classes/META-INF/maven/g/a/pom.properties';
const JAR = jarOf({ members: { [POM]: 'groupId=g\nartifactId=a\nversion=1.0\n' } });
const SCRIPT = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
const MODULE = Buffer.from('JM\u0001\u0000', 'latin1');

/** Returns the libraries and the codes of the diagnostics. */
function read(path: string, bytes: Buffer): readonly string[] {
  const { features = [], diagnostics } = javaArchives.read(path, bytes);
  return [
    ...features.map(({ feature: { name, version } }) => `${name} ${version}`),
    ...diagnostics.map(({ code }) => code),
  ];
}

it.each<[what: string, path: string, bytes: Buffer, expected: readonly string[]]>([
  ['a module of the JDK', 'a.jmod', Buffer.concat([MODULE, JAR]), ['g:a 1.0']],
  ['a plugin behind a script', 'a.hpi', Buffer.concat([SCRIPT, JAR]), ['g:a 1.0']],
  ['an archive behind a script', 'a.kar', Buffer.concat([SCRIPT, JAR]), ['g:a 1.0']],
  ['an archive with a name in upper case', 'A.JAR', JAR, ['g:a 1.0']],
  ['a script without an archive', 'a.par', SCRIPT, []],
  ['a damaged module', 'a.jmod', MODULE, ['archive-unreadable']],
  ['a damaged plugin', 'a.jpi', Buffer.from('text'), ['archive-unreadable']],
])('%s is read or reported', (_, path, bytes, expected) => {
  expect(read(path, bytes)).toEqual(expected);
});

it.each(['a.jmod', 'a.sar'])('a large archive behind a mark or script is read while it arrives: %s', (path) => {
  const { write, end } = streamLibraries(path);
  write(path.endsWith('.jmod') ? MODULE : SCRIPT);
  write(JAR);
  expect(end().libraries.map(({ name }) => name)).toEqual(['g:a']);
});

it.each(['x/app.jar', 'x/APP.JAR', 'x/App.Jar', 'x/a.JMOD'])('the detector reads %s', (path) => {
  expect(detectorsOfPath(path, indexPatterns([javaArchives]))).toHaveLength(1);
});
