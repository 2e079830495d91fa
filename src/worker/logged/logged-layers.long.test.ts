/** Tests images with a write-ahead log of the rpm database, in the same or another layer. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rpmHeader } from '../detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../detectors/packages/rpm/testing/rpm-sqlite.ts';
import { checkpoint, filesAfter, insertHeaders } from '../detectors/packages/rpm/testing/sqlite-log.ts';
import { inChunks, type Member, tarOf } from '../../bytes/testing/tar-builder.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import { digestOfHex } from '../../model/digest.ts';
import type { Layer } from '../../model/layer.ts';
import { DETECTORS } from '../detectors/index.ts';
import { createLayerReader, type LayerReader } from '../layer/layer-reader.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { createReaderPool } from '../threads/reader-pool.ts';
import { createLocalWorker } from '../testing/local-worker.ts';
import type { Worker } from '../worker.ts';

let store: Store;
let worker: Worker;
let opened = 0;

beforeEach(async () => {
  store = await memoryStore();
  worker = createLocalWorker({ store, detectors: DETECTORS });
});
afterEach(async () => await store.close());

const RPM = 'var/lib/rpm';
const DATABASE = `${RPM}/rpmdb.sqlite`;
const WAL = `${DATABASE}-wal`;

/** A database of `a` and `b`, a log that removes `a` and adds `c`, and a later log that also adds `d`. */
const { database, log, laterLog } = ((): Record<'database' | 'log' | 'laterLog', Buffer> => {
  const work = (names: readonly string[]): ReturnType<typeof filesAfter> =>
    filesAfter((connection) => {
      insertHeaders(
        connection,
        ['a', 'b'].map((name) => rpmHeader({ name })),
      );
      checkpoint(connection, 'TRUNCATE');
      connection.exec('DELETE FROM Packages WHERE hnum = 1');
      insertHeaders(
        connection,
        names.map((name) => rpmHeader({ name })),
      );
    });
  return { ...work(['c']), laterLog: work(['c', 'd']).log };
})();

const RELEASE = file('etc/os-release', 'ID=fedora\nVERSION_ID=40\n');
const DIAGNOSTIC = 'package-database-unreadable';

function file(name: string, content: string | Buffer): Member {
  return { name, content };
}

const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
const gone = (name: string): Member => file(name.replace(/([^/]*)$/, '.wh.$1'), '');

function sourceOf(members: readonly Member[], where = 'layer'): LayerSource & Required<Pick<LayerSource, 'diffId'>> {
  const tar = tarOf(...members);
  const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
  const open: LayerSource['open'] = async () => {
    opened += 1;
    return inChunks(tar);
  };
  return { where, diffId, open };
}

function imageOf(...layers: readonly (readonly Member[])[]): ImageSource {
  const sources = layers.map((members, at) => {
    const source = sourceOf(members, `layer ${at}`);
    return { source, digest: source.diffId, diffId: source.diffId, createdBy: '' };
  });
  const digest = digestOfHex(createHash('sha256').update(JSON.stringify(sources)).digest('hex'));
  const named = { kind: 'oci', reference: 'test', target: 'oci:/test', digest, platform: 'linux/amd64' } as const;
  return { ...named, layers: sources, close: async () => {} };
}

async function namesAt({ id }: Layer): Promise<string> {
  return (await store.layers.features(id))
    .map((each) => each.feature.name)
    .toSorted()
    .join(' ');
}

/** Returns the packages, then the codes of the package database diagnostics. */
async function textOf(layer: Layer): Promise<string> {
  const codes = layer.diagnostics.map(({ code }) => code).filter((code) => code.startsWith('package-database'));
  return [await namesAt(layer), ...codes].join('|');
}

async function shown(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  opened = 0;
  const stored = await worker.analyzeImage(imageOf([RELEASE], ...layers));
  return (await Promise.all(stored.map(textOf))).slice(1);
}

describe('a log in the layer of its database', () => {
  it.each<[string, readonly Member[], string]>([
    ['behind it', [file(DATABASE, database), file(WAL, log)], 'b c'],
    ['before it', [file(WAL, log), file(DATABASE, database)], 'b c'],
    [
      'behind a link to the directory',
      [link(RPM, '../../usr/lib/sysimage/rpm'), ...inDirectory('usr/lib/sysimage/rpm')],
      'b c',
    ],
    [
      'behind a link to a directory that no detector reads',
      [link(RPM, '/data/rpm'), ...inDirectory('data/rpm')],
      'b c',
    ],
    [
      'beside the file that a link leads to',
      [link(DATABASE, '/data/db'), file('data/db', database), file('data/db-wal', log)],
      'b c',
    ],
    [
      'beside the link, where SQLite does not look',
      [link(DATABASE, '/data/db'), file('data/db', database), file(WAL, log)],
      `a b|${DIAGNOSTIC}`,
    ],
    ['beside no database', [file(WAL, log)], `|${DIAGNOSTIC}`],
    ['beside an empty one', [file(DATABASE, ''), file(WAL, log)], `|${DIAGNOSTIC}|${DIAGNOSTIC}`],
    [
      'whose database is also the target of a dpkg link',
      [link('var/lib/dpkg/status', `/${DATABASE}`), file(DATABASE, database), file(WAL, log)],
      `a b|${DIAGNOSTIC}|${DIAGNOSTIC}`,
    ],
    ['of no bytes', [file(DATABASE, database), file(WAL, '')], 'a b'],
    ['that is invalid', [file(DATABASE, database), file(WAL, 'x'.repeat(5000))], `a b|${DIAGNOSTIC}`],
  ])('%s', async (_, members, expected) => {
    expect(await shown(members)).toEqual([expected]);
  });

  function inDirectory(directory: string): readonly Member[] {
    return [file(`${directory}/rpmdb.sqlite`, database), file(`${directory}/rpmdb.sqlite-wal`, log)];
  }
});

describe('a log in another layer', () => {
  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    ['above its database', [[file(DATABASE, database)], [file(WAL, log)]], ['a b', 'b c']],
    ['below its database', [[file(WAL, log)], [file(DATABASE, database)]], [`|${DIAGNOSTIC}`, 'b c']],
    [
      'with layers between and above',
      [[file(DATABASE, database)], [file('x', '')], [file(WAL, log)], [file('y', '')]],
      ['a b', 'a b', 'b c', 'b c'],
    ],
    ['that is removed', [[file(DATABASE, database), file(WAL, log)], [gone(WAL)]], ['b c', 'a b']],
    [
      'that is hidden',
      [
        [file(DATABASE, database), file(WAL, log)],
        [file(`${RPM}/.wh..wh..opq`, ''), file(DATABASE, database)],
      ],
      ['b c', 'a b'],
    ],
    ['that is replaced', [[file(DATABASE, database), file(WAL, log)], [file(WAL, laterLog)]], ['b c', 'b c d']],
    [
      'that is emptied after its changes were merged into the database',
      [
        [file(DATABASE, database), file(WAL, log)],
        [file(DATABASE, sqliteDatabase([rpmHeader({ name: 'z' })])), file(WAL, '')],
      ],
      ['b c', 'z'],
    ],
    [
      'whose database is removed',
      [[file(DATABASE, database), file(WAL, log)], [gone(DATABASE)]],
      ['b c', `|${DIAGNOSTIC}|package-database-removed`],
    ],
    [
      'that is added again',
      [[file(DATABASE, database), file(WAL, log)], [gone(WAL)], [file(WAL, log)]],
      ['b c', 'a b', 'b c'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await shown(...layers)).toEqual(expected);
  });

  it('gives each package its origin layer', async () => {
    const stored = await worker.analyzeImage(imageOf([RELEASE], [file(DATABASE, database)], [file(WAL, log)]));
    const installed = await store.layers.features(stored.at(-1)?.id ?? 0);
    const depths = new Map(installed.map(({ feature: { name }, originDepth }) => [name, originDepth]));
    expect(depths).toEqual(
      new Map([
        ['b', 1],
        ['c', 2],
      ]),
    );
  });
});

describe('the second reading', () => {
  const base = [file(DATABASE, database)];

  it('covers the layers of both files and is stored for all images', async () => {
    expect(await shown(base, [file('x', '')], [file(WAL, log)])).toEqual(['a b', 'a b', 'b c']);
    expect(opened).toBe(4 + 2);
    expect(await shown(base, [file(WAL, log), file('y', '')])).toEqual(['a b', 'b c']);
    expect(opened).toBe(1);
  });

  it('is skipped for a log without changes', async () => {
    expect(await shown([file(DATABASE, database), file(WAL, '')])).toEqual(['a b']);
    expect(opened).toBe(2);
  });

  it('also works in a thread', async () => {
    const reader = createReaderPool({ threads: 1 });
    try {
      worker = createLocalWorker({ store, detectors: DETECTORS, reader });
      expect(await shown(base, [file(WAL, log)])).toEqual(['a b', 'b c']);
    } finally {
      await reader.close();
    }
  });

  it('makes the analysis of the image fail if it fails', async () => {
    const reader: LayerReader = {
      ...createLayerReader(DETECTORS),
      readFile: async () => await Promise.reject(new Error('the disk is gone')),
    };
    worker = createLocalWorker({ store, detectors: DETECTORS, reader });
    await expect(shown(base, [file(WAL, log)])).rejects.toThrow('the disk is gone');
  });
});

describe('layers posted one by one', () => {
  async function post(name: string, parent: Layer | null, ...members: readonly Member[]): Promise<Layer> {
    const { where, open } = sourceOf(members);
    return await worker.analyzeLayer({ name, parent, source: { where, open } });
  }

  it('merge a log within one layer, and later layers use the result', async () => {
    const base = await post('base', null, RELEASE, file(DATABASE, database), file(WAL, log));
    const above = await post('above', base, file('x', ''));
    // A new worker has only the stored state.
    worker = createLocalWorker({ store, detectors: DETECTORS });
    const later = await post('later', above, file('y', ''));
    expect(await Promise.all([base, above, later].map(textOf))).toEqual(['b c', 'b c', 'b c']);
  });

  it('cause a diagnostic when the layer of the database is gone', async () => {
    const base = await post('base', null, RELEASE, file(DATABASE, database));
    const above = await post('above', base, file(WAL, log));
    expect(await textOf(above)).toBe(`a b|${DIAGNOSTIC}`);
    expect(above.diagnostics).toContainEqual({
      code: DIAGNOSTIC,
      message: `${WAL} has changes to ${DATABASE} that were not read`,
      where: WAL,
    });
  });
});
