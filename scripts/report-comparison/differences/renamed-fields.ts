import { isObject, type JsonValue, type JsonObject } from './json-value.ts';

/** A field with a new path. Paths are names joined by dots, without list elements. */
export type Rename = { readonly from: string; readonly to: string };

/** A value with renamed fields, and the renames without a matching field. */
export type Renamed = { readonly value: JsonValue; readonly unused: readonly Rename[] };

/**
 * Moves fields to their new paths.
 *
 * @throws Error for a rename that moves a field out of a list element, and for two fields with the same new path
 */
export function renamedFields(value: JsonValue, renames: readonly Rename[]): Renamed {
  const used = new Set<Rename>();
  return {
    value: renamedValue(value, [], [], renames, used),
    unused: renames.filter((rename) => !used.has(rename)),
  };
}

/** Returns the new path of a field. */
export function renamedPath(path: string, renames: readonly Rename[]): string {
  return newPath(path === '' ? [] : path.split('.'), renames).join('.');
}

/** @param from the path of `value`, and `to` the new path */
function renamedValue(
  value: JsonValue,
  from: readonly string[],
  to: readonly string[],
  renames: readonly Rename[],
  used: Set<Rename>,
): JsonValue {
  if (Array.isArray(value)) return value.map((element) => renamedValue(element, from, to, renames, used));
  if (!isObject(value)) return value;
  const renamed: Record<string, JsonValue> = {};
  for (const [names, leaf] of leavesOf(value)) {
    const path = [...from, ...names];
    const target = newPath(path, renames, used);
    if (target.length <= to.length || to.some((name, index) => target[index] !== name)) {
      throw new Error(
        `cannot rename ${path.join('.')} to ${target.join('.')}: the new path is not inside ${to.join('.')}`,
      );
    }
    setField(renamed, target.slice(to.length), renamedValue(leaf, path, target, renames, used), path);
  }
  return renamed;
}

function* leavesOf(
  value: JsonObject,
  above: readonly string[] = [],
): Generator<readonly [readonly string[], JsonValue]> {
  for (const [name, field] of Object.entries(value)) {
    const names = [...above, name];
    if (isObject(field) && Object.keys(field).length > 0) yield* leavesOf(field, names);
    else yield [names, field];
  }
}

function newPath(path: readonly string[], renames: readonly Rename[], used?: Set<Rename>): readonly string[] {
  let longest: Rename | undefined;
  for (const rename of renames) {
    const names = rename.from.split('.');
    const fits = names.length <= path.length && names.every((name, index) => path[index] === name);
    if (fits && rename.from.length > (longest?.from.length ?? -1)) longest = rename;
  }
  if (longest === undefined) return path;
  used?.add(longest);
  return [...longest.to.split('.'), ...path.slice(longest.from.split('.').length)];
}

function setField(
  target: Record<string, JsonValue>,
  [name = '', ...below]: readonly string[],
  value: JsonValue,
  path: readonly string[],
): void {
  const present = target[name];
  if (below.length === 0 && present === undefined) {
    target[name] = value;
    return;
  }
  if (below.length === 0 || (present !== undefined && !isObject(present))) {
    throw new Error(`${path.join('.')} would replace another field`);
  }
  const inner: Record<string, JsonValue> = { ...present };
  setField(inner, below, value, path);
  target[name] = inner;
}
