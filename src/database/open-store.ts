import { createChangeLogStore } from './change-log-store.ts';
import type { Engine } from './engine.ts';
import { createEnrichmentStore } from './enrichment-store.ts';
import { createFlagStore } from './flag-store.ts';
import { createImageStore } from './image-store.ts';
import { createLayerStore } from './layer-store.ts';
import { createLockStore } from './lock-store.ts';
import { createMatchStore } from './match-store.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';
import { readSourceSnapshot } from './source-snapshot.ts';
import { createSourceStore } from './source-store.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';
import { createVulnerabilityStore } from './vulnerability-store.ts';

/** Which engine runs, and where its data is. */
export type DatabaseOptions =
  | { readonly type: 'memory' }
  | { readonly type: 'sqlite'; readonly path: string }
  /** `source` is an address as libpq writes it, with its password if it has one. */
  | ({ readonly type: 'postgres'; readonly source: string } & PostgresOptions);

/**
 * Opens the database and brings its schema up to date.
 *
 * @throws ClairError `database/unavailable`, `database/newer-schema`, or `config/invalid` for an address that is none.
 */
export async function openStore(options: DatabaseOptions): Promise<Store> {
  return storeOn(await openEngine(options));
}

async function openEngine(options: DatabaseOptions): Promise<Engine> {
  switch (options.type) {
    case 'memory':
      return await openSqlite();
    case 'sqlite':
      return await openSqlite(options.path);
    case 'postgres':
      return await openPostgres(options.source, options);
  }
}

/** Puts the groups of queries on an engine. */
function storeOn(engine: Engine): Store {
  return {
    layers: createLayerStore(engine),
    images: createImageStore(engine),
    matches: createMatchStore(engine),
    vulnerabilities: createVulnerabilityStore(engine),
    enrichments: createEnrichmentStore(engine),
    changeLog: createChangeLogStore(engine),
    sources: createSourceStore(engine),
    locks: createLockStore(engine),
    flags: createFlagStore(engine),
    snapshot: (read) => readSourceSnapshot(engine, read),
    async check() {
      await engine.read.get('SELECT 1 AS alive');
    },
    close: () => engine.close(),
  };
}
