import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, inject } from 'vitest';
import type { DatabaseOptions } from '../open-store.ts';
import type { ImageContents } from '../contracts/images.ts';
import type { NewLayer } from '../contracts/layers.ts';
import type { Layer, FeatureChange } from '../../model/layer.ts';
import { digestOf } from './packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** The engines that every test of a store runs on, each with a new database whenever it is asked. */
export const ENGINES: readonly [string, () => DatabaseOptions][] = [
  ['memory', () => ({ type: 'memory' })],
  ['sqlite', () => ({ type: 'sqlite', path: join(folder, 'new', `${(files += 1)}.db`) })],
  ['postgres', () => ({ type: 'postgres', source: newPostgresSource() })],
];

/** A new database for tests of conformance: in memory, or on the engine that `CLAIR_TEST_ENGINE` names. */
export function newDatabase(): DatabaseOptions {
  const wanted = env['CLAIR_TEST_ENGINE'] ?? 'memory';
  const engine = ENGINES.find(([name]) => name === wanted);
  if (engine === undefined) throw new Error(`CLAIR_TEST_ENGINE: there is no engine ${wanted}`);
  return engine[1]();
}

/** The address of a database that is empty: a schema of its own on the server of the tests. */
export function newPostgresSource(): string {
  return `${inject('postgres')}?sslmode=disable&search_path=test_${randomUUID().replaceAll('-', '')}`;
}

/** Of an image that says nothing of itself. */
export const NO_CONTENTS: ImageContents = { layers: [], baseDigest: null, commands: [] };

/** A layer of Debian 12 as an engine of version 1 would store it. */
export function newLayer(name: string, parent: Layer | null, changes: readonly FeatureChange[]): NewLayer {
  return {
    name,
    engineVersion: 1,
    digest: digestOf('a'),
    parent,
    distribution: { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' },
    contentSets: [],
    diagnostics: [],
    changes,
    owners: [],
    contents: Buffer.from('{}'),
  };
}
