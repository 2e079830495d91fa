import { type ConfigKey, type ConfigSection, keysOf } from './config-key.ts';
import { API, type ApiConfig } from './sections/api.ts';
import { CLIENT, type ClientConfig } from './sections/client.ts';
import { DATABASE, type DatabaseConfig } from './sections/database.ts';
import { HOUSEKEEPING, type HousekeepingConfig } from './sections/housekeeping.ts';
import { LOG, type LogConfig } from './sections/log.ts';
import { NOTIFIER, type NotifierConfig } from './sections/notifier.ts';
import { SUPPRESSION, type SuppressionConfig } from './sections/suppression.ts';
import { TRACING, type TracingConfig } from './sections/tracing.ts';
import { UPDATER, type UpdaterConfig } from './sections/updater.ts';
import { WORKER, type WorkerConfig } from './sections/worker.ts';

/** What is configured, with the defaults for what is not. */
export type Config = {
  readonly api: ApiConfig;
  readonly client: ClientConfig;
  readonly database: DatabaseConfig;
  readonly housekeeping: HousekeepingConfig;
  readonly log: LogConfig;
  readonly notifier: NotifierConfig;
  readonly suppression: SuppressionConfig;
  readonly tracing: TracingConfig;
  readonly updater: UpdaterConfig;
  readonly worker: WorkerConfig;
};

const SECTIONS = [API, CLIENT, DATABASE, HOUSEKEEPING, LOG, NOTIFIER, SUPPRESSION, TRACING, UPDATER, WORKER] as const;

/**
 * All keys, section by section. Those that the original had are spelled as there. In the schemas `title` says what a value
 * must be, `description` what it does, `$comment` what holds without it where that is no constant.
 */
export function configKeys(): readonly ConfigKey[] {
  return SECTIONS.flatMap(keysOf);
}

/**
 * Gives values as a configuration; those of absent keys are the defaults.
 *
 * @param values by the path of their key; each must be one that the key accepts
 */
export function configOf(values: ReadonlyMap<string, unknown>): Config {
  const sections = nested(values);
  return {
    api: sectionOf(API, sections),
    client: sectionOf(CLIENT, sections),
    database: sectionOf(DATABASE, sections),
    housekeeping: sectionOf(HOUSEKEEPING, sections),
    log: sectionOf(LOG, sections),
    notifier: sectionOf(NOTIFIER, sections),
    suppression: sectionOf(SUPPRESSION, sections),
    tracing: sectionOf(TRACING, sections),
    updater: sectionOf(UPDATER, sections),
    worker: sectionOf(WORKER, sections),
  };
}

type Nested = Map<string, unknown>;

/** Values and defaults in maps of maps. */
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
  if (section === undefined) throw new Error(`${name} was made of values that no key accepts`);
  return section;
}

function plain(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, each]: [unknown, unknown]) => [String(key), plain(each)]));
}
