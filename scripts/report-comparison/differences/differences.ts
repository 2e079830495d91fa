import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, type JsonValue } from './json-value.ts';

/**
 * - `added`, `removed`: a field or list element that only one side has;
 * - `changed`: a value;
 * - `order`: the common elements of two lists are in a different order.
 */
export type DifferenceKind = 'added' | 'removed' | 'changed' | 'order';

export type Difference = {
  readonly kind: DifferenceKind;
  /** Field names joined by dots, without list elements: `report.findings.severity`. */
  readonly path: string;
  /** The path with the identity of each list element: `report.findings[CVE-1 bash 5.2].severity`. */
  readonly where: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
};

export type ComparisonRules = {
  /** The fields that identify an element, relative to the element, by list path. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  readonly ignored: ReadonlySet<string>;
};

export function differencesOf(before: JsonValue, after: JsonValue, rules: ComparisonRules): readonly Difference[] {
  return [...compared(before, after, { path: '', where: '' }, rules)];
}

type Position = Pick<Difference, 'path' | 'where'>;

function* compared(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  at: Position,
  rules: ComparisonRules,
): Generator<Difference> {
  if (rules.ignored.has(at.path) || isDeepStrictEqual(before, after)) return;
  if (before === undefined) {
    if (after !== undefined) yield { kind: 'added', ...at, after };
  } else if (after === undefined) yield { kind: 'removed', ...at, before };
  else if (Array.isArray(before) && Array.isArray(after)) yield* comparedLists(before, after, at, rules);
  else if (isObject(before) && isObject(after)) yield* comparedObjects(before, after, at, rules);
  else yield { kind: 'changed', ...at, before, after };
}

function* comparedObjects(
  before: JsonObject,
  after: JsonObject,
  { path, where }: Position,
  rules: ComparisonRules,
): Generator<Difference> {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const at = path === '' ? { path: name, where: name } : { path: `${path}.${name}`, where: `${where}.${name}` };
    yield* compared(before[name], after[name], at, rules);
  }
}

function* comparedLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  { path, where }: Position,
  rules: ComparisonRules,
): Generator<Difference> {
  const fields = rules.elements.get(path);
  const [old, present] = [namedElements(before, fields), namedElements(after, fields)];
  for (const name of new Set([...old.keys(), ...present.keys()])) {
    yield* compared(old.get(name), present.get(name), { path, where: `${where}[${name}]` }, rules);
  }
  const oldOrder = [...old.keys()].filter((name) => present.has(name));
  const newOrder = [...present.keys()].filter((name) => old.has(name));
  const first = oldOrder.findIndex((name, index) => newOrder[index] !== name);
  if (first === -1) return;
  yield {
    kind: 'order',
    path,
    where,
    before: oldOrder.slice(first, first + 3),
    after: newOrder.slice(first, first + 3),
  };
}

/**
 * Returns the elements by identity. The identity consists of the given fields. Without fields, the identity is the
 * value or, for objects and lists, the index. A number follows a repeated identity.
 */
function namedElements(
  list: readonly JsonValue[],
  fields: readonly string[] | undefined,
): ReadonlyMap<string, JsonValue> {
  const named = new Map<string, JsonValue>();
  const counts = new Map<string, number>();
  for (const [index, element] of list.entries()) {
    const name = nameOf(element, index, fields);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    named.set(count === 1 ? name : `${name} #${count}`, element);
  }
  return named;
}

function nameOf(element: JsonValue, index: number, fields: readonly string[] | undefined): string {
  if (typeof element !== 'object' || element === null) return nameText(element);
  if (fields === undefined || !isObject(element)) return String(index);
  return fields.map((field) => nameText(valueAt(element, field.split('.')))).join(' ');
}

function nameText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function valueAt(value: JsonValue | undefined, [name, ...below]: readonly string[]): JsonValue | undefined {
  if (name === undefined) return value;
  return isObject(value) ? valueAt(value[name], below) : undefined;
}
