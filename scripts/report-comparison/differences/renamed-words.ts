import { isObject, type JsonValue } from './json-value.ts';

/** A replaced word in the texts at a path, after the renames of fields. */
export type WordRename = { readonly path: string; readonly from: string; readonly to: string };

/** Replaces words in the texts at the given paths. */
export function renamedWords(value: JsonValue, renames: readonly WordRename[], path = ''): JsonValue {
  if (typeof value === 'string') {
    return renames.reduce((text, { path: at, from, to }) => (at === path ? text.replaceAll(from, to) : text), value);
  }
  if (Array.isArray(value)) return value.map((element) => renamedWords(element, renames, path));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      renamedWords(field, renames, path === '' ? name : `${path}.${name}`),
    ]),
  );
}
