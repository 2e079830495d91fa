/**
 * Compares the owners of files in real images with rpm and dpkg; for Alpine, lists the owners of all programs, because
 * Debian has no package of apk. The test's detector reports every executable, or every file with a known name.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileBytes } from '../../../src/bytes/file-bytes.ts';
import { inChunks, type Member, tarOf } from '../../../src/bytes/testing/tar-builder.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { Layer } from '../../../src/model/layer.ts';
import type { Detector } from '../../../src/worker/detectors/detector.ts';
import { DETECTORS } from '../../../src/worker/detectors/index.ts';
import type { PathPattern } from '../../../src/worker/detectors/path-pattern.ts';
import type { LayerSource } from '../../../src/worker/sources/layer-source.ts';
import { createLocalWorker } from '../../../src/worker/testing/local-worker.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { output, outputLines, works } from '../program.ts';

const HAS_RPM = works('rpm', ['--version']);
if (!HAS_RPM)
  console.warn('owned-features: SKIPPED the comparison with rpm, missing the program rpm (Debian package rpm)');
const HAS_DPKG = works('dpkg-query', ['--version']) && existsSync('/var/lib/dpkg/diversions');
if (!HAS_DPKG) console.warn('owned-features: SKIPPED the comparison with dpkg, this system has no dpkg database');

const folder = mkdtempSync(join(tmpdir(), 'clair-owned-'));
afterAll(() => rmSync(folder, { recursive: true }));

let store: Store;
beforeEach(async () => {
  store = await openStore(newDatabase());
});
afterEach(async () => await store.close());

/** The name of the features that {@link everyFile} reports. */
const EVERY_FILE = 'every-file';

function everyFile(...wants: readonly PathPattern[]): Detector {
  return {
    id: EVERY_FILE,
    kind: 'features',
    version: 1,
    wants,
    read: (path) => ({
      // The type does not matter, but must be one of the known ecosystems.
      features: [
        {
          feature: {
            type: 'deb',
            name: EVERY_FILE,
            version: '1',
            arch: '',
            source: { name: EVERY_FILE, version: '1' },
          },
          path,
        },
      ],
      diagnostics: [],
    }),
  };
}

const EXECUTABLES = everyFile({ kind: 'executable' });

/** Returns the owner of each file that the detector reports in the topmost layer: name and version, or `nobody`. */
async function ownersIn(layers: readonly LayerSource[], detector: Detector): Promise<Readonly<Record<string, string>>> {
  const worker = createLocalWorker({ store, detectors: [...DETECTORS, detector] });
  let parent: Layer | null = null;
  for (const source of layers) parent = await worker.analyzeLayer({ name: source.where, parent, source });
  const features = await store.layers.features(parent?.id ?? 0);
  const located = features.filter(({ feature, path }) => path !== '' && feature.name === EVERY_FILE);
  const owners = located.map(({ path, owner }) => {
    return [path, owner === undefined ? 'nobody' : `${owner.feature.name} ${owner.feature.version}`] as const;
  });
  return Object.fromEntries(owners.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const archived = (path: string): LayerSource => ({ where: path, open: async () => fileBytes(path) });
const made = (where: string, ...members: readonly Member[]): LayerSource => ({
  where,
  open: async () => inChunks(tarOf(...members)),
});

const ALPINE = 'images/alpine/alpine-minirootfs-3.18.9-x86_64.tar.gz';

describeShared('the owners of the Alpine programs', [ALPINE], () => {
  it('are the packages whose records list them', async () => {
    const owners = await ownersIn([archived(sharedPath(ALPINE))], EXECUTABLES);
    expect(owners).toEqual({
      'bin/busybox': 'busybox 1.36.1-r7',
      'lib/ld-musl-x86_64.so.1': 'musl 1.2.4-r2',
      'lib/libapk.so.2.14.0': 'apk-tools 2.14.4-r0',
      'lib/libcrypto.so.3': 'libcrypto3 3.1.7-r0',
      'lib/libssl.so.3': 'libssl3 3.1.7-r0',
      'lib/libz.so.1.2.13': 'zlib 1.2.13-r1',
      'sbin/apk': 'apk-tools 2.14.4-r0',
      'usr/bin/getconf': 'musl-utils 1.2.4-r2',
      'usr/bin/getent': 'musl-utils 1.2.4-r2',
      'usr/bin/iconv': 'musl-utils 1.2.4-r2',
      'usr/bin/scanelf': 'scanelf 1.3.7-r1',
      'usr/bin/ssl_client': 'ssl_client 1.36.1-r7',
      'usr/lib/engines-3/afalg.so': 'libcrypto3 3.1.7-r0',
      'usr/lib/engines-3/capi.so': 'libcrypto3 3.1.7-r0',
      'usr/lib/engines-3/loader_attic.so': 'libcrypto3 3.1.7-r0',
      'usr/lib/engines-3/padlock.so': 'libcrypto3 3.1.7-r0',
      'usr/lib/ossl-modules/legacy.so': 'libcrypto3 3.1.7-r0',
    });
  });
});

const ALMALINUX = 'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz';

describeShared('the owners of the AlmaLinux programs', [ALMALINUX], () => {
  const archive = sharedPath(ALMALINUX);

  it('are known for all programs', async () => {
    const owners = await ownersIn([archived(archive)], EXECUTABLES);
    expect(Object.keys(owners)).toHaveLength(69);
    expect(owners).toMatchObject({
      'usr/bin/coreutils': 'coreutils-single 8.32-32.el9',
      'usr/lib/ld-linux-aarch64.so.1': 'glibc 2.34-40.el9_1.1',
    });
    expect(Object.entries(owners).filter(([, owner]) => owner === 'nobody')).toEqual([]);
  });

  it.skipIf(!HAS_RPM)('are the owners according to rpm, through the links of the merged /usr', async () => {
    await output('tar', ['-xf', archive, '-C', folder, 'var/lib/rpm/rpmdb.sqlite']);
    const query =
      'rpm --dbpath "$0" -qa --nosignature --nodigest --qf "[%{INSTFILENAMES}|%{=NAME} %{=VERSION}-%{=RELEASE}\\n]"';
    const lines = await outputLines('sh', ['-c', `${query} 2>/dev/null`, join(folder, 'var/lib/rpm')]);
    const byPath = new Map(
      lines.map((line) => line.split('|')).map(([path = '', owner = '']) => [merged(path), owner]),
    );
    const owners = await ownersIn([archived(archive)], EXECUTABLES);
    expect(owners).toEqual(Object.fromEntries(Object.keys(owners).map((path) => [path, byPath.get(path)])));
  });
});

function merged(path: string): string {
  return path.slice(1).replace(/^(?:bin|sbin|lib|lib64)\//, 'usr/$&');
}

const TRIXIE = 'images/debian-dbonly/trixie.layer.tar.xz';
const BULLSEYE = 'images/debian-dbonly/bullseye.layer.tar.xz';

describeShared('the owners of files of a real Debian database', [TRIXIE, BULLSEYE], () => {
  // The real layers contain only databases. The test adds files in a lower layer, because files of an upper layer would
  // replace the packages' files. The top layer contains the file lists in the format of the dpkg of the release.
  const list = (name: string, ...paths: readonly string[]): Member => {
    return { name: `var/lib/dpkg/info/${name}.list`, content: `/.\n${paths.join('\n')}\n` };
  };
  const lists = [
    list('libc6:amd64', '/lib', '/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu/libc.so.6'),
    list('dash', '/bin', '/bin/dash', '/bin/sh'),
    list('no-such-package', '/usr/bin/other'),
    { name: 'var/lib/dpkg/diversions', content: '/bin/sh\n/bin/sh.distrib\nbash\n' },
  ];
  const ELF = { content: `\x7fELF${'\0'.repeat(60)}` };
  const files = [
    { name: 'bin', type: '2', link: 'usr/bin' },
    { name: 'lib', type: '2', link: 'usr/lib' },
    ...['usr/lib/x86_64-linux-gnu/libc.so.6', 'usr/bin/dash', 'usr/bin/other', 'usr/bin/sh.distrib', 'usr/bin/sh'].map(
      (name) => ({ name, ...ELF }),
    ),
  ];

  it.each([
    [TRIXIE, '0.5.12-12', '2.41-12+deb13u5'],
    [BULLSEYE, '0.5.11+git20200708+dd9ef66-5', '2.31-13+deb11u11'],
  ])('of %s are packages of its status file', async (image, dash, libc) => {
    const layers = [made('files', ...files), archived(sharedPath(image)), made('lists', ...lists)];
    const owners = await ownersIn(layers, EXECUTABLES);
    expect(owners).toEqual({
      'usr/bin/dash': `dash ${dash}`,
      'usr/bin/other': 'nobody',
      // Because of the diversion, this file can only belong to bash, whose list this layer does not contain.
      'usr/bin/sh': 'nobody',
      'usr/bin/sh.distrib': `dash ${dash}`,
      'usr/lib/x86_64-linux-gnu/libc.so.6': `libc6 ${libc}`,
    });
  });
});

describe.skipIf(!HAS_DPKG)('the owners of files of this system', () => {
  const EVIDENCE = ['METADATA', 'PKG-INFO', 'package.json'];
  const SUFFIXES = ['.jar', '.gemspec'];

  it('are the owners according to dpkg', async () => {
    const archive = join(folder, 'system.tar');
    const wanted = [...EVIDENCE, ...SUFFIXES.map((suffix) => `*${suffix}`)].flatMap((name) => ['-o', '-name', name]);
    const found = await outputLines('find', ['/usr', '-xdev', '-type', 'f', '(', ...wanted.slice(1), ')']);
    const database = readdirSync('/var/lib/dpkg/info').filter((name) => name.endsWith('.list'));
    const members = [
      'etc/os-release',
      'usr/lib/os-release',
      'bin',
      'sbin',
      'lib',
      'var/lib/dpkg/status',
      'var/lib/dpkg/diversions',
      ...database.map((name) => `var/lib/dpkg/info/${name}`),
      ...found.map((path) => path.slice(1)),
    ];
    writeFileSync(join(folder, 'members'), members.join('\n'));
    await output('tar', ['-cf', archive, '-C', '/', '--verbatim-files-from', '-T', join(folder, 'members')]);
    const patterns = [
      ...EVIDENCE.map((name) => ({ kind: 'basename', name }) as const),
      ...SUFFIXES.map((suffix) => ({ kind: 'suffix', suffix }) as const),
    ];
    const owners = await ownersIn([archived(archive)], everyFile(...patterns));
    expect(owners).toEqual(await ownersByDpkg(found));
  });
});

/**
 * Returns the owner of each path according to dpkg; if there are several owners, the first owner by name, architecture
 * and version. Packages can list paths without `usr`.
 */
async function ownersByDpkg(paths: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const versions = new Map(
    (await outputLines('dpkg-query', ['-W', '-f', '${binary:Package} ${Package} ${Version}\\n'])).map((line) => {
      const [full = '', name = '', version = ''] = line.split(' ');
      return [full, `${name} ${version}`];
    }),
  );
  const asked = join(folder, 'paths');
  writeFileSync(asked, paths.flatMap((path) => [path, path.replace(/^\/usr/, '')]).join('\n'));
  // The exit status is not 0 when a path has no owner.
  const lines = await outputLines('sh', ['-c', 'xargs -d "\\n" dpkg-query -S -- 2>/dev/null < "$0" || true', asked]);
  const owners = new Map<string, string>();
  for (const line of lines) {
    const [, packages = '', path = ''] = /^(\S+(?:, \S+)*): (\/.*)$/.exec(line) ?? [];
    const [first = ''] = packages.split(', ').toSorted();
    if (!owners.has(merged(path))) owners.set(merged(path), versions.get(first) ?? 'nobody');
  }
  return Object.fromEntries(paths.map((path) => [path.slice(1), owners.get(merged(path)) ?? 'nobody']));
}
