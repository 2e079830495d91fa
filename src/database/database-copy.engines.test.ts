import type { SbomStatement } from '../model/report/sbom-statement.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from './testing/store-content.ts';
import { advisory, deb, digestOf } from './testing/packages.ts';
import { digestOfDatabase } from './testing/database-digest.ts';
import { ENGINES, newLayer, newPostgresSource } from './testing/stores.ts';
import type { CopiedTable } from './database-copy.ts';
import { copyDatabase } from './database-copy.ts';
import { copyStore, type SharedDatabaseOptions, openStore } from './open-store.ts';
import { openSqlite } from './engines/sqlite/engine.ts';
import type { Store } from './contracts/store.ts';
import { TABLES } from './queries/tables.ts';

type File = Extract<SharedDatabaseOptions, { type: 'sqlite' }>;

function newFile(): File {
  const options = ENGINES.find(([name]) => name === 'sqlite')?.[1]();
  if (options?.type !== 'sqlite') throw new Error('no engine has files');
  return options;
}

/**
 * The tables that {@link fill} leaves empty. For example, if there were a file rule, each layer would need points for
 * the files of the rule.
 */
const EMPTY = [
  'file_rule',
  'watched_file',
  'file_rule_file',
  'update_notification',
  'update_notification_change',
  'update_notification_feature',
  'enrichment',
  'repository_cpe',
];

const STATEMENT: SbomStatement = {
  place: 'vulnerability 1',
  ids: ['CVE-1'],
  effect: 'suppress',
  justification: null,
  reason: 'ü',
  timestamp: 0,
  packages: [],
};

/** Writes more packages than fit on one page, and rows in every table except {@link EMPTY}. */
async function fill(store: Store): Promise<void> {
  const packages = Array.from({ length: 1100 }, (_, index) => deb(`package-${index}`, `1:${index}-1`));
  const base = await knowLayer(store, 'base', packages);
  const [owner, owned] = [packages.at(-1) ?? deb('a', '1'), deb('a', '1~ü')];
  const change = { feature: owned, path: '', namespace: 'debian:12', originDepth: 1, change: 1 } as const;
  const owners = [
    { feature: owned, path: '', namespace: 'debian:12', owner: { feature: owner, namespace: 'debian:12' } },
  ];
  const program = { os: 'linux', arch: 'amd64', functions: Buffer.from([0, 255, 1]) };
  const programs = [{ path: 'usr/bin/app', program }];
  const leaf = await store.layers.insert({
    ...newLayer('leaf', base, [change]),
    owners,
    programs,
    statements: [STATEMENT],
  });
  const image = { reference: 'r', target: 't', platform: 'linux/amd64', leaf: leaf.id, scannedAt: 5 };
  const layer = { digest: digestOf('d'), diffId: digestOf('e'), createdBy: 'RUN', size: 7 };
  await store.images.record({ digest: digestOf('f'), ...image, layers: [layer], baseDigest: null, commands: [1] });
  const counted = await store.counts.find(digestOf('f'));
  if (counted === undefined) throw new Error('the image was not recorded');
  const name = {
    kind: 'vulnerability',
    name: 'ü',
    isOpen: true,
    isId: true,
    isExploited: false,
    severity: 'High',
  } as const;
  const mark = { countedAt: 1, revision: 1, images: null, basis: 'b', validUntil: null };
  await store.counts.write([{ ...counted, counts: null, names: [name], rules: 0, mark }]);
  await publish(store, []);
  const edit = { at: 1, formats: new Map() };
  await store.manual.edit({
    name: 'M-1',
    ...edit,
    change: () => ({ ...advisory('M-1', { package: 'a' }), metadata: '{}' }),
  });
  const imports = [{ path: 'a/ü' }];
  await publish(store, [{ ...advisory('CVE-1', { package: 'package-1', imports }), aliases: ['A-1'] }]);
  await store.ignoreRules.add({ name: 'i', entry: { package: 'ü', reason: 'r' }, at: 3, by: 'jane' });
  await store.notifications.advance({
    from: await store.notifications.cursor(),
    to: 2,
    notifications: [{ name: 'n', change: 2, kind: 'new', createdAt: 7 }],
  });
  const document = { digest: digestOf('a'), distribution: null, appliesVex: false, parts: [Uint8Array.of(0, 255)] };
  await store.submissions.add({ name: 's', target: 'r', platform: null, isUpload: false, document, createdAt: 9 });
  await store.enrichments.update({
    feed: 'epss',
    kind: 'epss',
    fetcherVersion: 1,
    enrichments: [],
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: 3,
  });
}

describe('a copy of a database', () => {
  let source: File;
  beforeEach(async () => {
    source = newFile();
    const store = await openStore(source);
    await fill(store);
    await store.layers.noteBlob(digestOf('a'), digestOf('b'));
    await store.close();
  });

  it('contains every row of every table and continues the ids', async () => {
    const target = newFile();
    const tables: CopiedTable[] = [];
    await copyStore(source, target, { copied: (table) => tables.push(table) });
    expect(digestOfDatabase(target.path, ['schema_migration.applied_at'])).toBe(
      digestOfDatabase(source.path, ['schema_migration.applied_at']),
    );
    expect(tables.map(({ table }) => table)).toEqual(TABLES.map(({ name }) => name));
    expect(tables.filter(({ rows }) => rows === 0).map(({ table }) => table)).toEqual(EMPTY);
    const store = await openStore(target);
    const leaf = await store.layers.find('leaf');
    expect((await store.layers.features(leaf?.id ?? 0)).length).toBe(1101);
    expect((await knowLayer(store, 'next', [deb('b', '1')], leaf)).id).toBe(3);
    await store.close();
  });

  it('is equal after a round trip through PostgreSQL, where new rows get ids after the copied rows', async () => {
    const between: SharedDatabaseOptions = { type: 'postgres', source: newPostgresSource() };
    const target = newFile();
    const [there, back]: [CopiedTable[], CopiedTable[]] = [[], []];
    await copyStore(source, between, { copied: (table) => there.push(table) });
    await copyStore(between, target, { copied: (table) => back.push(table) });
    expect(back).toEqual(there);
    const ignored = ['schema_migration.applied_at'];
    expect(digestOfDatabase(target.path, ignored)).toBe(digestOfDatabase(source.path, ignored));

    const store = await openStore(between);
    const leaf = await store.layers.find('leaf');
    expect((await knowLayer(store, 'next', [deb('b', '1')], leaf)).id).toBe(3);
    const known = await store.changeLog.read({ after: 0, limit: 100 });
    await publish(store, [advisory('CVE-2', { package: 'b' })]);
    const added = await store.changeLog.read({ after: known.at(-1)?.id ?? 0, limit: 100 });
    expect(added.map(({ name, kind }) => [name, kind])).toEqual([
      ['CVE-1', 'withdrawn'],
      ['CVE-2', 'added'],
    ]);
    await store.close();
    await expect(copyStore(source, between)).rejects.toMatchObject({ code: 'copy/not-empty' });
  });

  it('keeps the replacement of U+0000, which PostgreSQL cannot store', async () => {
    const between: SharedDatabaseOptions = { type: 'postgres', source: newPostgresSource() };
    const store = await openStore(source);
    await store.flags.set('a', 'b\0c');
    await store.close();
    await copyStore(source, between);
    const copy = await openStore(between);
    expect(await copy.flags.get('a')).toBe('b\uFFFDc');
    await copy.close();
  });

  it('is rejected when the target has data, and writes nothing', async () => {
    const target = newFile();
    const store = await openStore(target);
    await store.flags.set('a', 'b');
    await store.close();
    const before = digestOfDatabase(target.path);
    await expect(copyStore(source, target)).rejects.toMatchObject({ code: 'copy/not-empty' });
    expect(digestOfDatabase(target.path)).toBe(before);
  });

  it('is rolled back when it is stopped or when the written rows differ from the rows that were read', async () => {
    const target = newFile();
    const stop = new AbortController();
    const stopped = copyStore(source, target, { copied: () => stop.abort(new Error('stop')), signal: stop.signal });
    await expect(stopped).rejects.toThrow('stop');

    const [from, to] = [await openSqlite(source.path), await openSqlite(target.path)];
    const lossy = copyDatabase({
      from,
      to: {
        ...to,
        transaction: async (work) =>
          await to.transaction(
            async (queries) =>
              await work({
                ...queries,
                insertMany: async (into, rows) =>
                  await queries.insertMany(into, into.table === 'layer_feature' ? rows.slice(1) : rows),
              }),
          ),
      },
    });
    await expect(lossy).rejects.toMatchObject({ code: 'copy/mismatch' });
    expect(await to.read.get('SELECT 1 FROM namespace')).toBeUndefined();
    await from.close();
    await to.close();
    await copyStore(source, target);
  });
});
