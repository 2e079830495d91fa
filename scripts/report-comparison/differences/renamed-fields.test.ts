import { expect, it } from 'vitest';
import type { JsonValue } from './json-value.ts';
import { type Rename, renamedFields, renamedPath } from './renamed-fields.ts';

const rename = (from: string, to: string): Rename => ({ from, to });

it.each<[string, JsonValue, readonly Rename[], JsonValue]>([
  ['a field', { a: 1, b: 2 }, [rename('a', 'c')], { c: 1, b: 2 }],
  ['a field of an object', { a: { b: 1, c: 2 } }, [rename('a.b', 'a.d')], { a: { d: 1, c: 2 } }],
  ['an object with all that is below it', { a: { b: 1, c: [2] } }, [rename('a', 'd')], { d: { b: 1, c: [2] } }],
  ['into an object', { a: 1, b: { c: 2 } }, [rename('a', 'b.a')], { b: { a: 1, c: 2 } }],
  ['out of an object', { a: { b: 1, c: 2 } }, [rename('a.b', 'b')], { b: 1, a: { c: 2 } }],
  ['a list', { a: [{ b: 1 }, { b: 2 }] }, [rename('a', 'c')], { c: [{ b: 1 }, { b: 2 }] }],
  [
    'fields of the elements of a list',
    { a: [{ b: 1 }, { c: 2 }] },
    [rename('a.b', 'a.d')],
    { a: [{ d: 1 }, { c: 2 }] },
  ],
  [
    'fields of a list that is renamed itself, by its new path',
    { a: [{ b: [{ c: 1 }], d: 2 }] },
    [rename('a', 'x'), rename('a.b', 'x.y'), rename('a.b.c', 'x.y.z')],
    { x: [{ y: [{ z: 1 }], d: 2 }] },
  ],
  ['two fields that exchange their names', { a: 1, b: 2 }, [rename('a', 'b'), rename('b', 'a')], { b: 1, a: 2 }],
  ['nothing whose name only begins alike', { ab: 1, a: { b: 2 } }, [rename('a', 'c')], { ab: 1, c: { b: 2 } }],
  [
    'nothing in null and in empty objects and lists',
    { a: null, b: {}, c: [] },
    [rename('b', 'd')],
    { a: null, d: {}, c: [] },
  ],
])('renames %s', (_, value, renames, expected) => {
  expect(renamedFields(value, renames)).toEqual({ value: expected, unused: [] });
});

it('returns the renames that no field matched', () => {
  const renames = [rename('a', 'b'), rename('c', 'd')];
  expect(renamedFields([{ a: 1 }], renames).unused).toEqual([renames[1]]);
});

it.each<[string, JsonValue, readonly Rename[], string]>([
  [
    'out of the element of a list',
    { a: [{ b: 1 }] },
    [rename('a.b', 'b')],
    'a.b cannot become b: that is not inside of a',
  ],
  ['to a path that another field has', { a: 1, b: 2 }, [rename('a', 'b')], 'b would take the place of another field'],
  ['below a field that is no object', { a: 1, b: 2 }, [rename('b', 'a.b')], 'b would take the place of another field'],
])('refuses a rename %s', (_, value, renames, message) => {
  expect(() => renamedFields(value, renames)).toThrow(message);
});

it.each([
  ['a.b.c', 'x.y.c'],
  ['a.d', 'x.d'],
  ['ab', 'ab'],
  ['', ''],
])('the new path of "%s" is "%s"', (path, expected) => {
  expect(renamedPath(path, [rename('a', 'x'), rename('a.b', 'x.y')])).toBe(expected);
});
