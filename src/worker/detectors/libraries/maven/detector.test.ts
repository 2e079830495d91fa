import { describe, expect, it } from 'vitest';
import { zipInMemory } from '../../../../bytes/zip/bytes.ts';
import { zipOf } from '../../../../bytes/testing/zip-builder.ts';
import { javaArchives } from './detector.ts';
import { readLibraries } from './read-libraries.ts';
import { type BuiltJar, jarOf } from './testing/jar-builder.ts';

/** Returns the libraries as `NAME VERSION [FLAGS] at PATH`, and the diagnostics. */
function read(path: string, content: BuiltJar | Buffer): readonly string[] {
  const bytes = Buffer.isBuffer(content) ? content : jarOf(content);
  const { features = [], diagnostics } = javaArchives.read(path, bytes);
  return [
    ...features.map(({ feature, path: at }) => {
      expect(feature.type).toBe('maven');
      const flags = 'flags' in feature ? ` ${feature.flags?.join() ?? ''}` : '';
      return `${feature.name} ${feature.version}${flags} at ${at}`;
    }),
    ...diagnostics.map(({ code, message }) => `${code}: ${message}`),
  ];
}

function candidatesOf(path: string, jar: BuiltJar): unknown {
  return readLibraries(path, zipInMemory(jarOf(jar))).libraries[0];
}

const pom = (coordinates: string): string => {
  const [group, artifact] = coordinates.split(':');
  return `META-INF/maven/${group}/${artifact}/pom.properties`;
};

const LOG4J = 'org.apache.logging.log4j:log4j-core:2.14.1';
const LOG4J_JAR = jarOf({ poms: [LOG4J], classes: ['org/apache/logging/log4j/core/lookup/JndiLookup'] });
const JNDI = 'org/apache/logging/log4j/core/lookup/JndiLookup';

describe('an archive is identified', () => {
  it.each<[what: string, path: string, jar: BuiltJar, expected: readonly string[]]>([
    [
      'by its descriptor',
      'srv/guava-33.4.6-jre.jar',
      { poms: ['com.google.guava:guava:33.4.6-jre'], classes: ['com/google/common/base/A'] },
      [`com.google.guava:guava 33.4.6-jre at srv/guava-33.4.6-jre.jar!/${pom('com.google.guava:guava')}`],
    ],
    [
      'by its descriptor under another name',
      'usr/share/java/jetty9-server.jar',
      {
        poms: ['org.eclipse.jetty:jetty-server:9.4.57'],
        manifest: { 'Implementation-Version': '9.4.57' },
        classes: ['a/B'],
      },
      [
        `org.eclipse.jetty:jetty-server 9.4.57 at usr/share/java/jetty9-server.jar!/${pom('org.eclipse.jetty:jetty-server')}`,
      ],
    ],
    [
      'by the descriptor that fits its name; the others are bundled',
      'woodstox-core-7.2.0.jar',
      { poms: ['net.java:xsdlib:1.0', 'com.fasterxml.woodstox:woodstox-core:7.2.0'], classes: ['a/B'] },
      [
        `com.fasterxml.woodstox:woodstox-core 7.2.0 at woodstox-core-7.2.0.jar!/${pom('com.fasterxml.woodstox:woodstox-core')}`,
        `net.java:xsdlib 1.0 bundled at woodstox-core-7.2.0.jar!/${pom('net.java:xsdlib')}`,
      ],
    ],
    [
      'by the descriptor with its version, if none fits its name',
      'renamed-2.0.jar',
      { poms: ['a:b:1.0', 'a:c:2.0'], classes: ['a/B'] },
      [`a:c 2.0 at renamed-2.0.jar!/${pom('a:c')}`, `a:b 1.0 bundled at renamed-2.0.jar!/${pom('a:b')}`],
    ],
    [
      'by no descriptor, if several are of other artifacts and the name has no version',
      'compiler.jar',
      { poms: ['a:b:1.0', 'a:c:2.0'], manifest: { 'Implementation-Version': '3' }, classes: ['a/B'] },
      [`a:b 1.0 bundled at compiler.jar!/${pom('a:b')}`, `a:c 2.0 bundled at compiler.jar!/${pom('a:c')}`],
    ],
    [
      'by its name, if a descriptor is of another artifact and version',
      'kafka-clients-3.0.0.jar',
      { poms: ['com.github.luben:zstd-jni:1.5'], classes: ['org/apache/kafka/A'] },
      [
        `com.github.luben:zstd-jni 1.5 bundled at kafka-clients-3.0.0.jar!/${pom('com.github.luben:zstd-jni')}`,
        'kafka-clients 3.0.0 at kafka-clients-3.0.0.jar',
      ],
    ],
    [
      'by its manifest',
      'usr/share/java/spring3-core-3.x.jar',
      {
        manifest: { 'Implementation-Title': 'spring-core', 'Implementation-Version': '4.3.30.RELEASE' },
        classes: ['org/springframework/core/A'],
      },
      ['spring-core 4.3.30.RELEASE at usr/share/java/spring3-core-3.x.jar!/META-INF/MANIFEST.MF'],
    ],
    [
      'by its name',
      'lib/jcommander-1.82.jar',
      { classes: ['com/beust/jcommander/A'] },
      ['jcommander 1.82 at lib/jcommander-1.82.jar'],
    ],
    [
      'by its manifest rather than by a single number in its name',
      'freemarker-17.jar',
      { manifest: { 'Implementation-Version': '2.3.32' }, classes: ['freemarker/core/A'] },
      ['freemarker 2.3.32 at freemarker-17.jar!/META-INF/MANIFEST.MF'],
    ],
    [
      'by its name rather than by a manifest with the number of a build',
      'kotlin-stdlib-2.2.21.jar',
      { manifest: { 'Implementation-Version': '2.2.21-release-469' }, classes: ['kotlin/A'] },
      ['kotlin-stdlib 2.2.21 at kotlin-stdlib-2.2.21.jar'],
    ],
    [
      'as a plugin of Jenkins',
      'var/jenkins/git.jpi',
      { manifest: { 'Group-Id': 'org.jenkins-ci.plugins', 'Short-Name': 'git', 'Plugin-Version': '5.2.0' } },
      ['org.jenkins-ci.plugins:git 5.2.0 at var/jenkins/git.jpi!/META-INF/MANIFEST.MF'],
    ],
    [
      'without a version, so the result is incomplete',
      'srv/app.jar',
      { classes: ['com/example/app/A'] },
      [
        'app  at srv/app.jar',
        'library-version-unknown: "srv/app.jar" does not state the version of "app", so the library was not matched',
      ],
    ],
  ])('%s', (_, path, jar, expected) => {
    expect(read(path, jar)).toEqual(expected);
  });

  it('by pom.xml, whose group and version may be those of the parent', () => {
    const xml =
      '<project><parent><groupId>g</groupId><version>1.2</version></parent><artifactId>a</artifactId><dependencies><dependency><version>9</version></dependency></dependencies></project>';
    const members = { 'META-INF/maven/g/a/pom.xml': xml };
    expect(read('a.jar', { members, classes: ['a/B'] })).toEqual(['g:a 1.2 at a.jar!/META-INF/maven/g/a/pom.xml']);
    expect(read('a.jar', { members, poms: ['g:a:1.2.1'] })).toEqual([`g:a 1.2.1 at a.jar!/${pom('g:a')}`]);
  });
});

describe('an archive of an uncertain group may be', () => {
  it.each<[what: string, path: string, jar: BuiltJar, name: string, candidates: readonly string[]]>([
    [
      'the artifact after which its packages are named',
      'jcommander-1.82.jar',
      { classes: ['com/beust/jcommander/A', 'com/beust/jcommander/converters/B'] },
      'jcommander',
      [
        'com.beust:jcommander',
        'org.jcommander:jcommander',
        'com.beust.jcommander:jcommander',
        'com.beust.jcommander.converters:jcommander',
      ],
    ],
    [
      'the artifact in its manifest',
      'tomcat10-util-10.1.60.jar',
      { manifest: { 'Bundle-SymbolicName': 'org.apache.tomcat-util' }, classes: ['org/apache/tomcat/A'] },
      'tomcat10-util',
      ['org.apache.tomcat:tomcat10-util', 'org.apache.tomcat:tomcat-util'],
    ],
    [
      'of the vendor in its manifest',
      'core-1.0.jar',
      { manifest: { 'Implementation-Vendor-Id': 'org.example.core' }, classes: ['core/A'] },
      'core',
      ['org.example.core:core'],
    ],
    [
      'of a group with another name',
      'okhttp-5.5.0.jar',
      { classes: ['okhttp3/A'] },
      'okhttp',
      ['com.squareup.okhttp3:okhttp'],
    ],
    [
      'an artifact to which a distribution added a number',
      'commons-collections3-3.2.2.jar',
      { classes: ['org/apache/commons/collections/A'] },
      'commons-collections3',
      [
        'commons-collections:commons-collections3',
        'commons-collections:commons-collections',
        'org.apache.commons:commons-collections3',
        'org.apache.commons:commons-collections',
        'org.apache.commons.collections:commons-collections3',
        'org.apache.commons.collections:commons-collections',
      ],
    ],
    [
      'nothing, if no name identifies it',
      'a-1.0.jar',
      {
        manifest: {
          'Automatic-Module-Name': 'org.example',
          'Main-Class': 'org.example.Main',
          'Bundle-Activator': 'org.x.Y',
        },
        classes: ['a/A', 'Main'],
      },
      'a',
      [],
    ],
  ])('%s', (_, path, jar, name, candidates) => {
    expect(candidatesOf(path, jar)).toMatchObject({ name, candidates });
  });

  it('each of its candidates, which advisories match; the feature lists the candidates in order', () => {
    const { features = [] } = javaArchives.read(
      'okhttp-5.5.0.jar',
      jarOf({ classes: ['okhttp3/A', 'com/squareup/B'] }),
    );
    expect(features.map(({ feature }) => feature)).toEqual([
      {
        type: 'maven',
        name: 'okhttp',
        version: '5.5.0',
        candidates: ['com.squareup.okhttp3:okhttp', 'com.squareup:okhttp'],
      },
    ]);
  });

  it('certain if it has a descriptor', () => {
    expect(candidatesOf('a.jar', { poms: ['g:a:1'] })).not.toHaveProperty('candidates');
  });
});

describe('log4j-core 2.14.1 is found', () => {
  const at = (path: string): string => `org.apache.logging.log4j:log4j-core 2.14.1 at ${path}!/${pom(LOG4J)}`;

  it('in an archive, and inside others', () => {
    const war = jarOf({ members: { 'WEB-INF/lib/log4j-core-2.14.1.jar': LOG4J_JAR } });
    expect(read('a/log4j-core-2.14.1.jar', LOG4J_JAR)).toEqual([at('a/log4j-core-2.14.1.jar')]);
    const boot = { isStored: true, members: { 'BOOT-INF/lib/log4j-core-2.14.1.jar': LOG4J_JAR } };
    expect(read('boot.jar', boot)).toEqual([at('boot.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar')]);
    expect(read('shop.ear', { members: { 'shop.war': war } })).toEqual([
      at('shop.ear!/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar'),
    ]);
    const script = Buffer.concat([Buffer.from('#!/bin/bash\nexec java -jar "$0"\n'), jarOf(boot)]);
    expect(read('run.jar', script)).toEqual([at('run.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar')]);
  });

  it('shaded with its descriptor, also with renamed classes', () => {
    const poms = ['org.example:app:1.0', LOG4J];
    for (const name of [JNDI, `shaded/${JNDI}`]) {
      expect(read('app-1.0.jar', { poms, classes: [name] })).toEqual([
        `org.example:app 1.0 at app-1.0.jar!/${pom('org.example:app')}`,
        `org.apache.logging.log4j:log4j-core 2.14.1 bundled at app-1.0.jar!/${pom(LOG4J)}`,
      ]);
    }
  });

  it('shaded without its descriptor: by a class; the version is unknown, so the result is incomplete', () => {
    const jar = { poms: ['org.example:app:1.0'], classes: [`x/${JNDI}`] };
    expect(read('app-1.0.jar', jar)).toEqual([
      `org.example:app 1.0 at app-1.0.jar!/${pom('org.example:app')}`,
      `org.apache.logging.log4j:log4j-core  bundled at app-1.0.jar!/x/${JNDI}.class`,
      `library-version-unknown: "app-1.0.jar!/x/${JNDI}.class" is a class of org.apache.logging.log4j:log4j-core, but the archive does not state the version, so the library was not matched`,
    ]);
  });

  it('with the version in the list of dependencies that Apache adds, if there is one', () => {
    const line = (version: string): string =>
      `  - Apache Log4j API (https://…) org.apache.logging.log4j:log4j-api:jar:${version}\n`;
    const found = (text: string): readonly string[] =>
      read('app.jar', { poms: ['org.example:app:1.0'], classes: [JNDI], members: { 'META-INF/DEPENDENCIES': text } });
    expect(found(`From: 'Apache'\n${line('2.14.1')}${line('2.14.1')}`).slice(1)).toEqual([
      `org.apache.logging.log4j:log4j-core 2.14.1 bundled at app.jar!/${JNDI}.class`,
      expect.stringMatching(
        /^library-version-uncertain: .* the version 2\.14\.1 of the library was derived from META-INF\/DEPENDENCIES$/,
      ),
    ]);
    expect(found(`${line('2.14.1')}${line('2.17.1')}`).at(-1)).toMatch(/^library-version-unknown/);
  });

  it('not in log4j-api, nor where the class was removed', () => {
    expect(
      read('log4j-api-2.14.1.jar', { poms: ['org.apache.logging.log4j:log4j-api:2.14.1'], classes: ['a/B'] }),
    ).toHaveLength(1);
    expect(
      read('app.jar', { poms: ['org.example:app:1.0'], classes: ['org/apache/logging/log4j/core/lookup/MapLookup'] }),
    ).toHaveLength(1);
  });
});

describe('nothing is found in', () => {
  it.each<[what: string, path: string, content: BuiltJar | Buffer]>([
    ['sources', 'a-1.0-sources.jar', { poms: ['g:a:1.0'] }],
    ['documentation', 'a-1.0-javadoc.jar', { poms: ['g:a:1.0'] }],
    ['tests', 'a-1.0-tests.jar', { poms: ['g:a:1.0'], classes: ['a/B'] }],
    ['resources without a descriptor', 'a-1.0.jar', { members: { 'a.txt': 'text' } }],
    ['an empty archive', 'a-1.0.jar', {}],
    ['an empty file', 'a.jar', Buffer.alloc(0)],
    ['an archive of WinRAR', 'a.rar', Buffer.from('Rar!\u001a\u0007')],
    [
      'agents that are named after a library',
      'spring-3.0.0-1.0.jar',
      { manifest: { 'Weave-Classes': 'x' }, classes: ['a/B'] },
    ],
    [
      'other files named as descriptors',
      'a.jar',
      { members: { 'x/pom.properties': 'groupId=g\nartifactId=a\nversion=1' } },
    ],
  ])('%s', (_, path, content) => {
    expect(read(path, content)).toEqual([]);
  });
});

describe('a diagnostic reports', () => {
  it('a file that is not an archive', () => {
    expect(read('x/a.jar', Buffer.from('version https://git-lfs.github.com/spec/v1\n'))).toEqual([
      'archive-unreadable: libraries may be missing in "x/a.jar": the archive has no central directory',
    ]);
  });

  it('damage in several archives once', () => {
    const members = { 'lib/a.jar': 'text', 'lib/b.jar': 'text', 'lib/log4j-core-2.14.1.jar': LOG4J_JAR };
    const found = read('app.war', { members });
    expect(found.at(-1)).toBe(
      'archive-unreadable: libraries may be missing in "app.war!/lib/a.jar": the archive has no central directory, and 1 more fault',
    );
    expect(found).toHaveLength(2);
  });

  it('archives that are too deep', () => {
    let jar = LOG4J_JAR;
    for (let depth = 0; depth < 9; depth += 1) jar = jarOf({ members: { 'x.jar': jar } });
    expect(read('deep.jar', jar)).toEqual([
      `archive-unreadable: libraries may be missing in "deep.jar${'!/x.jar'.repeat(8)}": "x.jar" is nested in more than 8 archives`,
    ]);
  });

  it('a descriptor without a version', () => {
    const found = read('a.jar', { poms: ['g:a:1', 'g:b:${project.version}'] });
    expect(found.at(-1)).toBe(`library-unreadable: "a.jar!/${pom('g:b')}" was skipped: it has no valid version`);
  });

  it('a damaged descriptor', () => {
    const zip = zipOf({ name: pom('g:a'), content: 'version=1', checksum: 5 });
    expect(read('a.jar', zip)).toEqual([
      `g:a 1 at a.jar!/${pom('g:a')}`,
      `archive-unreadable: libraries may be missing in "a.jar": ${JSON.stringify(pom('g:a'))} has a wrong checksum`,
    ]);
  });
});
