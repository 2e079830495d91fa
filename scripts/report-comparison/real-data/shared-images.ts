import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { decompress } from '../../../src/bytes/compression.ts';
import { fileBytes } from '../../../src/bytes/file-bytes.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

export type ComparedImage = {
  readonly name: string;
  readonly target: string;
  /** The namespace that Clair must recognise; absent for images with their original os-release file. */
  readonly namespace?: string;
};

/** Archives of whole images. Paths are relative to `images`. */
const ARCHIVES: readonly (readonly [kind: 'docker-archive' | 'oci-archive', path: string])[] = [
  ['docker-archive', 'debian-dbonly/bullseye-4layers.docker-archive.tar.xz'],
  ['docker-archive', 'peers/alpine-310.tar.gz'],
  ['docker-archive', 'peers/docker-archives/hello-world.tar'],
  ['docker-archive', 'peers/docker-archives/java-uberjar.tar'],
  ['docker-archive', 'peers/docker-archives/nginx.tar'],
  ['oci-archive', 'peers/oci-archives/busybox-1.31.1.tar'],
  ['oci-archive', 'peers/oci-archives/oci-with-manifest.tar'],
];

/** Root file systems in tar archives, each scanned as an image with a single layer and as a directory. */
const ROOT_FILE_SYSTEMS = [
  'almalinux/almalinux-9-docker-aarch64-micro.tar.xz',
  'alpine/alpine-minirootfs-20240923-x86_64.tar.gz',
  'alpine/alpine-minirootfs-3.18.9-aarch64.tar.gz',
  'alpine/alpine-minirootfs-3.18.9-x86_64.tar.gz',
  'alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz',
  'alpine/library-3.4-a-rootfs.tar.xz',
  'alpine/library-3.4-c-rootfs.tar.gz',
  'busybox/busybox-musl-amd64-rootfs.tar.gz',
  'debian-dbonly/bullseye.layer.tar.xz',
  'debian-dbonly/trixie-ess.layer.tar.xz',
  'debian-dbonly/trixie.layer.tar.xz',
  'original/testdata/arch/arch.tar.gz',
  'original/testdata/arch/arch2.tar.gz',
  'original/testdata/arch/arch3.tar.gz',
];

/** Images that are built from layer tars, base first. */
const LAYERS: readonly (readonly [name: string, ...paths: string[]])[] = [
  [
    'original-dist-upgrade',
    'original/testdata/DistUpgrade/blank.tar.gz',
    'original/testdata/DistUpgrade/wheezy.tar.gz',
    'original/testdata/DistUpgrade/jessie.tar.gz',
  ],
  // The base image of the image above, so that a report names a base image.
  [
    'original-dist-upgrade-base',
    'original/testdata/DistUpgrade/blank.tar.gz',
    'original/testdata/DistUpgrade/wheezy.tar.gz',
  ],
  [
    'alpine-upgrade-to-edge',
    'alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz',
    'alpine/alpine-minirootfs-20240923-x86_64.tar.gz',
  ],
  [
    'debian-upgrade-to-trixie',
    'debian-dbonly/bullseye.layer.tar.xz',
    'debian-dbonly/trixie.layer.tar.xz',
    'original/pkg/tarutil/testdata/utils_test.tar.xz',
  ],
  ['original-utils-test', 'original/pkg/tarutil/testdata/utils_test.tar'],
  ['original-utils-test-bz2', 'original/pkg/tarutil/testdata/utils_test.tar.bz2'],
  ['original-utils-test-gz', 'original/pkg/tarutil/testdata/utils_test.tar.gz'],
  ['original-utils-test-xz', 'original/pkg/tarutil/testdata/utils_test.tar.xz'],
];

const DPKG = 'var/lib/dpkg/status';
const APK = 'lib/apk/db/installed';

/**
 * Package databases without an image. Each database is scanned once for each listed release, in a directory with the
 * os-release file of the release.
 */
const DATABASES: readonly (readonly [path: string, pathInImage: string, ...releases: string[]])[] = [
  ['dpkg/postgresql.status', DPKG, 'debian:10', 'debian:11'],
  ['dpkg/texlive.status', DPKG, 'ubuntu:18.04', 'debian:10'],
  ['original/ext/featurefmt/dpkg/testdata/status', DPKG, 'ubuntu:16.04', 'ubuntu:14.04'],
  ['original/ext/featurefmt/dpkg/testdata/status.v2', DPKG, 'ubuntu:16.04', 'debian:8'],
  ['original/ext/featurefmt/dpkg/testdata/valid', DPKG, 'ubuntu:18.04', 'ubuntu:16.04', 'debian:9'],
  ['original/ext/featurefmt/apk/testdata/installed', APK, 'alpine:v3.4', 'wolfi'],
  ['original/ext/featurefmt/apk/testdata/installed.v2', APK, 'alpine:v3.4', 'chainguard'],
  ['rpmdb/libuuid-bdb.Packages.xz', 'var/lib/rpm/Packages', 'rhel:8', 'centos:8', 'almalinux:8', 'rocky:8', 'oracle:8'],
  ['rpmdb/sle15-bci-ndb.Packages.db.xz', 'usr/lib/sysimage/rpm/Packages.db', 'sles:15.5', 'opensuse-leap:15.3'],
  ['rpmdb/cbl-mariner-2.0.rpmdb.sqlite.xz', 'var/lib/rpm/rpmdb.sqlite', 'mariner:2.0', 'mariner:1.0', 'azurelinux:3.0'],
  ['original/worker/detectors/namespace/nodejs/testdata/Packages', 'var/lib/rpm/Packages', 'centos:6', 'rhel:6'],
];

/** Files that are not images, with the reason; a name that ends in `/` is a folder. */
export const NO_IMAGES: readonly (readonly [path: string, reason: string])[] = [
  ['debian-dbonly/bullseye-4layers.expected.json', 'expected results of a test'],
  ['peers/alpine-310.trivy.json', 'a report of another scanner'],
  ['original/ext/featurefmt/npm/', 'npm manifests without an image'],
  ['original/ext/featurefmt/python_egg/', 'metadata of Python packages without an image'],
  ['original/ext/featurefmt/python_wheel/', 'metadata of Python packages without an image'],
  ['original/ext/featurefmt/rpm/', 'a Dockerfile and an expectation'],
  ['original/worker/detectors/feature/npm/', 'npm manifests without an image'],
];

/** Returns the paths of all files from which {@link sharedImages} makes images. */
export function namedImageFiles(): ReadonlySet<string> {
  const layers = LAYERS.flatMap(([, ...paths]) => paths);
  return new Set([
    ...ARCHIVES.map(([, path]) => path),
    ...ROOT_FILE_SYSTEMS,
    ...layers,
    ...DATABASES.map(([path]) => path),
  ]);
}

/**
 * Lists all images, and builds the composed images.
 *
 * @param images the folder of the real images
 * @param folder an empty output folder
 * @param osRelease returns the os-release file of a namespace
 */
export async function sharedImages(
  images: string,
  folder: string,
  osRelease: (namespace: string) => string,
): Promise<readonly ComparedImage[]> {
  const listed: ComparedImage[] = ARCHIVES.map(([kind, path]) => ({
    name: plainName(path),
    target: `${kind}:${join(images, path)}`,
  }));
  for (const [name, ...paths] of [...LAYERS, ...ROOT_FILE_SYSTEMS.map((path) => [plainName(path), path] as const)]) {
    const layers = [];
    for (const path of paths) {
      layers.push({ tar: await plainBytes(join(images, path)), createdBy: `ADD ${basename(path)}` });
    }
    const archive = join(folder, `${name}.tar`);
    writeFileSync(archive, await buildDockerArchive(layers, `report-comparison/${name}:1`));
    listed.push({ name, target: `docker-archive:${archive}` });
  }
  for (const path of ROOT_FILE_SYSTEMS) {
    const name = `${plainName(path)}-directory`;
    const directory = join(folder, name);
    mkdirSync(directory);
    // Creating devices needs root, and no detector reads devices.
    const options = ['--exclude=./dev', '--exclude=dev', '--no-same-owner'];
    execFileSync('tar', ['-C', directory, ...options, '-xf', join(images, path)]);
    listed.push({ name, target: `rootfs:${directory}` });
  }
  for (const [path, pathInImage, ...namespaces] of DATABASES) {
    const content = await plainBytes(join(images, path));
    for (const namespace of namespaces) {
      const name = `${plainName(path)}-on-${namespace.replace(':', '-')}`;
      const directory = join(folder, name);
      mkdirSync(join(directory, 'etc'), { recursive: true });
      mkdirSync(join(directory, dirname(pathInImage)), { recursive: true });
      writeFileSync(join(directory, 'etc/os-release'), osRelease(namespace));
      writeFileSync(join(directory, pathInImage), content);
      listed.push({ name, target: `rootfs:${directory}`, namespace });
    }
  }
  return listed;
}

/** Returns `original-testdata-arch-arch` for `original/testdata/arch/arch.tar.gz`. */
function plainName(path: string): string {
  return path.replace(/(?:\.docker-archive|\.layer)?\.tar(?:\.gz|\.xz)?$|\.xz$/, '').replaceAll('/', '-');
}

async function plainBytes(path: string): Promise<Buffer> {
  const { stream } = await decompress(fileBytes(path), { where: path, accept: ['none', 'gzip', 'xz', 'bzip2'] });
  return await buffer(stream);
}
