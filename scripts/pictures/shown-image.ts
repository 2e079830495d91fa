import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BuiltLayer,
  buildDockerArchive,
  buildLayer,
  type LayerMembers,
} from '../../src/worker/testing/image-builder.ts';
import { shownDocuments } from './shown-feed.ts';

/** The input files of the pictures, in a folder. */
export type ShownFiles = {
  readonly folder: string;
  readonly bases: readonly string[];
  readonly image: string;
  /** The file names of the documents of the feeds `debian`, `kev`, `epss` and `nvd`. */
  readonly feeds: ReadonlyMap<string, string>;
  readonly ignoreFile: string;
};

/** The installed packages by name, with their versions, and with their source packages if the names differ. */
type Installed = Readonly<Record<string, readonly [version: string, source?: string]>>;

/** A selection of the packages of a minimal Debian 12 image. */
const MINIMAL: Installed = {
  apt: ['2.6.1'],
  'base-files': ['12.4+deb12u5'],
  bash: ['5.2.15-2+b2', 'bash (5.2.15-2)'],
  coreutils: ['9.1-1'],
  dpkg: ['1.21.22'],
  gpgv: ['2.2.40-1.1', 'gnupg2'],
  libc6: ['2.36-9+deb12u4', 'glibc'],
  libgcrypt20: ['1.10.1-3'],
  libgnutls30: ['3.7.9-2+deb12u2', 'gnutls28'],
  libpam0g: ['1.5.2-6+deb12u1', 'pam'],
  libsystemd0: ['252.22-1~deb12u1', 'systemd'],
  'perl-base': ['5.36.0-7+deb12u1', 'perl'],
  tar: ['1.34+dfsg-1.2+deb12u1'],
  zlib1g: ['1:1.2.13.dfsg-1', 'zlib'],
};
const WITH_PYTHON: Installed = {
  ...MINIMAL,
  'ca-certificates': ['20230311'],
  libexpat1: ['2.5.0-1', 'expat'],
  libsqlite3: ['3.40.1-2', 'sqlite3'],
  libssl3: ['3.0.11-1~deb12u2', 'openssl'],
  openssl: ['3.0.11-1~deb12u2'],
  'python3.11': ['3.11.2-6'],
};
const WITH_TOOLS: Installed = {
  ...WITH_PYTHON,
  curl: ['7.88.1-10+deb12u4'],
  git: ['1:2.39.2-1.1'],
  imagemagick: ['8:6.9.11.60+dfsg-1.6', 'imagemagick'],
  libcurl4: ['7.88.1-10+deb12u4', 'curl'],
};
const UPGRADED: Installed = {
  ...WITH_TOOLS,
  libssl3: ['3.0.13-1~deb12u1', 'openssl'],
  openssl: ['3.0.13-1~deb12u1'],
};
const { git: _git, ...WITHOUT_GIT } = UPGRADED;

const OS_RELEASE =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

const MB = 1_000_000;

type Step = { readonly createdBy: string; readonly megabytes: number; readonly members: LayerMembers };

const STEPS: readonly Step[] = [
  {
    createdBy: "ADD rootfs.tar.xz / # debian.sh --arch 'amd64' out/ 'bookworm'",
    megabytes: 18,
    members: { 'etc/debian_version': '12.5\n', 'etc/os-release': OS_RELEASE, ...statusOf(MINIMAL) },
  },
  {
    createdBy: 'RUN apt-get install -y --no-install-recommends ca-certificates openssl python3.11',
    megabytes: 11,
    members: statusOf(WITH_PYTHON),
  },
  { createdBy: 'RUN apt-get install -y curl git imagemagick', megabytes: 14, members: statusOf(WITH_TOOLS) },
  { createdBy: 'RUN apt-get install -y --only-upgrade openssl libssl3', megabytes: 2, members: statusOf(UPGRADED) },
  { createdBy: 'RUN apt-get purge -y git', megabytes: 0, members: statusOf(WITHOUT_GIT) },
  { createdBy: 'COPY dist /srv/checkout', megabytes: 3, members: {} },
];

const BASES: readonly (readonly [layers: number, tag: string])[] = [
  [1, 'debian:bookworm-slim'],
  [2, 'registry.example.org/base/python:3.11'],
];

const IGNORE_FILE = `- id: CVE-2099-1042
  package: zlib
  reason: The program that is affected is not installed.
  author: jane@example.org

- id: CVE-2099-1077
  package: sqlite3
  reason: Until the migration to PostgreSQL.
  author: jane@example.org
  expires: 2026-06-30
`;

/**
 * Writes an image, its base images, the feeds and an ignore file into a folder. The vulnerabilities are invented. The
 * base image introduces some vulnerabilities; the instructions of the image itself introduce further vulnerabilities
 * and fix two of the base image. A finding is suppressed, and an ignore rule has expired. Every run writes the same
 * bytes.
 */
export async function writeShownFiles(folder: string): Promise<ShownFiles> {
  const layers: BuiltLayer[] = [];
  for (const { createdBy, megabytes, members } of STEPS) {
    const content = megabytes === 0 ? {} : { [`usr/share/content-${layers.length}`]: Buffer.alloc(megabytes * MB) };
    layers.push({ createdBy, tar: await buildLayer({ ...members, ...content }) });
  }
  const archive = async (name: string, count: number, tag: string): Promise<string> => {
    writeFileSync(join(folder, name), await buildDockerArchive(layers.slice(0, count), tag));
    return name;
  };
  const bases: string[] = [];
  for (const [count, tag] of BASES) bases.push(await archive(`base-${count}.tar`, count, tag));
  const image = await archive('checkout.tar', layers.length, 'registry.example.org/shop/checkout:2.4');
  const ignoreFile = 'ignore.yaml';
  writeFileSync(join(folder, ignoreFile), IGNORE_FILE);
  const feeds = new Map(
    Object.entries(shownDocuments()).map(([source, { name, text }]) => {
      writeFileSync(join(folder, name), text);
      return [source, name];
    }),
  );
  return { folder, bases, image, feeds, ignoreFile };
}

function statusOf(installed: Installed): LayerMembers {
  const stanzas = Object.entries(installed).map(([name, [version, source]]) => {
    const of = source === undefined ? '' : `Source: ${source}\n`;
    return `Package: ${name}\nStatus: install ok installed\n${of}Architecture: amd64\nVersion: ${version}\n\n`;
  });
  return { 'var/lib/dpkg/status': stanzas.join('') };
}
