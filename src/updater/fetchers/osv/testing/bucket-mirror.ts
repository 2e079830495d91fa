import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach } from 'vitest';
import type { HttpAnswer, HttpClient } from '../../../../bytes/http/client.ts';
import { zipOf } from '../../../../bytes/testing/zip-builder.ts';
import type { Store } from '../../../../database/contracts/store.ts';
import { memoryStore } from '../../../../database/testing/memory-store.ts';
import { ClairError } from '../../../../errors.ts';
import type { UpdateResult } from '../../../update-result.ts';
import { createUpdater, type UpdateOptions } from '../../../updater.ts';
import { osv } from '../fetcher.ts';

/** A document with the ecosystems of its packages, the day of its last change, and the fixed version. */
type BucketRecord = {
  readonly ecosystems: readonly string[];
  readonly day: number;
  readonly fixed?: string;
  readonly withdrawn?: boolean;
  /** Whether the document is listed, but cannot be read. */
  readonly isMissing?: boolean;
};

const BASE = 'https://bucket.test/';

/** A mirror of the bucket, generated from its documents, and an updater that reads the mirror into a new store. */
class BucketMirror {
  cache = '';
  store!: Store;
  records: Map<string, BucketRecord> = new Map();
  /** The paths that the last update requested. */
  asked: string[] = [];
  /** The ecosystems whose lists the mirror does not serve. */
  withoutList: readonly string[] = [];
  /** The files that the mirror copied earlier than the other files, by path. */
  earlier: Map<string, string | Buffer | undefined> = new Map();
  /** The configured ecosystems. */
  ecosystems: readonly string[] | undefined = ['npm', 'PyPI'];

  async open(): Promise<void> {
    this.cache = await mkdtemp(join(tmpdir(), 'clair-bucket-'));
    this.store = await memoryStore();
    this.withoutList = [];
    this.earlier = new Map();
    this.ecosystems = ['npm', 'PyPI'];
    this.records = new Map([
      ['GHSA-1', { ecosystems: ['npm'], day: 1 }],
      ['GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 1 }],
      ['PYSEC-1', { ecosystems: ['PyPI'], day: 1 }],
    ]);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.cache, { recursive: true });
  }

  async update(options: UpdateOptions = {}, store: Store = this.store): Promise<UpdateResult> {
    this.asked = [];
    const updater = createUpdater({
      store,
      fetchers: [osv],
      http: this.#http,
      now: () => 1000,
      settings: {
        addresses: { osv: BASE },
        cache: this.cache,
        ...(this.ecosystems && { ecosystems: this.ecosystems }),
      },
    });
    return await updater.update('osv', { allowShrink: true, ...options });
  }

  /** Returns the stored packages as `ID NAMESPACE FIXED`. */
  async stored(): Promise<readonly string[]> {
    const names = await this.store.vulnerabilities.named('', { after: '', limit: 100 });
    const records = await this.store.vulnerabilities.findAll(names);
    return records.flatMap(({ name, affected }) => affected.map((each) => `${name} ${each.namespace} ${each.fixed}`));
  }

  /** Returns the current file at a path of the bucket. */
  fileAt(path: string): string | Buffer | undefined {
    const [ecosystem = '', name = ''] = decodeURIComponent(path).split('/');
    const ids = [...this.records].filter(([, of]) => of.ecosystems.includes(ecosystem)).map(([id]) => id);
    if (ids.length === 0) return undefined;
    if (name === 'all.zip') return zipOf(...ids.map((id) => ({ name: `${id}.json`, content: this.#recordOf(id) })));
    if (name === 'modified_id.csv') {
      const byTime = ids.toSorted((a, b) => (this.records.get(b)?.day ?? 0) - (this.records.get(a)?.day ?? 0));
      if (this.withoutList.includes(ecosystem)) return undefined;
      return byTime.map((id) => `${timeOf(this.records.get(id)?.day ?? 0)},${id}\n`).join('');
    }
    const id = name.replace('.json', '');
    return ids.includes(id) && this.records.get(id)?.isMissing !== true ? this.#recordOf(id) : undefined;
  }

  #recordOf(id: string): string {
    const { ecosystems: of = [], day = 1, fixed = '2.0.0', withdrawn = false } = this.records.get(id) ?? {};
    const ranges = [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }];
    const affected = of.map((ecosystem) => ({ package: { ecosystem, name: 'a' }, ranges }));
    return JSON.stringify({ id, modified: timeOf(day), affected, ...(withdrawn && { withdrawn: timeOf(day) }) });
  }

  readonly #http: HttpClient = {
    get: async (url, options): Promise<HttpAnswer> => {
      const path = url.slice(BASE.length);
      this.asked.push(path);
      const file = this.earlier.has(path) ? this.earlier.get(path) : this.fileAt(path);
      if (file === undefined) throw new ClairError('bytes/not-found', `${url} responded with status 404`);
      const etag = `"${Buffer.from(file).toString('base64')}"`;
      if (options?.headers?.['if-none-match'] === etag) return { status: 304 };
      const body = (async function* (): AsyncGenerator<Uint8Array> {
        yield typeof file === 'string' ? gzipSync(file) : file;
      })();
      return { status: 200, headers: { etag }, body };
    },
    close: async () => {},
  };
}

function timeOf(day: number): string {
  return new Date(Date.UTC(2099, 0, day, 12)).toISOString();
}

/** Opens a mirror with three documents before each test, and closes the mirror after the test. */
export function useBucketMirror(): BucketMirror {
  const mirror = new BucketMirror();
  beforeEach(async () => await mirror.open());
  afterEach(async () => await mirror.close());
  return mirror;
}
