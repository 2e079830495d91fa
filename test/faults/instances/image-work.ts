import { gzipSync } from 'node:zlib';
import { buildLayer, type LayerMembers } from '../../../src/worker/testing/image-builder.ts';
import type { Random } from '../fuzz/random.ts';

/** A layer to submit, and the packages of an image that ends with this layer. */
export type WorkLayer = {
  readonly name: string;
  /** The parent layer; empty for a base. */
  readonly parent: string;
  readonly file: string;
  readonly packages: ReadonlyMap<string, string>;
};

/** Images with shared layers. */
export type ImageWork = {
  readonly images: readonly (readonly WorkLayer[])[];
  /** The layers that the feed's changes affect; they are submitted before the changes. */
  readonly bases: readonly WorkLayer[];
  readonly files: ReadonlyMap<string, Buffer>;
};

/** Consecutive images share all layers except the topmost, so that several clients submit these layers concurrently. */
const IMAGES_PER_MIDDLE = 8;
const MIDDLES_PER_BASE = 8;

/** Packages of every base, at a version that no layer changes. */
export const SHARED: readonly string[] = namesOf('shared', 8);

/** Returns the packages that only this base has, at versions that no layer changes. */
export function packagesOfBase(base: number): readonly string[] {
  return namesOf(`base${base}`, 40);
}

/** Returns the number of base layers that the given number of images needs. */
export function countBases(images: number): number {
  return Math.ceil(images / IMAGES_PER_MIDDLE / MIDDLES_PER_BASE);
}

/** Generates Debian 12 images of three or four layers with shared lower layers. */
export async function makeImages(count: number, random: Random): Promise<ImageWork> {
  const files = new Map<string, Buffer>();
  const known = new Map<string, WorkLayer>();

  /** A layer without packages does not contain the package database. */
  async function layer(name: string, below: WorkLayer | undefined, packages?: Packages): Promise<WorkLayer> {
    const found = known.get(name);
    if (found !== undefined) return found;
    const members: LayerMembers = {
      ...(below === undefined && {
        'usr/lib/os-release': OS_RELEASE,
        'etc/os-release': { link: '../usr/lib/os-release' },
      }),
      ...(packages !== undefined && { 'var/lib/dpkg/status': statusOf(packages) }),
      [`opt/${name}`]: Buffer.alloc(random.below(MAX_DATA_BYTES), name),
    };
    const file = `${name}.tar`;
    const tar = await buildLayer(members);
    files.set(file, random.below(2) === 0 ? tar : gzipSync(tar));
    const made = { name, parent: below?.name ?? '', file, packages: packages ?? below?.packages ?? new Map() };
    known.set(name, made);
    return made;
  }

  const images: (readonly WorkLayer[])[] = [];
  for (let number = 0; number < count; number += 1) {
    const middle = Math.floor(number / IMAGES_PER_MIDDLE);
    const base = Math.floor(middle / MIDDLES_PER_BASE);
    const lowest = await layer(`base-${base}`, undefined, basePackages(base));
    const upper = await layer(`middle-${middle}`, lowest, middlePackages(middle, lowest.packages));
    const app = await layer(`app-${number}`, upper, appPackages(number, upper.packages));
    images.push([lowest, upper, app, ...(number % 2 === 0 ? [await layer(`settings-${number}`, app)] : [])]);
  }
  return { images, bases: [...known.values()].filter(({ parent }) => parent === ''), files };
}

type Packages = ReadonlyMap<string, string>;

const MAX_DATA_BYTES = 64 * 1024;

const OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n';

function basePackages(base: number): Packages {
  const own = packagesOfBase(base).map((name, at) => [name, `2.${at}-1`] as const);
  const upgraded = namesOf('upgraded', 4).map((name) => [name, '1.0-1'] as const);
  return new Map([...SHARED.map((name) => [name, '1.0-1'] as const), ...upgraded, ...own]);
}

function middlePackages(middle: number, below: Packages): Packages {
  const packages = new Map(below);
  for (const name of namesOf(`middle${middle}`, 5)) packages.set(name, `3.${middle}-1`);
  packages.set(`upgraded-${middle % 3}`, `1.${middle}-1`);
  packages.delete('upgraded-3');
  return packages;
}

function appPackages(number: number, below: Packages): Packages {
  return new Map([...below, [`app${number}`, '4.0-1'], [`tool-${number % 20}`, `5.${number % 7}-1`]]);
}

function namesOf(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${what}-${at}`);
}

function statusOf(packages: Packages): string {
  return [...packages]
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nDescription: made\n\n`,
    )
    .join('');
}
