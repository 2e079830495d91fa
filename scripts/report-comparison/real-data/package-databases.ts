import type { SystemPackage } from '../../../src/model/feature.ts';
import type { SchemeId } from '../../../src/versions/index.ts';
import { rpmHeader } from '../../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';
import type { Member } from '../../../src/worker/testing/image-builder.ts';

/** A package that is written into a package database. */
export type ListedPackage = Pick<SystemPackage, 'name' | 'version' | 'arch' | 'source' | 'module'>;

/** The version schemes of package managers with a database. */
export type DatabaseScheme = Extract<SchemeId, 'apk' | 'dpkg' | 'rpm'>;

/** Returns whether {@link packageDatabase} supports a scheme. */
export function hasDatabase(scheme: SchemeId | undefined): scheme is DatabaseScheme {
  return scheme !== undefined && scheme in WRITERS;
}

/** Writes the database of a package manager and returns it with its path in an image. */
export function packageDatabase(
  scheme: DatabaseScheme,
  packages: readonly ListedPackage[],
): readonly [path: string, content: Member] {
  const { path, write } = WRITERS[scheme];
  return [path, write(packages)];
}

type DatabaseWriter = { readonly path: string; readonly write: (packages: readonly ListedPackage[]) => Member };

const WRITERS: Readonly<Record<DatabaseScheme, DatabaseWriter>> = {
  apk: { path: 'lib/apk/db/installed', write: (packages) => packages.map(apkEntry).join('\n') },
  dpkg: { path: 'var/lib/dpkg/status', write: (packages) => packages.map(dpkgStanza).join('\n') },
  rpm: { path: 'var/lib/rpm/rpmdb.sqlite', write: (packages) => sqliteDatabase(packages.map(rpmEntry)) },
};

function dpkgStanza({ name, version, arch, source }: ListedPackage): string {
  const ownSource = source.name === name ? [] : [`Source: ${source.name}`];
  return [
    `Package: ${name}`,
    'Status: install ok installed',
    `Architecture: ${arch}`,
    ...ownSource,
    `Version: ${version}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function apkEntry({ name, version, arch, source }: ListedPackage): string {
  return `P:${name}\nV:${version}\nA:${arch}\no:${source.name}\n`;
}

function rpmEntry({ name, version, arch, source, module }: ListedPackage): Buffer {
  const [, epoch, bare = version] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const [, upstream = bare, release = '1'] = /^(.*)-([^-]*)$/s.exec(bare) ?? [];
  return rpmHeader({
    name,
    version: upstream,
    release,
    arch,
    sourceRpm: `${source.name}-${upstream}-${release}.src.rpm`,
    ...(epoch !== undefined && epoch !== '0' && { epoch: Number(epoch) }),
    ...(module !== undefined && { module: `${module}:1:1` }),
  });
}
