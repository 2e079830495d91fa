import { openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import { END, tarMember } from '../src/bytes/testing/tar-builder.ts';
import { type ZipMember, zipOf } from '../src/bytes/testing/zip-builder.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import { withOwners } from '../src/worker/detectors/owner-detectors.ts';
import { createLayerReader } from '../src/worker/layer/layer-reader.ts';
import { initialState, nextState } from '../src/worker/layer/layer-state.ts';
import { unpackContents } from '../src/worker/layer/packed-contents.ts';
import { type Figure, timed } from './figure.ts';
import { classMembers } from './java-archives.ts';
import { sized } from './size.ts';

const MEBIBYTE = 1024 ** 2;

/** Large application archives are about this size. */
const ARCHIVE_BYTES = sized(30, 1) * MEBIBYTE;

const LOG4J = 'org.apache.logging.log4j:log4j-core';
const POM = 'META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties';
const LOOKUP = 'org/apache/logging/log4j/core/lookup/JndiLookup.class';

/**
 * The expected version and path of each log4j-core 2.14.1; the version is empty if the archive does not state a
 * version.
 */
const EXPECTED: readonly string[] = [
  `2.14.1 opt/log4j-core-2.14.1.jar!/${POM}`,
  `2.14.1 opt/shaded-1.0.jar!/${POM}`,
  `2.14.1 opt/shop.ear!/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar!/${POM}`,
  ` opt/without-pom-1.0.jar!/${LOOKUP}`,
];

/**
 * An image with log4j-core 2.14.1 in a jar, in nested archives, in shaded jars, and in a deleted directory. The aim is
 * at most 1.2 times the time of unzipping.
 */
export const log4shell: Figure = {
  title: 'finding log4j-core in a jar, in a war in an ear, shaded with and without its POM, and below a deletion',
  against: 'inflating all members of these archives, and of the archives in them',
  aim: 0.83,
  aimMegabytes: 300,
  prepare: async (folder) => {
    for (const [name, members] of Object.entries(layers()))
      writeFileSync(join(folder, name), Buffer.concat([...members, END]));
  },
  subject: async (folder) => await timed(async () => await find(folder)),
  reference: async (folder) => await timed(async () => `${inflateLayer(join(folder, LOWER))} members`),
};

const LOWER = 'lower.tar';
const UPPER = 'upper.tar';

/** The upper layer deletes one archive of the lower layer. */
function layers(): Readonly<Record<string, readonly Buffer[]>> {
  const pom = { name: POM, content: 'version=2.14.1\ngroupId=org.apache.logging.log4j\nartifactId=log4j-core\n' };
  const lookup = { name: LOOKUP, content: 'code' };
  const code = classMembers(ARCHIVE_BYTES);
  const log4j = zipOf(pom, lookup, ...classMembers(2 * MEBIBYTE));
  const war = zipOf({ name: 'WEB-INF/lib/log4j-core-2.14.1.jar', content: log4j }, ...code);
  const shaded: readonly ZipMember[] = [
    {
      name: 'META-INF/maven/org.example/shaded/pom.properties',
      content: 'groupId=org.example\nartifactId=shaded\nversion=1.0\n',
    },
    lookup,
    ...code,
  ];
  const file = (name: string, content: Buffer): Buffer => tarMember({ name, content });
  return {
    [LOWER]: [
      file('opt/log4j-core-2.14.1.jar', log4j),
      file('opt/shop.ear', zipOf({ name: 'shop.war', content: war })),
      file('opt/shaded-1.0.jar', zipOf(pom, ...shaded)),
      file('opt/without-pom-1.0.jar', zipOf(...shaded)),
      file('opt/deleted/log4j-core-2.14.1.jar', log4j),
    ],
    [UPPER]: [file('opt/.wh.deleted', Buffer.alloc(0))],
  };
}

/** @throws Error unless log4j-core is found at exactly these places */
async function find(folder: string): Promise<string> {
  const detectors = withOwners(DETECTORS);
  const reader = createLayerReader(DETECTORS);
  let state = initialState();
  let found: readonly string[] = [];
  for (const name of [LOWER, UPPER]) {
    const path = join(folder, name);
    const { contents } = await reader.read({ where: path, open: async () => fileBytes(path) });
    const next = nextState(state, unpackContents(contents), detectors);
    state = next.state;
    found = [...next.conclusion.features.values()].flatMap(({ feature, path: at }) =>
      feature.name === LOG4J ? [`${feature.version} ${at}`] : [],
    );
  }
  const wrong = [
    ...EXPECTED.filter((each) => !found.includes(each)),
    ...found.filter((each) => !EXPECTED.includes(each)),
  ];
  if (wrong.length > 0) throw new Error(`wrong places of log4j-core: ${wrong.join(', ')}`);
  return `${found.length} places`;
}

/** Inflates the members of each archive in a layer; returns the number of members. */
function inflateLayer(path: string): number {
  const file = openSync(path, 'r');
  const header = Buffer.alloc(512);
  let members = 0;
  for (let at = 0; readSync(file, header, 0, 512, at) === 512 && header[0] !== 0; ) {
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    const bytes = Buffer.allocUnsafeSlow(size);
    readSync(file, bytes, 0, size, at + 512);
    members += inflateMembers(bytes);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

function inflateMembers(zip: Buffer): number {
  let members = 0;
  for (let at = zip.readUInt32LE(zip.length - 6); zip.readUInt32LE(at) === 0x02014b50; ) {
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString('latin1', at + 46, at + 46 + nameBytes);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20)));
    members += 1 + (/\.[jw]ar$/.test(name) ? inflateMembers(content) : 0);
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return members;
}
