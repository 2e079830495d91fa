import { archOf, sourceOf } from '../../../src/model/feature.ts';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fileBytes } from '../../../src/bytes/file-bytes.ts';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import type { Layer } from '../../../src/model/layer.ts';
import type { DiagnosticCode } from '../../../src/model/report/diagnostic.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';

const FOLDER = 'images/alpine';
const ALMALINUX = 'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz';
const BUSYBOX = 'images/busybox/busybox-musl-amd64-rootfs.tar.gz';
const ARCH = 'images/original/testdata/arch/arch.tar.gz';
const ALPINE_310 = 'images/peers/alpine-310.tar.gz';
const INSTALLED = './lib/apk/db/installed';

/** Archive, number of packages, namespace, architecture. */
const ROOTS: readonly (readonly [string, number, string, string])[] = [
  ['alpine-minirootfs-3.9.6-x86_64.tar.gz', 14, 'alpine:v3.9', 'x86_64'],
  ['alpine-minirootfs-3.18.9-x86_64.tar.gz', 15, 'alpine:v3.18', 'x86_64'],
  ['alpine-minirootfs-3.18.9-aarch64.tar.gz', 15, 'alpine:v3.18', 'aarch64'],
  ['alpine-minirootfs-20240923-x86_64.tar.gz', 14, 'alpine:edge', 'x86_64'],
  ['library-3.4-a-rootfs.tar.xz', 11, 'alpine:v3.4', 'x86_64'],
  ['library-3.4-c-rootfs.tar.gz', 11, 'alpine:v3.4', 'x86_64'],
];

type Found = {
  readonly namespace: string | undefined;
  readonly prettyName: string | undefined;
  /** The packages as sorted lines of name, version, architecture and source package. */
  readonly packages: readonly string[];
  readonly diagnostics: readonly DiagnosticCode[];
  /** The names of the programs of unknown origin, by layer. */
  readonly programs: readonly string[];
};

async function foundIn(name: string, analyze: (clair: Clair, path: string) => Promise<Layer>): Promise<Found> {
  const clair = await composeClair(newDatabase());
  try {
    const { id, distribution, diagnostics } = await analyze(clair, sharedPath(name));
    const packages = await clair.store.layers.features(id);
    return {
      namespace: distribution?.namespace,
      prettyName: distribution?.prettyName,
      packages: packages
        .map(({ feature: of }) => `${of.name} ${of.version} ${archOf(of)} ${sourceOf(of).name} ${sourceOf(of).version}`)
        .toSorted(),
      diagnostics: diagnostics.map(({ code }) => code),
      programs: diagnostics.flatMap(({ code, message }) =>
        code === 'executable-origin-unknown' ? [/: (.*);/.exec(message)?.[1] ?? ''] : [],
      ),
    };
  } finally {
    await clair.close();
  }
}

async function analyzeLayer({ worker }: Clair, path: string): Promise<Layer> {
  const source = { where: path, open: async () => fileBytes(path) };
  return await worker.analyzeLayer({ name: 'layer', parent: null, source });
}

async function analyzeDockerArchive({ worker }: Clair, path: string): Promise<Layer> {
  const image = await openImage(parseTarget(`docker-archive:${path}`));
  try {
    return (await worker.analyzeImage(image)).at(-1)!;
  } finally {
    await image.close();
  }
}

/**
 * Returns the same lines from the text of a database in a different way: collects the values of each field, and
 * combines them by index.
 */
function linesOf(database: string): readonly string[] {
  const [names, versions, archs, origins] = ['P', 'V', 'A', 'o'].map((field) =>
    [...database.matchAll(new RegExp(`^${field}:(.*)$`, 'gm'))].map(([, value]) => value!),
  ) as [string[], string[], string[], string[]];
  expect([versions.length, archs.length, origins.length]).toEqual(Array(3).fill(names.length));
  return names
    .map((name, index) => `${name} ${versions[index]} ${archs[index]} ${origins[index]} ${versions[index]}`)
    .toSorted();
}

function member(archive: string, path: string, input?: Buffer): Buffer {
  return execFileSync('tar', ['-xOf', archive, path], { maxBuffer: 1 << 30, ...(input && { input }) });
}

describeShared(
  'real Alpine root file systems',
  ROOTS.map(([name]) => `${FOLDER}/${name}`),
  () => {
    describe.each(ROOTS)('%s', (name, count, namespace, arch) => {
      it(`has the ${count} packages of its database in ${namespace} for ${arch}`, async () => {
        const found = await foundIn(`${FOLDER}/${name}`, analyzeLayer);
        expect(found.diagnostics).toEqual([]);
        expect(found.namespace).toBe(namespace);
        expect(found.packages).toHaveLength(count);
        expect(found.packages).toEqual(linesOf(member(sharedPath(`${FOLDER}/${name}`), INSTALLED).toString()));
        expect(new Set(found.packages.map((line) => line.split(' ')[2]))).toEqual(new Set([arch]));
      });
    });
  },
);

describeShared('a real docker-archive of Alpine 3.10', [ALPINE_310], () => {
  it('has the 14 packages of its layer database in alpine:v3.10', async () => {
    const archive = sharedPath(ALPINE_310);
    const [manifest] = JSON.parse(member(archive, 'manifest.json').toString()) as [{ Layers: [string] }];
    const layer = member(archive, manifest.Layers[0]);
    const found = await foundIn(ALPINE_310, analyzeDockerArchive);
    expect(found.diagnostics).toEqual([]);
    expect(found.namespace).toBe('alpine:v3.10');
    expect(found.packages).toHaveLength(14);
    expect(found.packages).toEqual(linesOf(member('-', INSTALLED.slice('./'.length), layer).toString()));
  });
});

describeShared('other real root file systems', [ALMALINUX, BUSYBOX, ARCH], () => {
  /** The archive of busybox has 404 hard links to one program. */
  it.each([
    [ALMALINUX, []],
    [BUSYBOX, ['bin/getconf']],
  ])('of %s, the programs of unknown origin are %j', async (name, expected) => {
    const found = await foundIn(name, analyzeLayer);
    expect(found.programs).toEqual(expected);
  });

  it('an AlmaLinux namespace has the major version, read through the link os-release', async () => {
    const { namespace, prettyName } = await foundIn(ALMALINUX, analyzeLayer);
    expect([namespace, prettyName]).toEqual(['almalinux:9', 'AlmaLinux 9.1 (Lime Lynx)']);
  });

  it('the Arch Linux namespace is its ID without a version', async () => {
    const { namespace, prettyName } = await foundIn(ARCH, analyzeLayer);
    expect([namespace, prettyName]).toEqual(['arch', 'Arch Linux']);
  });

  it('busybox is recognised by a hard link, without an operating system, which the report states', async () => {
    const { namespace, packages, diagnostics } = await foundIn(BUSYBOX, analyzeLayer);
    expect([namespace, packages]).toEqual([undefined, ['busybox 1.38.0  busybox 1.38.0']]);
    expect(diagnostics).toEqual(['distribution-absent', 'executable-origin-unknown']);
  });
});
