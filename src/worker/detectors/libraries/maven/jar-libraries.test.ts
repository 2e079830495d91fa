import { describe, expect, it } from 'vitest';
import { zipInMemory } from '../../../../bytes/zip/bytes.ts';
import { readLibraries } from './read-libraries.ts';
import { type BuiltJar, jarOf } from './testing/jar-builder.ts';

/** Returns the libraries as `NAME VERSION [bundled]`, and the diagnostics. */
function read(path: string, jar: BuiltJar): readonly string[] {
  const { libraries, diagnostics } = readLibraries(path, zipInMemory(jarOf(jar)));
  return [
    ...libraries.map(({ name, version, isBundled }) => `${name} ${version}${isBundled ? ' bundled' : ''}`),
    ...diagnostics.map(({ code, message }) => `${code}: ${message}`),
  ];
}

const JNDI = 'org/apache/logging/log4j/core/lookup/JndiLookup';
const LOG4J = 'org.apache.logging.log4j:log4j-core';
const properties = (version: string): string => `groupId=g\nartifactId=log4j\nversion=${version}\n`;

describe('an archive without a version', () => {
  it('is reported, because no advisory matches it', () => {
    expect(read('guava.jar', { classes: ['com/google/common/A'] })).toEqual([
      'guava ',
      'library-version-unknown: "guava.jar" does not state the version of "guava", so the library was not matched',
    ]);
  });

  it('has a diagnostic with its possible coordinates, and a class of a library has a diagnostic without coordinates', () => {
    const candidatesIn = (path: string, jar: BuiltJar) =>
      readLibraries(path, zipInMemory(jarOf(jar))).diagnostics.map(({ candidates }) => candidates);
    expect(candidatesIn('app.jar', { classes: ['com/example/app/A'] })).toEqual([
      expect.arrayContaining(['com.example.app:app']),
    ]);
    expect(candidatesIn('app.jar', { classes: ['a/A'] })).toEqual([undefined]);
    expect(candidatesIn('log4j-core.jar', { classes: [JNDI] })).toEqual([undefined]);
  });

  it('does not hide a class of the library', () => {
    expect(read('log4j-core.jar', { classes: [JNDI] })).toEqual([
      `${LOG4J}  bundled`,
      expect.stringMatching(/^library-version-unknown: .*JndiLookup.class" is a class of /),
    ]);
    expect(read('log4j-core-2.14.1.jar', { classes: [JNDI] })).toEqual(['log4j-core 2.14.1']);
  });

  it('is not a library if it is a module of the JDK', () => {
    expect(read('java.base.jmod', { classes: ['classes/java/lang/Object'] })).toEqual([]);
  });
});

describe('a manifest that names the archive after another library', () => {
  it('hides neither descriptors nor classes', () => {
    const manifest = { 'Weave-Classes': 'x' };
    expect(read('spring-3.0.jar', { manifest, poms: ['g:a:1'], classes: [JNDI] })).toEqual([
      'g:a 1 bundled',
      `${LOG4J}  bundled`,
      expect.stringMatching(/^library-version-unknown/),
    ]);
  });
});

describe('the name of an archive', () => {
  it.each<[path: string, expected: string]>([
    ['guava (1)-19.0.jar', 'guava 19.0'],
    ['guava-19.0 (2).jar', 'guava 19.0'],
    ['guava-19.0 - Copy.jar', 'guava 19.0'],
    ['my+lib-19.0.jar', 'my-lib 19.0'],
    ['foo-v1.2.3.jar', 'foo 1.2.3'],
  ])('may have been changed: %s', (path, expected) => {
    expect(read(path, { classes: ['com/google/A'] })).toEqual([expected]);
  });

  it.each(['(1).jar', `${'a'.repeat(201)}.jar`])('that names no artifact is reported: %s', (path) => {
    expect(read(path, { classes: ['com/google/A'] })).toEqual([
      expect.stringMatching(
        /^library-unreadable: ".*" was skipped: neither its name nor its manifest names an artifact$/,
      ),
    ]);
  });
});

describe('an archive with several descriptors', () => {
  it('has an artifact in two versions', () => {
    const members = {
      'META-INF/maven/g/log4j/pom.properties': properties('2.17.1'),
      'WEB-INF/classes/META-INF/maven/g/log4j/pom.properties': properties('2.14.1'),
    };
    expect(read('app-1.0.war', { members })).toEqual(['g:log4j 2.17.1 bundled', 'g:log4j 2.14.1 bundled']);
    expect(read('log4j-2.14.1.jar', { members })).toEqual(['g:log4j 2.14.1', 'g:log4j 2.17.1 bundled']);
  });

  it.each<[path: string, expected: readonly string[]]>([
    ['spring-core-app-5.0.0.jar', ['o:spring 3.0.0 bundled', 'o:spring-core 4.0.0 bundled', 'spring-core-app 5.0.0']],
    ['spring-core-4.0.0-all.jar', ['o:spring-core 4.0.0', 'o:spring 3.0.0 bundled']],
    ['spring.jar', ['o:spring 3.0.0', 'o:spring-core 4.0.0 bundled']],
  ])('is the artifact in its name, if only a version follows: %s', (path, expected) => {
    expect(read(path, { poms: ['o:spring:3.0.0', 'o:spring-core:4.0.0'], classes: ['a/B'] })).toEqual(expected);
  });

  it('reports 20 descriptors without a version, and the number of the others', () => {
    const poms = Array.from({ length: 25 }, (_, at) => `g:a${at}:\${version}`);
    const found = read('a-1.0.jar', { poms });
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe('library-unreadable: 5 more libraries skipped');
  });

  it('does not read descriptors that are too large', () => {
    const numbers = Array.from({ length: 200_000 }, (_, at) => at).join(' ');
    const members = {
      'META-INF/maven/g/a/pom.xml': `<project><version>1</version>${numbers}</project>`,
      'META-INF/maven/g/b/pom.properties': `version=1\n${numbers}`,
    };
    expect(read('x.jar', { members })).toEqual([
      'archive-unreadable: libraries may be missing in "x.jar": "META-INF/maven/g/a/pom.xml" exceeds the limit of 1048576 bytes, and 1 more fault',
    ]);
  });
});
