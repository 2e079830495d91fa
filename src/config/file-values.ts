import type { ConfigKey } from './config-key.ts';
import { nearestKey } from './nearest-key.ts';
import { DATABASE_TYPES, KEYS_WITHOUT_EFFECT, OFF_WHEN_EMPTY, ORIGINAL_MAPS, renamedKey } from './original-names.ts';
import type { YamlPath } from './yaml-file.ts';

/** The values of a file by key path, and the place of each value in the file. */
export type FileValues = {
  readonly values: ReadonlyMap<string, unknown>;
  readonly places: ReadonlyMap<string, YamlPath>;
};

/** Receives faults and notices, each with its place in the file. */
export type Listener = {
  /** Receives a fault. A fault makes the file invalid. */
  readonly diagnostic: (at: YamlPath, what: string) => void;
  /** Receives a notice about a valid file. */
  readonly notice: (at: YamlPath, what: string) => void;
};

/** The key above all sections in Clair v2 files. */
const TOP = 'clair';

/** The maximum number of characters of an unknown key in messages. */
const MAX_SHOWN_LENGTH = 100;

/** Returns the values of the known keys. Reports unknown keys and invalid values to the listener. */
export function fileValues(file: unknown, keys: readonly ConfigKey[], listener: Listener): FileValues {
  const values = new Map<string, unknown>();
  const places = new Map<string, YamlPath>();
  const maps = new Set([
    ...keys.flatMap((key) => key.maps.map((_, at) => pathOf(key.maps.slice(0, at + 1)))),
    ...ORIGINAL_MAPS,
  ]);
  const known = keys.map(({ path }) => path);
  const { top, content: sections } = sectionsOf(file, listener);
  const database: unknown = Reflect.get(sections, 'database');
  const typeOfDatabase: unknown = isMap(database) ? Reflect.get(database, 'type') : undefined;

  function readMap(content: object, within: readonly string[], at: YamlPath): void {
    for (const [name, value] of Object.entries(content)) read(name, value, within, [...at, name]);
  }

  function read(name: string, value: unknown, within: readonly string[], at: YamlPath): void {
    const path = pathOf([...within, name]);
    if (name.includes('.')) listener.diagnostic(at, unknownKey(path, known));
    else if (maps.has(path)) readInner([...within, name], value, at);
    else if (KEYS_WITHOUT_EFFECT.has(path)) {
      listener.notice(at, `${path} has no effect: ${KEYS_WITHOUT_EFFECT.get(path)}`);
    } else readKey(path, value, at, within.length === 0);
  }

  function readInner(path: readonly string[], value: unknown, at: YamlPath): void {
    const name = pathOf(path);
    const off = OFF_WHEN_EMPTY.get(name);
    if (isMap(value)) readMap(value, path, at);
    else if (value === null && off !== undefined) {
      for (const [key, what] of off) values.set(key, what);
      listener.notice(at, `${name} is empty and therefore turned off; remove the key to use the defaults`);
    } else listener.diagnostic(at, `${name} must be a map of keys`);
  }

  function readKey(original: string, value: unknown, at: YamlPath, isSection: boolean): void {
    const path = renamedKey(original, typeOfDatabase) ?? original;
    const key = keys.find((each) => each.path === path);
    if (key === undefined) {
      listener.diagnostic(
        at,
        unknownKey(path, isSection ? [...maps].filter((map) => !map.includes('.')).concat(known) : known),
      );
      return;
    }
    if (path !== original) listener.notice(at, `${original} is now called ${path}`);
    const named = path === 'database.type' ? databaseType(value, at, listener) : value;
    if (named === undefined || !isAccepted(key, named, (inner, what) => listener.diagnostic([...at, ...inner], what)))
      return;
    values.set(path, named);
    places.set(path, at);
  }

  readMap(sections, [], top);
  return { values, places };
}

/** Returns whether a key accepts a value. For a list, the diagnostics name each invalid item. */
export function isAccepted(
  { path, value: whole, item }: ConfigKey,
  value: unknown,
  diagnostic: Listener['diagnostic'],
): boolean {
  if (whole.accepts(value)) return true;
  const wrong =
    item !== undefined && Array.isArray(value) ? [...value.keys()].filter((i) => !item.accepts(value[i])) : [];
  for (const index of wrong) diagnostic([index], `${path}[${index}] must be ${item?.title}`);
  if (wrong.length === 0) diagnostic([], `${path} must be ${whole.title}`);
  return false;
}

/** Returns the message for an unknown key. The message names a similar key, if a similar key exists. */
export function unknownKey(path: string, keys: readonly string[]): string {
  const meant = nearestKey(path, keys);
  return `unknown key ${shown(path)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/**
 * Returns the current name of a database type. For a Clair v2 type that this release does not support, reports a
 * diagnostic and returns undefined.
 */
function databaseType(value: unknown, at: YamlPath, { diagnostic, notice }: Listener): unknown {
  const known = DATABASE_TYPES.get(value);
  if (known === undefined) return value;
  if ('same' in known) {
    notice(at, `database.type ${String(value)} is now called ${known.same}`);
    return known.same;
  }
  diagnostic(at, `database.type: ${known.instead}`);
  return undefined;
}

/** Returns the map with the sections, and the path of the map: the top of the file or the key `clair`. */
function sectionsOf(file: unknown, { diagnostic }: Listener): { readonly top: YamlPath; readonly content: object } {
  if (file === null) return { top: [], content: {} };
  if (!isMap(file)) {
    diagnostic([], 'the file must be a map of sections');
    return { top: [], content: {} };
  }
  if (!Object.hasOwn(file, TOP)) return { top: [], content: file };
  for (const name of Object.keys(file).filter((each) => each !== TOP)) {
    diagnostic(
      [name],
      `${shown(name)} must be under ${TOP}: in a file with the key ${TOP}, all sections must be under this key`,
    );
  }
  const inner: unknown = Reflect.get(file, TOP);
  if (isMap(inner)) return { top: [TOP], content: inner };
  diagnostic([TOP], `${TOP} must be a map of sections`);
  return { top: [TOP], content: {} };
}

/** Escapes and shortens a key for messages, because the file can contain any text. */
function shown(key: string): string {
  const text = JSON.stringify(key).slice(1, -1);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function pathOf(steps: readonly string[]): string {
  return steps.join('.');
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
