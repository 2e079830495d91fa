import { expect, it } from 'vitest';
import type { JsonValue } from './json-value.ts';
import { type Rename, renamedFields, renamedPath } from './renamed-fields.ts';

const rename = (from: string, to: string): Rename => ({ from, to });

it.each<[string, JsonValue, readonly Rename[], JsonValue]>([
  ['a field', { a: 1, b: 2 }, [rename('a', 'c')], { c: 1, b: 2 }],
  ['a field of an object', { a: { b: 1, c: 2 } }, [rename('a.b', 'a.d')], { a: { d: 1, c: 2 } }],
  ['an object with its contents', { a: { b: 1, c: [2] } }, [rename('a', 'd')], { d: { b: 1, c: [2] } }],
  ['into an object', { a: 1, b: { c: 2 } }, [rename('a', 'b.a')], { b: { a: 1, c: 2 } }],
  ['out of an object', { a: { b: 1, c: 2 } }, [rename('a.b', 'b')], { b: 1, a: { c: 2 } }],
  ['a list', { a: [{ b: 1 }, { b: 2 }] }, [rename('a', 'c')], { c: [{ b: 1 }, { b: 2 }] }],
  ['fields of list elements', { a: [{ b: 1 }, { c: 2 }] }, [rename('a.b', 'a.d')], { a: [{ d: 1 }, { c: 2 }] }],
  [
    'fields of a renamed list, by the new path of the list',
    { a: [{ b: [{ c: 1 }], d: 2 }] },
    [rename('a', 'x'), rename('a.b', 'x.y'), rename('a.b.c', 'x.y.z')],
    { x: [{ y: [{ z: 1 }], d: 2 }] },
  ],
  ['two fields that swap names', { a: 1, b: 2 }, [rename('a', 'b'), rename('b', 'a')], { b: 1, a: 2 }],
  ['nothing with only the same prefix', { ab: 1, a: { b: 2 } }, [rename('a', 'c')], { ab: 1, c: { b: 2 } }],
  [
    'nothing in null and in empty objects and lists',
    { a: null, b: {}, c: [] },
    [rename('b', 'd')],
    { a: null, d: {}, c: [] },
  ],
])('renames %s', (_, value, renames, expected) => {
  expect(renamedFields(value, renames)).toEqual({ value: expected, unused: [] });
});

it('returns the renames without a matching field', () => {
  const renames = [rename('a', 'b'), rename('c', 'd')];
  expect(renamedFields([{ a: 1 }], renames).unused).toEqual([renames[1]]);
});

it.each<[string, JsonValue, readonly Rename[], string]>([
  [
    'out of a list element',
    { a: [{ b: 1 }] },
    [rename('a.b', 'b')],
    'cannot rename a.b to b: the new path is not inside a',
  ],
  ['to the path of another field', { a: 1, b: 2 }, [rename('a', 'b')], 'b would replace another field'],
  ['below a field that is not an object', { a: 1, b: 2 }, [rename('b', 'a.b')], 'b would replace another field'],
])('rejects a rename %s', (_, value, renames, message) => {
  expect(() => renamedFields(value, renames)).toThrow(message);
});

it.each([
  ['a.b.c', 'x.y.c'],
  ['a.d', 'x.d'],
  ['ab', 'ab'],
  ['', ''],
])('renames "%s" to "%s"', (path, expected) => {
  expect(renamedPath(path, [rename('a', 'x'), rename('a.b', 'x.y')])).toBe(expected);
});
