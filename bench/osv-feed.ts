import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import crc32 from 'crc-32';
import { composeClair } from '../src/compose/clair.ts';
import { osv } from '../src/updater/fetchers/osv/fetcher.ts';
import { watchEventLoop } from './event-loop.ts';
import { type Figure, type Run, timed, type Work } from './figure.ts';
import { sized } from './size.ts';

/** The number of OSV documents: as many as OSV has for npm. Most npm documents are about malicious packages. */
const RECORDS = sized(200_000, 200);

const AIM_MEGABYTES = 400;
const PAIRS = 2;

/** A first import, which should take at most four times as long as parsing alone. */
export const osvImport: Figure = {
  title: `import of ${RECORDS} records of OSV for npm into an empty database`,
  against: 'parsing them alone',
  aim: 0.25,
  aimMegabytes: AIM_MEGABYTES,
  pairs: PAIRS,
  prepare: async (folder) => writeArchive(folder, 0),
  subject: (folder) => importRecords(folder, 'subject.db'),
  reference: parseRecords,
};

/** An update from an archive in which few documents have changed. */
export const osvReimport: Figure = {
  title: `import of ${RECORDS} records of OSV for npm, of which 1 in 1,000 changed`,
  against: 'their first import',
  aimMegabytes: AIM_MEGABYTES,
  pairs: PAIRS,
  async prepare(folder) {
    writeArchive(folder, 0);
    await importRecords(folder, 'model.db');
    writeArchive(folder, 1);
  },
  subject: (folder) => importRecords(folder, 'model.db'),
  reference: (folder) => importRecords(folder, 'subject.db'),
};

/** Also reports how long the event loop was blocked: `clair update` reacts to signals only between two blocks. */
async function importRecords(folder: string, name: string): Promise<Run> {
  const path = join(folder, name);
  const clair = await composeClair({ type: 'sqlite', path });
  const watch = watchEventLoop();
  const run = await timed(async (): Promise<Work> => {
    const result = await clair.updater.update('osv', { from: folder });
    if (result.kind !== 'updated') throw new Error('a local file has no unchanged response');
    const { added, changed, withdrawn, unchanged } = result.counts;
    const count = added + changed + withdrawn + unchanged;
    return { what: `${unchanged} of ${count} records unchanged`, amount: { count, unit: 'records' } };
  });
  const blocked = watch.stop();
  await clair.close();
  const megabytes = (statSync(path).size / 1e6).toFixed(1);
  return { ...run, what: `${run.what}; ${megabytes} MB; event loop blocked for at most ${blocked.toFixed(0)} ms` };
}

async function parseRecords(folder: string): Promise<Run> {
  return await timed(async (): Promise<Work> => {
    const outcome = await osv.fetch({ http: { get: noNetwork }, from: folder });
    if (outcome.kind !== 'advisories') throw new Error('the archive has no records');
    let count = 0;
    for await (const _ of outcome.advisories) count += 1;
    return { what: 'parsed', amount: { count, unit: 'records' } };
  });
}

function noNetwork(): never {
  throw new Error('this bench sends no HTTP requests');
}

/** Writes `npm/all.zip` in Zip64 format, which archives with more than 65,535 members need. */
function writeArchive(folder: string, version: number): void {
  mkdirSync(join(folder, 'npm'), { recursive: true });
  const file = openSync(join(folder, 'npm', 'all.zip'), 'w');
  const directory: Buffer[] = [];
  let offset = 0;
  for (let number = 0; number < RECORDS; number += 1) {
    const { name, text } = recordOf(number, version);
    const [content, path] = [Buffer.from(text), Buffer.from(name)];
    const body = deflateRawSync(content, { level: 1 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32.buf(content) >>> 0, 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(path.length, 22);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002\u0014\u0000', 'latin1');
    fields.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, path);
    offset += writeSync(file, Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, path, body]));
  }
  const central = Buffer.concat(directory);
  writeSync(file, Buffer.concat([central, endOf(central.length, offset)]));
  closeSync(file);
}

/** The end of the central directory: the Zip64 record, its locator, and the regular end record. */
function endOf(size: number, offset: number): Buffer {
  const record = Buffer.alloc(56);
  record.write('PK\u0006\u0006', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(RECORDS), 24);
  record.writeBigUInt64LE(BigInt(RECORDS), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\u0006\u0007', 'latin1');
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write('PK\u0005\u0006\u0000\u0000\u0000\u0000', 'latin1');
  end.writeUInt16LE(0, 20);
  return Buffer.concat([record, locator, end]);
}

/**
 * Every 10th document is a GitHub advisory with its text; the other documents are about malicious packages, as in OSV.
 */
function recordOf(number: number, version: number): { readonly name: string; readonly text: string } {
  const isMalicious = number % 10 !== 0;
  const digits = String(number).padStart(6, '0');
  const id = isMalicious ? `MAL-2099-${number}` : `GHSA-${digits.slice(0, 2)}aa-${digits.slice(2)}-cccc`;
  const name = number % 3 === 0 ? `@scope-${number % 97}/package-${number}` : `package-${number}`;
  const fixed = `1.${number % 50}.${number % 1000 === 0 ? version : 0}`;
  const events = isMalicious ? [{ introduced: '0' }] : [{ introduced: '0' }, { fixed }];
  const affected = [
    { package: { ecosystem: 'npm', name, purl: `pkg:npm/${name}` }, ranges: [{ type: 'SEMVER', events }] },
  ];
  const details = isMalicious
    ? `---\n_-= Per source details. Do not edit below this line.=-_\n\nThe package ${name} was found to contain malicious code.\n`
    : `### Impact\n${`Versions of ${name} before ${fixed} allow requests that exhaust memory. `.repeat(20)}\n`;
  const severity = isMalicious ? [] : [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }];
  const aliases = isMalicious ? [] : [`CVE-2099-${10_000 + number}`];
  const summary = `${isMalicious ? 'Malicious code' : 'Denial of service'} in ${name}`;
  const times = { modified: '2099-01-01T00:00:00Z', published: '2098-01-01T00:00:00Z' };
  const record = { schema_version: '1.7.3', id, ...times, aliases, summary, details, severity, affected };
  return { name: `${id}.json`, text: JSON.stringify(record) };
}
