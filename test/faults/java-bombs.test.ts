/** Java archives that need much work, memory or time for their size, read as layers by all detectors. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inChunks, tarHeader, tarOf } from '../../src/bytes/testing/tar-builder.ts';
import { type ZipMember, zipOf } from '../../src/bytes/testing/zip-builder.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { jarOf } from '../../src/worker/detectors/libraries/maven/testing/jar-builder.ts';
import type { LayerContents } from '../../src/worker/layer/layer-contents.ts';
import { readLayer } from '../../src/worker/layer/layer-reader.ts';

/** Several times what each bomb takes on a busy machine. */
const MAX_MILLISECONDS = 10_000;
const MAX_MEGABYTES = 300;

const MEBIBYTE = 1024 ** 2;
const HIDDEN = jarOf({ poms: ['org.example:hidden:1.0'] });

type Outcome = { readonly libraries: readonly string[]; readonly diagnostics: readonly string[] };

/** Reads a layer with one file; checks time and memory. */
async function outcomeOf(path: string, archive: Buffer): Promise<Outcome> {
  const [start, before] = [performance.now(), process.memoryUsage().rss];
  const layer = { where: 'layer.tar', open: async () => inChunks(tarOf({ name: path, content: archive }), MEBIBYTE) };
  const { contents } = await readLayer(layer, DETECTORS);
  expect(performance.now() - start).toBeLessThan(MAX_MILLISECONDS);
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

describe('a bomb ends with one diagnostic that names the archive and the bound', () => {
  it('archives 4,000 deep', async () => {
    let zip = HIDDEN;
    for (let depth = 0; depth < 4000; depth += 1) zip = zipOf({ name: 'x.jar', content: zip, method: 'stored' });
    const place = `"deep.jar${'!/x.jar'.repeat(8)}"`;
    expect(await outcomeOf('deep.jar', zip)).toEqual({
      libraries: [],
      diagnostics: [`archive-unreadable: libraries may be missing in ${place}: "x.jar" is inside more than 8 archives`],
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
    const zip = shared({ name: 'a' }, 1_000_001, () => 'a');
    expect(await outcomeOf('many.jar', zip)).toEqual({
      libraries: [],
      diagnostics: [
        'archive-unreadable: libraries may be missing in "many.jar": the archive exceeds the limit of 1000000 members',
      ],
    });
  });

  it.each<[what: string, member: ZipMember, fault: string]>([
    ['zeros that say what they are', zeros(60 * MEBIBYTE), 'inflates to more than 100 times its size'],
    ['zeros that say less', { ...zeros(60 * MEBIBYTE), size: MEBIBYTE }, 'has more than the stated 1048576 bytes'],
    ['zeros that say more', { ...zeros(MEBIBYTE), size: 2 ** 32 - 2 }, 'inflates to more than 100 times its size'],
  ])('an archive of %s', async (_, member, fault) => {
    expect(await outcomeOf('zeros.war', zipOf(member, { name: 'y.jar', content: HIDDEN }))).toEqual({
      libraries: ['org.example:hidden 1.0'],
      diagnostics: [`archive-unreadable: libraries may be missing in "zeros.war": "x.jar" ${fault}`],
    });
  });
});

it('an archive that is larger than a wanted file may be is not read', async () => {
  const header = tarHeader({ name: 'huge.jar', size: 201 * MEBIBYTE });
  const zero = Buffer.alloc(MEBIBYTE);
  async function* layer(): AsyncGenerator<Uint8Array> {
    yield header;
    for (let at = 0; at < 201; at += 1) yield zero;
  }
  const { contents } = await readLayer({ where: 'layer.tar', open: async () => layer() }, DETECTORS);
  expect(outcome(contents).diagnostics).toEqual([
    expect.stringMatching(/^package-limit-reached: "huge.jar" was not read/),
  ]);
});

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
