/** Tests which installed libraries a package of the distribution owns, on the overlaid layers, with all detectors. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Member } from '../bytes/testing/tar-builder.ts';
import type { Store } from '../database/contracts/store.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import { DETECTORS } from './detectors/index.ts';
import { fileTags, rpmHeaderOf, textTag } from './detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from './detectors/packages/rpm/testing/rpm-sqlite.ts';
import { jarOf } from './detectors/libraries/maven/testing/jar-builder.ts';
import { file, gone, hard, layeredImage, link } from './testing/layered-image.ts';
import { createLocalWorker } from './testing/local-worker.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(async () => await store.close());

/** Returns `NAME VERSION by OWNER` for each library of the image. */
async function librariesOf(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(layeredImage(...layers));
  const installed = await store.layers.features(stored.at(-1)?.id ?? 0);
  const libraries = installed.filter(({ path }) => path !== '');
  return libraries
    .map(({ feature, owner, judgedBy }) => {
      const by = owner?.feature.name ?? (judgedBy === undefined ? 'nobody' : 'a package');
      return `${feature.name} ${feature.version} by ${by}`;
    })
    .toSorted();
}

const DEBIAN = file('etc/os-release', 'ID=debian\nVERSION_ID=13\n');
const INFO = 'var/lib/dpkg/info';
const SITE = 'usr/lib/python3/dist-packages';

function status(...packages: readonly string[]): Member {
  const stanzas = packages.map((written) => {
    const [name = '', version = '1', arch = 'amd64'] = written.split(' ');
    return `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: ${arch}\n`;
  });
  return file('var/lib/dpkg/status', stanzas.join('\n'));
}

const list = (name: string, ...paths: readonly string[]): Member =>
  file(`${INFO}/${name}.list`, ['/.', ...paths].map((path) => `${path}\n`).join(''));
const metadata = (name: string, version: string, directory = SITE): Member =>
  file(
    `${directory}/${name}-${version}.dist-info/METADATA`,
    `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  );
const URLLIB3 = `${SITE}/urllib3-2.3.0.dist-info/METADATA`;

describe('a Debian library', () => {
  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    [
      'has the package that lists its file, whatever their versions (34, 37)',
      [
        [
          DEBIAN,
          status('python3-urllib3 2.3.0-3+deb13u2'),
          list('python3-urllib3', `/${URLLIB3}`),
          metadata('urllib3', '2.3.0'),
        ],
      ],
      ['urllib3 2.3.0 by python3-urllib3'],
    ],
    [
      'has a package with checksums in a distroless image, also under a name in base64 (38, 39)',
      [
        [
          DEBIAN,
          file(
            'var/lib/dpkg/status.d/cHl0aG9uMy11cmxsaWIz',
            'Package: python3-urllib3\nVersion: 1\nArchitecture: all\n',
          ),
          file('var/lib/dpkg/status.d/cHl0aG9uMy11cmxsaWIz.md5sums', `${'0'.repeat(32)}  ${URLLIB3}\n`),
          status('ruby-rack'),
          list('ruby-rack', '/usr/share/rubygems-integration/all/specifications/rack-3.1.gemspec'),
          metadata('urllib3', '2.3.0'),
          file(
            'usr/share/rubygems-integration/all/specifications/rack-3.1.gemspec',
            's.name = "rack"\ns.version = "3.1"\n',
          ),
        ],
      ],
      ['rack 3.1 by ruby-rack', 'urllib3 2.3.0 by python3-urllib3'],
    ],
    [
      'has its package with a merged /usr, whether the list or the archive has the old path (40)',
      [
        [
          DEBIAN,
          status('a', 'b'),
          link('lib', 'usr/lib'),
          list('a', '/lib/python3/dist-packages/a-1.dist-info/METADATA'),
          list('b', `/${SITE}/b-1.dist-info/METADATA`),
          metadata('a', '1'),
          metadata('b', '1'),
        ],
      ],
      ['a 1 by a', 'b 1 by b'],
    ],
    [
      'has the package of the file before its diversion (41)',
      [
        [
          DEBIAN,
          status('a', 'b'),
          list('a', '/usr/share/nodejs/a/package.json'),
          file('var/lib/dpkg/diversions', '/usr/share/nodejs/a/package.json\n/usr/share/nodejs/old/package.json\nb\n'),
          list('b', '/usr/share/nodejs/a/package.json'),
          file('usr/share/nodejs/a/package.json', '{"name":"a","version":"2.0.0"}'),
          file('usr/share/nodejs/old/package.json', '{"name":"a","version":"1.0.0"}'),
        ],
      ],
      ['a 1.0.0 by a', 'a 2.0.0 by b'],
    ],
    [
      'has a package whose list names its architecture (42)',
      [[DEBIAN, status('a 1 i386'), list('a:i386', `/${URLLIB3}`), metadata('urllib3', '2.3.0')]],
      ['urllib3 2.3.0 by a'],
    ],
    [
      'has no package beside it: pip upgrades in /usr/local (33)',
      [
        [DEBIAN, status('python3-urllib3'), list('python3-urllib3', `/${URLLIB3}`), metadata('urllib3', '2.3.0')],
        [metadata('urllib3', '2.5.0', 'usr/local/lib/python3.13/dist-packages')],
      ],
      ['urllib3 2.3.0 by python3-urllib3', 'urllib3 2.5.0 by nobody'],
    ],
    [
      'has no package after an upper layer replaces the directory of its metadata (33, 45)',
      [
        [DEBIAN, status('python3-urllib3'), list('python3-urllib3', `/${URLLIB3}`), metadata('urllib3', '2.3.0')],
        [gone(`${SITE}/urllib3-2.3.0.dist-info`), metadata('urllib3', '2.5.0')],
      ],
      ['urllib3 2.5.0 by nobody'],
    ],
    [
      'has no package after the package is removed and the files are left (48)',
      [
        [
          DEBIAN,
          status('python3-urllib3', 'other'),
          list('python3-urllib3', `/${URLLIB3}`),
          metadata('urllib3', '2.3.0'),
        ],
        [status('other'), gone(`${INFO}/python3-urllib3.list`)],
      ],
      ['urllib3 2.3.0 by nobody'],
    ],
    [
      'has a package by INSTALLER while it is installed (26)',
      [
        [
          DEBIAN,
          status('python3-urllib3'),
          metadata('urllib3', '2.3.0'),
          file(`${SITE}/urllib3-2.3.0.dist-info/INSTALLER`, 'debian'),
        ],
      ],
      ['urllib3 2.3.0 by python3-urllib3'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await librariesOf(...layers)).toEqual(expected);
  });
});

it('a library of an rpm distribution has the package whose header lists its file (35)', async () => {
  const texts = ['python3-urllib3', '1.26.5', '5.el9'].map((text, at) => textTag(1000 + at, text));
  const site = 'usr/lib/python3.9/site-packages';
  const path = `${site}/urllib3-1.26.5.dist-info/METADATA`;
  const header = rpmHeaderOf([...texts, textTag(1022, 'noarch'), ...fileTags([`/${path}`])]);
  const members = [
    file('etc/os-release', 'ID=almalinux\nVERSION_ID=9.4\n'),
    file('var/lib/rpm/rpmdb.sqlite', sqliteDatabase([header])),
    metadata('urllib3', '1.26.5', site),
    metadata('requests', '2.0', site),
  ];
  expect(await librariesOf(members)).toEqual(['requests 2.0 by nobody', 'urllib3 1.26.5 by python3-urllib3']);
});

it('a library in an archive that an rpm package lists has this package as its owner, also in nested archives (83)', async () => {
  const texts = ['log4j', '2.17.1', '10.el9'].map((text, at) => textTag(1000 + at, text));
  const [core, web] = ['usr/share/java/log4j/log4j-core.jar', 'usr/share/java/shop.war'];
  const header = rpmHeaderOf([...texts, textTag(1022, 'noarch'), ...fileTags([`/${core}`, `/${web}`])]);
  const log4j = jarOf({
    poms: ['org.apache.logging.log4j:log4j-core:2.17.1'],
    classes: ['org/apache/logging/log4j/A'],
  });
  const api = jarOf({ poms: ['org.apache.logging.log4j:log4j-api:2.17.1'] });
  const members = [
    file('etc/os-release', 'ID=rhel\nVERSION_ID=9.4\n'),
    file('var/lib/rpm/rpmdb.sqlite', sqliteDatabase([header])),
    file(core, log4j),
    file(web, jarOf({ members: { 'WEB-INF/lib/log4j-api-2.17.1.jar': api } })),
    link('usr/share/maven-repo/log4j-core-2.17.1.jar', '../java/log4j/log4j-core.jar'),
    file('opt/app/log4j-core-2.17.1.jar', log4j),
  ];
  expect(await librariesOf(members)).toEqual([
    'org.apache.logging.log4j:log4j-api 2.17.1 by log4j',
    'org.apache.logging.log4j:log4j-core 2.17.1 by log4j',
    'org.apache.logging.log4j:log4j-core 2.17.1 by nobody',
  ]);
});

it('a library of Alpine has the package whose record lists its file', async () => {
  const members = [
    file('etc/os-release', 'ID=alpine\nVERSION_ID=3.20.1\n'),
    file('lib/apk/db/installed', 'P:npm\nV:10-r0\nA:x86_64\nF:usr/lib/node_modules/npm\nR:package.json\n\n'),
    file('usr/lib/node_modules/npm/package.json', '{"name":"npm","version":"10.0.0"}'),
    file('usr/local/lib/node_modules/npm/package.json', '{"name":"npm","version":"11.0.0"}'),
  ];
  expect(await librariesOf(members)).toEqual(['npm 10.0.0 by npm', 'npm 11.0.0 by nobody']);
});

describe('a library in layers', () => {
  const manifest = (name: string, version: string, root = 'srv/app'): Member =>
    file(`${root}/node_modules/${name}/package.json`, JSON.stringify({ name, version }));

  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    ['is gone where a link replaces its directory (102)', [[manifest('a', '1.0.0')], [link('srv/app', '/opt')]], []],
    [
      'stays when the opaque marker of its directory follows it in the layer (103)',
      [[manifest('old', '1.0.0')], [manifest('a', '2.0.0'), file('srv/app/.wh..wh..opq', '')]],
      ['a 2.0.0 by nobody'],
    ],
    [
      'is replaced by an upgrade at the same path (104)',
      [
        [manifest('a', '1.0.0'), manifest('b', '1.0.0')],
        [manifest('a', '2.0.0'), gone('srv/app/node_modules/b')],
      ],
      ['a 2.0.0 by nobody'],
    ],
    [
      'is the new one after it was deleted and put back (105)',
      [[manifest('a', '1.0.0')], [gone('srv/app/node_modules/a')], [manifest('a', '3.0.0')]],
      ['a 3.0.0 by nobody'],
    ],
    [
      'is at both paths of a hard link (106)',
      [[manifest('a', '1.0.0'), hard('opt/node_modules/a/package.json', 'srv/app/node_modules/a/package.json')]],
      ['a 1.0.0 by nobody', 'a 1.0.0 by nobody'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await librariesOf(...layers)).toEqual(expected);
  });

  it('is reported when its file nests too deep or is cut by a NUL (107)', async () => {
    const [layer] = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(
      layeredImage([
        file('srv/node_modules/a/package.json', '['.repeat(1_000_000)),
        file(`${SITE}/b-1.dist-info/METADATA`, 'Name: b\0\nVersion: 1\n'),
      ]),
    );
    const codes = layer?.diagnostics.map(({ code }) => code) ?? [];
    expect(codes.filter((code) => code === 'library-unreadable')).toHaveLength(2);
  });
});
