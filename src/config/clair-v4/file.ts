import type { ConfigKey } from '../config-key.ts';
import { type FileValues, isAccepted, type Listener } from '../file-values.ts';
import type { YamlPath } from '../yaml-file.ts';
import { CONNECTION_KEYS, V4_HEALTH_PORT, V4_KEYS } from './keys.ts';

/** The top-level keys that exist only in Clair v4 files. */
const MARKS: readonly string[] = [
  'http_listen_addr',
  'introspection_addr',
  'log_level',
  'indexer',
  'matcher',
  'matchers',
  'updaters',
  'auth',
];

/** The maximum number of characters of a key in messages. */
const MAX_SHOWN_LENGTH = 100;

/** Returns whether the content of a file is a Clair v4 configuration. */
export function isClairV4File(content: unknown): content is object {
  return isMap(content) && MARKS.some((mark) => Object.hasOwn(content, mark));
}

/**
 * Returns the values of a Clair v4 configuration file, under the keys of this release. A key without an effect in this
 * release causes a notice instead of a fault, so that Clair accepts the file unchanged.
 */
export function clairV4Values(content: object, keys: readonly ConfigKey[], listener: Listener): FileValues {
  const values = new Map<string, unknown>();
  const places = new Map<string, YamlPath>();
  const connections = new Map<string, { readonly value: unknown; readonly at: YamlPath }>();

  function set(path: string, value: unknown, at: YamlPath): void {
    const key = keys.find((each) => each.path === path);
    if (key === undefined) throw new Error(`there is no key ${path}`);
    if (!isAccepted(key, value, (inner, what) => listener.diagnostic([...at, ...inner], what))) return;
    values.set(path, value);
    places.set(path, at);
  }

  function read(path: string, value: unknown, at: YamlPath): void {
    const translate = V4_KEYS.get(path);
    if (translate !== undefined) {
      translate(value, {
        set: (target, translated) => set(target, translated, at),
        ignore: (why) => listener.notice(at, `${path}: ${why}`),
        reject: (expected) => listener.diagnostic(at, `${path} must be ${expected}`),
      });
    } else if (CONNECTION_KEYS.includes(path)) connections.set(path, { value, at });
    else if (isMap(value) && hasKeysBelow(path)) {
      for (const [name, inner] of Object.entries(value)) read(`${path}.${name}`, inner, [...at, name]);
    } else listener.notice(at, `${shown(path)} has no effect`);
  }

  for (const [name, value] of Object.entries(content)) read(name, value, [name]);
  setDatabase(connections, set, listener);
  // Probes for Clair v4 expect this port.
  if (!values.has('api.healthport')) values.set('api.healthport', V4_HEALTH_PORT);
  if (!values.has('api.auth.psk.key')) {
    listener.notice(
      [],
      'auth.psk is not set, so the server rejects unknown host names: set CLAIR_API_HOSTS to the names that clients use, such as [clair]',
    );
  }
  return { values, places };
}

type Connections = ReadonlyMap<string, { readonly value: unknown; readonly at: YamlPath }>;

/** Sets the database from the first connection string; Clair keeps the data of all components in one database. */
function setDatabase(
  connections: Connections,
  set: (path: string, value: unknown, at: YamlPath) => void,
  { notice }: Listener,
): void {
  const [first, ...others] = CONNECTION_KEYS.filter((path) => connections.has(path));
  const chosen = first === undefined ? undefined : connections.get(first);
  if (chosen === undefined) return;
  set('database.type', 'postgres', chosen.at);
  set('database.source', chosen.value, chosen.at);
  for (const path of others) {
    const other = connections.get(path);
    if (other !== undefined && other.value !== chosen.value) {
      notice(other.at, `${path} has no effect: Clair stores all data in the database of ${first}`);
    }
  }
}

function hasKeysBelow(path: string): boolean {
  return [...V4_KEYS.keys(), ...CONNECTION_KEYS].some((key) => key.startsWith(`${path}.`));
}

/** Escapes and shortens a key for messages, because the file can contain any text. */
function shown(key: string): string {
  const text = JSON.stringify(key).slice(1, -1);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
