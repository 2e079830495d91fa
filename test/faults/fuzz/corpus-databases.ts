import { bdbDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-bdb.ts';
import { rpmHeader } from '../../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { ndbDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-ndb.ts';
import { sqliteDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';
import {
  checkpoint,
  filesAfter,
  insertHeaders,
  type LoggedFiles,
} from '../../../src/worker/detectors/packages/rpm/testing/sqlite-log.ts';

/** Headers of several sizes: some fit into a page, some need a chain of pages. */
const HEADERS = Array.from({ length: 8 }, (_, index) =>
  rpmHeader(
    {
      name: `package-${index}`,
      version: `1.${index}`,
      release: '3.el9',
      epoch: index % 3,
      sourceRpm: `source-${index}-1.${index}-3.el9.src.rpm`,
      vendor: 'Somebody',
      module: 'nodejs:18:1:2',
    },
    index % 2 === 0 ? 0 : 900 + 400 * index,
  ),
);

export const HEADER: Buffer = HEADERS[0] ?? rpmHeader();
export const BDB: Readonly<Record<'little' | 'big', Buffer>> = {
  little: bdbDatabase(HEADERS),
  big: bdbDatabase(HEADERS, { order: 'big', pageSize: 1024 }),
};
export const NDB: Buffer = ndbDatabase(HEADERS);
export const SQLITE: Buffer = sqliteDatabase(HEADERS);

/** A database with a write-ahead log that adds the second half of the headers. */
export const WAL: LoggedFiles = filesAfter((database) => {
  insertHeaders(database, HEADERS.slice(0, 4));
  checkpoint(database, 'TRUNCATE');
  insertHeaders(database, HEADERS.slice(4));
});

/** Returns an ndb database with valid checksums, from a given header and a valid header. */
export function inNdb(header: Buffer): Buffer {
  return ndbDatabase([header, HEADERS[1] ?? rpmHeader()]);
}

export function dpkgStatus(packages: number): string {
  const states = ['install ok installed', 'install ok unpacked', 'hold ok installed'];
  return Array.from({ length: packages }, (_, index) =>
    [
      `Package: package-${index}`,
      `Status: ${states[index % states.length]}`,
      'Architecture: amd64',
      ...(index % 2 === 0 ? [] : [`Source: source-${index} (1:1.${index}-2)`]),
      `Version: 1:1.${index}-2+b1`,
      'Description: something',
      ' that takes more lines',
      '',
      '',
    ].join('\n'),
  ).join('');
}

export function apkDatabase(packages: number): string {
  return Array.from(
    { length: packages },
    (_, index) => `C:Q1abc=\nP:package-${index}\nV:1.${index}-r0\nA:x86_64\no:source-${index}\nF:usr\nR:bin\n\n`,
  ).join('');
}

/** Release files of the operating system; alone, release files result in no packages and a diagnostic. */
export const RELEASE_FILES = {
  'etc/os-release': 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  'etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n',
  'etc/redhat-release': 'CentOS Linux release 7.9.2009 (Core)\n',
  'etc/alpine-release': '3.18.9\n',
  'etc/debian_version': 'bookworm/sid\n',
  'etc/apt/sources.list': 'deb [arch=amd64] http://deb.debian.org/debian bookworm main contrib\n',
  'etc/apk/repositories': 'https://dl-cdn.alpinelinux.org/alpine/edge/main\n',
} as const;
