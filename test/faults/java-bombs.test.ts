/** Tests Java archives that need much work, memory or time for their size; all detectors read layers with them. */
import { cpuUsage } from 'node:process';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inChunks, tarHeader, tarOf } from '../../src/bytes/testing/tar-builder.ts';
import { type ZipMember, zipOf } from '../../src/bytes/testing/zip-builder.ts';
import { zipQuine } from '../../src/bytes/testing/zip-quine.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { jarOf } from '../../src/worker/detectors/libraries/maven/testing/jar-builder.ts';
import type { LayerContents } from '../../src/worker/layer/layer-contents.ts';
import { readLayer } from '../../src/worker/layer/layer-reader.ts';

/** The limit of processor time, which is several times as long as each bomb takes. */
const MAX_MILLISECONDS = 10_000;
const MAX_MEGABYTES = 300;

const MEBIBYTE = 1024 ** 2;
const HIDDEN = jarOf({ poms: ['org.example:hidden:1.0'] });

type Outcome = { readonly libraries: readonly string[]; readonly diagnostics: readonly string[] };

/** Reads a layer with one file; checks time and memory. */
async function outcomeOf(path: string, archive: Buffer): Promise<Outcome> {
  return await outcomeOfAll([[path, archive]]);
}

/** Reads a layer with these files; checks time and memory. */
async function outcomeOfAll(archives: readonly (readonly [path: string, archive: Buffer])[]): Promise<Outcome> {
  const [start, before] = [cpuMilliseconds(), process.memoryUsage().rss];
  const members = archives.map(([name, content]) => ({ name, content }));
  const layer = { where: 'layer.tar', open: async () => inChunks(tarOf(...members), MEBIBYTE) };
  const { contents } = await readLayer(layer, DETECTORS);
  expect(cpuMilliseconds() - start).toBeLessThan(MAX_MILLISECONDS);
  expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(MAX_MEGABYTES);
  return outcome(contents);
}

function outcome({ entries }: LayerContents): Outcome {
  const facts = entries.flatMap((entry) => (entry.kind === 'file' ? Object.values(entry.byDetector ?? {}) : []));
  return {
    libraries: facts.flatMap(({ features = [] }) =>
      features.map(({ feature: { name, version } }) => `${name} ${version}`),
    ),
    diagnostics: facts.flatMap(({ diagnostics }) => diagnostics.map(({ code, message }) => `${code}: ${message}`)),
  };
}

describe('a bomb ends, with one diagnostic that names the archive and the bound', { timeout: 120_000 }, () => {
  it('archives 4,000 deep', async () => {
    let zip = HIDDEN;
    for (let depth = 0; depth < 4000; depth += 1)
      zip = zipOf({ name: 'x.jar', content: zip, method: 'stored', checksum: 0 });
    const place = `"deep.jar${'!/x.jar'.repeat(8)}"`;
    expect(await outcomeOf('deep.jar', zip)).toEqual({
      libraries: [],
      diagnostics: [
        `archive-unreadable: libraries may be missing in ${place}: "x.jar" is nested in more than 8 archives`,
      ],
    });
  });

  it('an archive that contains itself', async () => {
    const place = `"quine.jar${'!/r.jar'.repeat(8)}"`;
    expect(await outcomeOf('quine.jar', zipQuine('r.jar'))).toEqual({
      libraries: [],
      diagnostics: [
        `archive-unreadable: libraries may be missing in ${place}: "r.jar" is nested in more than 8 archives`,
      ],
    });
  });

  it('the same archive in ten members of each of eight archives', async () => {
    let zip = zipOf();
    for (let depth = 0; depth < 8; depth += 1) zip = overlapping(zip, 10);
    const { diagnostics } = await outcomeOf('wide.jar', zip);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatch(
      /^archive-unreadable: libraries may be missing in "wide\.jar.*exceeds the limit of 10000 archives, and \d+ more faults$/,
    );
  });

  it('many members with the same content', async () => {
    const deflated = deflateRawSync(Buffer.alloc(90_000));
    const name = (at: number): string => `META-INF/maven/g/a${at}/pom.properties`;
    const zip = shared({ name: name(0), deflated, size: 90_000, checksum: 0 }, 50_000, name);
    const { diagnostics } = await outcomeOf('same.jar', zip);
    expect(diagnostics[0]).toMatch(/^archive-unreadable: .* and \d+ more faults$/);
  });

  it('more members than the limit', async () => {
    const zip = shared({ name: 'a' }, 500_001, () => 'a');
    expect(await outcomeOf('many.jar', zip)).toEqual({
      libraries: [],
      diagnostics: [
        'archive-unreadable: libraries may be missing in "many.jar": the archive exceeds the limit of 500000 members',
      ],
    });
  });

  it.each<[what: string, member: ZipMember, fault: string]>([
    ['zeros with their correct size', zeros(60 * MEBIBYTE), 'inflates to more than 100 times its compressed size'],
    [
      'zeros with a size that is too small',
      { ...zeros(60 * MEBIBYTE), size: MEBIBYTE },
      'is larger than the stated 1048576 bytes',
    ],
    [
      'zeros with a size that is too large',
      { ...zeros(MEBIBYTE), size: 2 ** 32 - 2 },
      'inflates to more than 100 times its compressed size',
    ],
  ])('an archive of %s', async (_, member, fault) => {
    expect(await outcomeOf('zeros.war', zipOf(member, { name: 'y.jar', content: HIDDEN }))).toEqual({
      libraries: ['org.example:hidden 1.0'],
      diagnostics: [`archive-unreadable: libraries may be missing in "zeros.war": "x.jar" ${fault}`],
    });
  });
});

describe('the archives of a layer', { timeout: 120_000 }, () => {
  it('are read up to the limit for all archives together', async () => {
    // 9,111 archives each.
    const wide = overlapping(overlapping(overlapping(overlapping(zipOf(), 8), 10), 10), 10);
    const archives = Array.from({ length: 11 }, (_, at) => [`${at}.jar`, wide] as const);
    const { libraries, diagnostics } = await outcomeOfAll([['a.jar', HIDDEN], ...archives, ['z.jar', HIDDEN]]);
    expect(libraries).toEqual(['org.example:hidden 1.0']);
    const limit = 'exceeds the limit of 100000 archives in all archives of the layer';
    expect(diagnostics).toHaveLength(2);
    expect(diagnostics[0]).toContain(limit);
    expect(diagnostics[1]).toBe(`archive-unreadable: libraries may be missing in "z.jar": the archive ${limit}`);
  });
});

describe('an archive of more than 64 MiB', { timeout: 120_000 }, () => {
  const large = async (write: (size: number) => AsyncIterable<Buffer>, size: number): Promise<Outcome> => {
    const [start, before] = [cpuMilliseconds(), process.memoryUsage().rss];
    async function* layer(): AsyncGenerator<Uint8Array> {
      yield tarHeader({ name: 'huge.war', size });
      yield* write(size);
      yield Buffer.alloc(512 - (size % 512));
    }
    const { contents } = await readLayer({ where: 'layer.tar', open: async () => layer() }, DETECTORS);
    expect(cpuMilliseconds() - start).toBeLessThan(MAX_MILLISECONDS);
    expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(MAX_MEGABYTES);
    return outcome(contents);
  };

  it('is read while it arrives, also if it is larger than other wanted files may be', async () => {
    const noise = zipOf({ name: 'noise', content: Buffer.alloc(MEBIBYTE), method: 'stored' });
    const member = noise.subarray(0, noise.readUInt32LE(noise.length - 6));
    const end = zipOf({ name: 'WEB-INF/lib/hidden.jar', content: HIDDEN });
    const directory = end.readUInt32LE(end.length - 6);
    async function* write(): AsyncGenerator<Buffer> {
      for (let at = 0; at < 250; at += 1) yield member;
      yield end.subarray(0, directory);
      for (let at = 0; at < 250; at += 1) yield noise.subarray(member.length, -22);
      yield end.subarray(directory);
    }
    const size = 250 * (member.length + noise.length - 22 - member.length) + end.length;
    const { libraries, diagnostics } = await large(write, size);
    expect(libraries).toEqual(['org.example:hidden 1.0']);
    // The offsets in this directory are wrong.
    expect(diagnostics).toEqual([
      'archive-unreadable: libraries may be missing in "huge.war": the archive has members that differ from its central directory',
    ]);
  });

  it('of 10 million members is read up to the limit of members', async () => {
    const zip = zipOf({ name: 'a' });
    const members = Buffer.concat(Array<Buffer>(10_000).fill(zip.subarray(0, zip.readUInt32LE(zip.length - 6))));
    async function* write(): AsyncGenerator<Buffer> {
      for (let at = 0; at < 1000; at += 1) yield members;
    }
    expect(await large(write, 1000 * members.length)).toEqual({
      libraries: [],
      diagnostics: [
        'archive-unreadable: libraries may be missing in "huge.war": the archive exceeds the limit of 500000 members',
      ],
    });
  });

  it('of zeros in archives of unknown size is not inflated', async () => {
    const zip = zipOf({ name: 'a.jar', content: Buffer.alloc(30 * MEBIBYTE), descriptor: 'signed' });
    const member = zip.subarray(0, zip.readUInt32LE(zip.length - 6));
    const count = Math.ceil((70 * MEBIBYTE) / member.length);
    async function* write(): AsyncGenerator<Buffer> {
      for (let at = 0; at < count; at += 1) yield member;
    }
    const { libraries, diagnostics } = await large(write, count * member.length);
    expect(libraries).toEqual([]);
    expect(diagnostics).toEqual([
      `archive-unreadable: libraries may be missing in "huge.war": "a.jar" inflates to more than 100 times its compressed size, and ${count - 1} more faults`,
    ]);
  });

  it('with large members of unknown size takes time in proportion to its size', async () => {
    const member = (name: string, bytes: number): ZipMember => {
      const content = Buffer.alloc(bytes, 'x');
      return { name, content, deflated: deflateRawSync(content, { level: 0 }), descriptor: 'signed' };
    };
    const zip = zipOf(member('lib.so', 80 * MEBIBYTE), member('x.jar', 60 * MEBIBYTE), {
      name: 'WEB-INF/lib/hidden.jar',
      content: HIDDEN,
      descriptor: 'signed',
    });
    async function* write(): AsyncGenerator<Buffer> {
      for (let at = 0; at < zip.length; at += 2048) yield zip.subarray(at, at + 2048);
    }
    expect(await large(write, zip.length)).toEqual({
      libraries: ['org.example:hidden 1.0'],
      diagnostics: [
        'archive-unreadable: libraries may be missing in "huge.war!/x.jar": the archive has no central directory',
      ],
    });
  });

  it('full of header signatures is read up to the limit', async () => {
    const marks = Buffer.alloc(MEBIBYTE, 'PK\u0003\u0004', 'latin1');
    const header = zipOf({ name: 'a', descriptor: 'signed' }).subarray(0, 31);
    async function* write(): AsyncGenerator<Buffer> {
      yield header;
      for (let at = 0; at < 100; at += 1) yield marks;
    }
    expect(await large(write, header.length + 100 * MEBIBYTE)).toEqual({
      libraries: [],
      diagnostics: [
        'archive-unreadable: libraries may be missing in "huge.war": the archive exceeds the limit of 1000000 header signatures',
      ],
    });
  });

  it('of zeros is not an archive', async () => {
    const zero = Buffer.alloc(MEBIBYTE);
    async function* write(): AsyncGenerator<Buffer> {
      for (let at = 0; at < 201; at += 1) yield zero;
    }
    expect((await large(write, 201 * MEBIBYTE)).diagnostics).toEqual([
      'archive-unreadable: libraries may be missing in "huge.war": the archive has no member in its first 1048576 bytes',
    ]);
  });
});

function cpuMilliseconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

function zeros(size: number): ZipMember {
  return { name: 'x.jar', deflated: deflateRawSync(Buffer.alloc(size)), size };
}

/** An archive with one stored archive, which the central directory names several times. */
function overlapping(inner: Buffer, count: number): Buffer {
  return shared({ name: '0.jar', content: inner, method: 'stored' }, count, () => '0.jar');
}

/** An archive in which all members have the same content. */
function shared(member: ZipMember, count: number, name: (at: number) => string): Buffer {
  const one = zipOf(member);
  const size = one.readUInt32LE(one.length - 10);
  const start = one.length - 22 - size;
  const headerOf = (at: number): Buffer => {
    const zip = zipOf({ ...member, name: name(at) });
    return zip.subarray(zip.length - 22 - zip.readUInt32LE(zip.length - 10), -22);
  };
  const first = headerOf(0);
  const headers = Array.from({ length: count }, (_, at) => (name(at) === name(0) ? first : headerOf(at)));
  const directory = Buffer.concat(headers);
  const end = Buffer.from(one.subarray(-22));
  end.writeUInt16LE(count % 65_536, 8);
  end.writeUInt16LE(count % 65_536, 10);
  end.writeUInt32LE(directory.length, 12);
  return Buffer.concat([one.subarray(0, start), directory, end]);
}
