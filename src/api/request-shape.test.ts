import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { readShape } from './request-shape.ts';

const SHAPE = Type.Object({
  Name: Type.String({ minLength: 1 }),
  Size: Type.Optional(Type.Integer()),
  Inner: Type.Optional(Type.Object({ Flag: Type.Boolean() })),
  List: Type.Optional(Type.Array(Type.Object({ ID: Type.String() }))),
  Map: Type.Optional(Type.Record(Type.String(), Type.String())),
});

describe('what a client sent', () => {
  it.each<[string, unknown, object]>([
    ['as it is', { Name: 'a', Size: 1 }, { Name: 'a', Size: 1 }],
    ['in any case of letters', { name: 'a', INNER: { flag: true } }, { Name: 'a', Inner: { Flag: true } }],
    ['by the exact name, if there are both', { name: 'a', Name: 'b' }, { Name: 'b' }],
    [
      'without what is not known, at any depth',
      { Name: 'a', x: 1, Inner: { Flag: true, y: 2 } },
      { Name: 'a', Inner: { Flag: true } },
    ],
    ['without what is null', { Name: 'a', Size: null, List: null }, { Name: 'a' }],
    ['in lists, too', { Name: 'a', List: [{ id: 'x', z: 1 }] }, { Name: 'a', List: [{ ID: 'x' }] }],
    ['but not the names in a map', { Name: 'a', Map: { id: 'x', ID: 'y' } }, { Name: 'a', Map: { id: 'x', ID: 'y' } }],
  ])('is read %s', (_how, value, expected) => {
    expect(readShape(SHAPE, value, 'body')).toEqual(expected);
  });

  it.each<[unknown, string]>([
    [undefined, 'body must be object'],
    [null, 'body must be object'],
    [[{ Name: 'a' }], 'body must be object'],
    [{}, 'body must have required properties Name'],
    [{ Name: null }, 'body must have required properties Name'],
    [{ Name: '' }, 'body.Name must not have fewer than 1 characters'],
    [{ Name: 'a', Size: '1' }, 'body.Size must be integer'],
    [{ Name: 'a', Inner: [] }, 'body.Inner must be object'],
    [{ Name: 'a', List: [null] }, 'body.List.0 must be object'],
    [{ Name: 'a', Map: { x: 1 } }, 'body.Map.x must be string'],
  ])('%j is refused: %s', (value, message) => {
    expect(() => readShape(SHAPE, value, 'body')).toThrow(
      expect.objectContaining({ code: 'request/invalid', message }),
    );
  });

  it('is read only as deep as its shape', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = { Inner: deep };
    expect(readShape(Type.Object({ Name: Type.String() }), { Name: 'a', deep }, 'body')).toEqual({ Name: 'a' });
  });

  it('reaches no prototype', () => {
    const value = JSON.parse('{"Name":"a","__proto__":{"Size":7},"Map":{"__proto__":"x"}}');
    const read = readShape(SHAPE, value, 'body');
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(read).not.toHaveProperty('Size');
  });
});
