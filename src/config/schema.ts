import { type ConfigKey, type ConfigSection, keysOf } from './config-key.ts';
import { API, type ApiConfig } from './sections/api.ts';
import { CLIENT, type ClientConfig } from './sections/client.ts';
import { DATABASE, type DatabaseConfig } from './sections/database.ts';
import { HARBOR, type HarborConfig } from './sections/harbor.ts';
import { HOUSEKEEPING, type HousekeepingConfig } from './sections/housekeeping.ts';
import { LOG, type LogConfig } from './sections/log.ts';
import { NOTIFIER, type NotifierConfig } from './sections/notifier.ts';
import { SUPPRESSION, type SuppressionConfig } from './sections/suppression.ts';
import { TRACING, type TracingConfig } from './sections/tracing.ts';
import { UPDATER, type UpdaterConfig } from './sections/updater.ts';
import { V4_SECTION, type V4Config } from './sections/v4.ts';
import { WEBHOOKS, type WebhooksConfig } from './sections/webhooks.ts';
import { WORKER, type WorkerConfig } from './sections/worker.ts';

/** The whole configuration, with defaults for absent keys. */
export type Config = {
  readonly api: ApiConfig;
  readonly client: ClientConfig;
  readonly database: DatabaseConfig;
  readonly harbor: HarborConfig;
  readonly housekeeping: HousekeepingConfig;
  readonly log: LogConfig;
  readonly notifier: NotifierConfig;
  readonly suppression: SuppressionConfig;
  readonly tracing: TracingConfig;
  readonly updater: UpdaterConfig;
  readonly v4: V4Config;
  readonly webhooks: WebhooksConfig;
  readonly worker: WorkerConfig;
};

const SECTIONS = [
  API,
  CLIENT,
  DATABASE,
  HARBOR,
  HOUSEKEEPING,
  LOG,
  NOTIFIER,
  SUPPRESSION,
  TRACING,
  UPDATER,
  V4_SECTION,
  WEBHOOKS,
  WORKER,
] as const;

const KEYS: readonly ConfigKey[] = SECTIONS.flatMap(keysOf);

/**
 * Returns all keys, section by section. Keys of Clair v2 keep the spelling of Clair v2. In the schemas, `title`
 * completes "must be", `description` documents the key, and `$comment` describes a default that is not a constant.
 */
export function configKeys(): readonly ConfigKey[] {
  return KEYS;
}

/**
 * Returns the configuration for these values, with defaults for absent keys.
 *
 * @param values the values by key path; each key must accept its value
 * @throws Error for a value that its key does not accept
 */
export function configOf(values: ReadonlyMap<string, unknown>): Config {
  const sections = nested(values);
  return {
    api: sectionOf(API, sections),
    client: sectionOf(CLIENT, sections),
    database: sectionOf(DATABASE, sections),
    harbor: sectionOf(HARBOR, sections),
    housekeeping: sectionOf(HOUSEKEEPING, sections),
    log: sectionOf(LOG, sections),
    notifier: sectionOf(NOTIFIER, sections),
    suppression: sectionOf(SUPPRESSION, sections),
    tracing: sectionOf(TRACING, sections),
    updater: sectionOf(UPDATER, sections),
    v4: sectionOf(V4_SECTION, sections),
    webhooks: sectionOf(WEBHOOKS, sections),
    worker: sectionOf(WORKER, sections),
  };
}

type Nested = Map<string, unknown>;

function nested(values: ReadonlyMap<string, unknown>): Nested {
  const top: Nested = new Map();
  for (const { maps, name, path, fallback } of configKeys()) {
    let map = top;
    for (const each of maps) {
      const inner = map.get(each);
      const next: Nested = inner instanceof Map ? inner : new Map();
      map.set(each, next);
      map = next;
    }
    const value = values.has(path) ? values.get(path) : fallback;
    if (value !== undefined) map.set(name, value);
  }
  return top;
}

function sectionOf<T>({ name, checked }: ConfigSection<T>, sections: Nested): T {
  const section = checked(plain(sections.get(name)));
  if (section === undefined) throw new Error(`the section ${name} has invalid values`);
  return section;
}

function plain(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, each]: [unknown, unknown]) => [String(key), plain(each)]));
}
