/** Reads Java archives from npm packages and Debian packages; the expected coordinates come from Maven Central. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { inChunks } from '../../../src/bytes/testing/tar-builder.ts';
import { zipInMemory } from '../../../src/bytes/zip/bytes.ts';
import { zipOf } from '../../../src/bytes/testing/zip-builder.ts';
import { isLibrary } from '../../../src/model/package-kind.ts';
import { DETECTORS } from '../../../src/worker/detectors/index.ts';
import type { JarLibrary } from '../../../src/worker/detectors/libraries/maven/jar-libraries.ts';
import { readLibraries } from '../../../src/worker/detectors/libraries/maven/read-libraries.ts';
import { withOwners } from '../../../src/worker/detectors/owner-detectors.ts';
import { readLayer } from '../../../src/worker/layer/layer-reader.ts';
import { initialState, type LayerConclusion, nextState } from '../../../src/worker/layer/layer-state.ts';
import { output, works } from '../program.ts';
import { installDebs } from './whole-image.ts';

const NPM_PACKAGES = ['google-closure-compiler-java@20261015.0.0', 'allure-commandline@2.46.1'];
const DEBIAN_PACKAGES = [
  'ant',
  'libcommons-collections3-java',
  'libdom4j-java',
  'libguava-java',
  'libh2-java',
  'libhsqldb-java',
  'libjackson2-databind-java',
  'liblog4j2-java',
  'libpostgresql-jdbc-java',
  'libprotobuf-java',
  'libspring-beans-java',
  'libspring-core-java',
  'libtomcat10-java',
  'libxerces2-java',
];

const IS_NPM_REACHABLE =
  works('npm', ['--version']) &&
  works('npm', ['view', NPM_PACKAGES[0] ?? '', 'version', '--fetch-retries=0', '--fetch-timeout=15000']);
const HAS_APT = works('apt-get', ['--version']) && works('dpkg-deb', ['--version']);
const MISSING = [...(IS_NPM_REACHABLE ? [] : ['the npm registry']), ...(HAS_APT ? [] : ['apt-get and dpkg-deb'])];
const IS_SKIPPED = MISSING.length > 0 && env['CI'] !== 'true';
if (MISSING.length > 0) console.warn(`java: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(' and ')}`);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clair-java-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function conclusionOf(directory: string): Promise<LayerConclusion> {
  const tar = execFileSync('tar', ['-c', '-C', directory, '.'], { maxBuffer: 1024 ** 3 });
  const detectors = withOwners(DETECTORS);
  const { contents } = await readLayer({ where: directory, open: async () => inChunks(tar) }, detectors);
  return nextState(initialState(), contents, detectors).conclusion;
}

function librariesOf(path: string): readonly JarLibrary[] {
  return readLibraries(basename(path), zipInMemory(readFileSync(path))).libraries;
}

/** Returns the archive with this name in a directory or its subdirectories. */
function jarIn(directory: string, name: RegExp): string {
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((each) =>
    name.test(basename(each)),
  );
  expect(found, `${name} in ${directory}`).not.toEqual([]);
  return join(directory, found[0] ?? '');
}

/** Archives without pom.properties: the artifact, and the name of its file. */
const ALLURE = [
  ['com.beust:jcommander', /^jcommander-/],
  ['org.freemarker:freemarker', /^freemarker-/],
  ['com.squareup.okhttp3:okhttp-jvm', /^okhttp-jvm-/],
  ['com.squareup.okio:okio-jvm', /^okio-jvm-/],
  ['com.squareup.retrofit2:retrofit', /^retrofit-/],
  ['com.squareup.retrofit2:converter-jackson', /^converter-jackson-/],
  ['org.jetbrains.kotlin:kotlin-stdlib', /^kotlin-stdlib-/],
  ['io.qameta.allure:allure-model', /^allure-model-/],
  ['io.qameta.allure:allure-plugin-api', /^allure-plugin-api-/],
] as const;
const DEBIAN = [
  ['org.apache.ant:ant', /^ant-[\d.]+jar$/],
  ['commons-collections:commons-collections', /^commons-collections3-[\d.]+jar$/],
  ['org.dom4j:dom4j', /^dom4j-[\d.]+jar$/],
  ['com.h2database:h2', /^h2-[\d.]+jar$/],
  ['org.hsqldb:hsqldb', /^hsqldb-[\d.]+jar$/],
  ['org.postgresql:postgresql', /^postgresql-[\d.]+jar$/],
  ['com.google.protobuf:protobuf-util', /^protobuf-util-[\d.]+jar$/],
  ['org.springframework:spring-core', /^spring3-core-3/],
  ['org.springframework:spring-beans', /^spring3-beans-3/],
  ['org.apache.tomcat:tomcat-catalina', /^tomcat10-catalina-[\d.]+jar$/],
  ['org.apache.tomcat:tomcat-coyote', /^tomcat10-coyote-[\d.]+jar$/],
  ['org.apache.tomcat:tomcat-jasper', /^tomcat10-jasper-[\d.]+jar$/],
  ['org.apache.tomcat:tomcat-util', /^tomcat10-util-[\d.]+jar$/],
  ['xerces:xercesImpl', /^xercesImpl-[\d.]+jar$/],
] as const;

describe.skipIf(IS_SKIPPED)('the libraries in real archives', { timeout: 300_000 }, () => {
  const npm = join(folder, 'npm');
  const debian = join(folder, 'debian');
  const jars = join(debian, 'usr/share/java');

  it('of npm packages and Debian packages are installed', async () => {
    expect(MISSING).toEqual([]);
    mkdirSync(npm);
    writeFileSync(join(npm, 'package.json'), '{"private":true}');
    await output('npm', ['install', '--prefix', npm, '--ignore-scripts', '--prefer-offline', ...NPM_PACKAGES]);
    const debs = join(folder, 'debs');
    mkdirSync(debs);
    execFileSync('apt-get', ['download', '-q', ...DEBIAN_PACKAGES], { cwd: debs, stdio: 'pipe' });
    installDebs(
      debian,
      readdirSync(debs).map((name) => join(debs, name)),
    );
    const release = join(debian, 'usr/lib');
    mkdirSync(release, { recursive: true });
    writeFileSync(join(release, 'os-release'), 'ID=debian\nVERSION_ID=13\n');
  });

  it('are all found in a shaded archive, and no others', () => {
    const found = librariesOf(join(npm, 'node_modules/google-closure-compiler-java/compiler.jar'));
    expect(found.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual([
      'args4j:args4j 2.33',
      'com.google.auto.value:auto-value-annotations 1.11.0',
      'com.google.code.gson:gson 2.9.1',
      'com.google.errorprone:error_prone_annotations 2.36.0',
      'com.google.guava:failureaccess 1.0.3',
      'com.google.guava:guava 33.4.6-jre',
      'com.google.guava:listenablefuture 9999.0-empty-to-avoid-conflict-with-guava',
      'com.google.j2objc:j2objc-annotations 3.0.0',
    ]);
    for (const { path } of found)
      expect(path).toMatch(/^compiler\.jar!\/META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/);
  });

  it('have the right version, and the right artifact among the candidates, without a descriptor', () => {
    const allure = join(npm, 'node_modules/allure-commandline/dist');
    const truth = [
      ...ALLURE.map(([artifact, name]) => [artifact, jarIn(allure, name)] as const),
      ...DEBIAN.map(([artifact, name]) => [artifact, jarIn(jars, name)] as const),
    ];
    const wrong = truth.filter(([artifact, path]) => {
      const [found, ...others] = librariesOf(path);
      const version = /-(\d[\d.]*)\.jar$/.exec(path)?.[1] ?? found?.version;
      const isRight = found?.version === version && found?.candidates?.includes(artifact) === true;
      // The groups of these archives are uncertain, so no name contains a colon.
      return !isRight || others.length > 0 || found.name.includes(':');
    });
    expect(truth.length).toBeGreaterThanOrEqual(20);
    expect(wrong).toEqual([]);
  });

  it('are owned by the Debian packages, each once, and have no owner elsewhere', async () => {
    const copies = join(debian, 'opt/app');
    mkdirSync(copies, { recursive: true });
    for (const name of ['log4j-core', 'jackson-databind', 'guava', 'tomcat10-catalina', 'spring3-core']) {
      const [real] = readdirSync(jars)
        .filter((each) => each.startsWith(`${name}-`))
        .map((each) => realpathSync(join(jars, each)));
      copyFileSync(real ?? '', join(copies, basename(real ?? '')));
    }
    const { features, owners, diagnostics } = await conclusionOf(debian);
    const libraries = [...features].filter(([, { feature }]) => isLibrary(feature) && feature.type === 'maven');
    const unowned = libraries.filter(([key]) => !owners.has(key));
    const shown = unowned.map(([, { feature, path }]) => {
      const candidates = 'candidates' in feature ? (feature.candidates ?? []) : [];
      const known = ['org.springframework:spring-core', 'org.apache.tomcat:tomcat-catalina'];
      const name = known.find((each) => candidates.includes(each)) ?? feature.name;
      // Debian updates change the versions in the names of these archives.
      return `${name} ${path.replace(/-\d[\w.]*(?:-jre)?\.jar/, '.jar')}`;
    });
    expect(shown).toEqual([
      'com.google.guava:guava opt/app/guava.jar!/META-INF/maven/com.google.guava/guava/pom.properties',
      'com.fasterxml.jackson.core:jackson-databind opt/app/jackson-databind.jar!/META-INF/maven/com.fasterxml.jackson.core/jackson-databind/pom.properties',
      'org.apache.logging.log4j:log4j-core opt/app/log4j-core.jar!/META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties',
      'org.springframework:spring-core opt/app/spring3-core.jar!/META-INF/MANIFEST.MF',
      'org.apache.tomcat:tomcat-catalina opt/app/tomcat10-catalina.jar',
    ]);
    expect(unowned.filter(([, { feature }]) => !/^\d+\.\d+/.test(feature.version))).toEqual([]);
    const places = libraries.map(([, { path }]) => path);
    expect(new Set(places).size).toBe(places.length);
    expect(places.length).toBeGreaterThan(50);
    // Debian's archives may lack a version, because Debian's advisories apply to these archives.
    const reported = diagnostics.filter(({ code }) => /^(?:archive|library)-/.test(code));
    expect(reported.filter(({ owner }) => owner === undefined)).toEqual([]);
    expect(reported.map(({ code, where }) => `${code} ${where}`).toSorted()).toEqual([
      'library-version-unknown usr/share/ant/etc/ant-bootstrap.jar',
      'library-version-unknown usr/share/java/xercesSamples.jar',
    ]);
  });

  it('are found at the fourth depth', () => {
    const log4j = readFileSync(join(debian, 'opt/app/log4j-core.jar'));
    const agent = zipOf({ name: 'lib/log4j-core-2.19.0.jar', content: log4j });
    const boot = zipOf({ name: 'BOOT-INF/lib/agent-1.jar', content: agent, method: 'stored' });
    const war = zipOf({ name: 'WEB-INF/lib/boot.jar', content: boot });
    const path = join(folder, 'shop.ear');
    writeFileSync(path, zipOf({ name: 'shop.war', content: war }));
    expect(librariesOf(path).map(({ name, path: at }) => `${name} ${at}`)).toEqual([
      'org.apache.logging.log4j:log4j-core shop.ear!/shop.war!/WEB-INF/lib/boot.jar!/BOOT-INF/lib/agent-1.jar!/lib/log4j-core-2.19.0.jar!/META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties',
    ]);
  });
});
