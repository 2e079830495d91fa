import { Type } from 'typebox';
import { describe, expect, it, vi } from 'vitest';
import { readShape, textOf } from './request-shape.ts';

const SHAPE = Type.Object({
  Name: Type.String({ minLength: 1 }),
  Size: Type.Optional(Type.Integer()),
  Inner: Type.Optional(Type.Object({ Flag: Type.Boolean() })),
  List: Type.Optional(Type.Array(Type.Object({ ID: Type.String() }))),
  Map: Type.Optional(Type.Record(Type.String(), Type.String())),
});

const DIGEST = Type.String(textOf('^sha256:[0-9a-f]$', 'an image digest'));

const STRICT = Type.Object(
  { id: Type.String(), package: Type.Optional(Type.String()) },
  { additionalProperties: false },
);

describe('a value of a client', () => {
  it.each<[string, unknown, object]>([
    ['unchanged', { Name: 'a', Size: 1 }, { Name: 'a', Size: 1 }],
    ['with field names in any case', { name: 'a', INNER: { flag: true } }, { Name: 'a', Inner: { Flag: true } }],
    ['by the exact field name, if both are present', { name: 'a', Name: 'b' }, { Name: 'b' }],
    [
      'without unknown fields, at any depth',
      { Name: 'a', x: 1, Inner: { Flag: true, y: 2 } },
      { Name: 'a', Inner: { Flag: true } },
    ],
    ['without null fields', { Name: 'a', Size: null, List: null }, { Name: 'a' }],
    ['also in lists', { Name: 'a', List: [{ id: 'x', z: 1 }] }, { Name: 'a', List: [{ ID: 'x' }] }],
    [
      'with the keys of a map unchanged',
      { Name: 'a', Map: { id: 'x', ID: 'y' } },
      { Name: 'a', Map: { id: 'x', ID: 'y' } },
    ],
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
  ])('is rejected if it is %j: %s', (value, message) => {
    expect(() => readShape(SHAPE, value, 'body')).toThrow(
      expect.objectContaining({ code: 'request/invalid', message }),
    );
  });

  it.each<[unknown, string]>([
    [{ id: 'a', packages: 'b' }, 'unknown key "packages": use id, package'],
    [{ id: 'a', expire: null }, 'unknown key "expire": use id, package'],
    [{ id: 'a', 'x\u001b': 1 }, 'unknown key "x\\u001b": use id, package'],
  ])('is rejected for the unknown field of %j, if its schema is strict: %s', (value, message) => {
    expect(() => readShape(STRICT, value, 'body')).toThrow(
      expect.objectContaining({
        code: 'request/invalid',
        message: expect.stringContaining(`body: ${message}`),
      }),
    );
  });

  it('is read with known fields in any case, if its schema is strict', () => {
    expect(readShape(STRICT, { ID: 'a', Package: null }, 'body')).toEqual({ id: 'a' });
  });

  it.each<[string, Type.TSchema, unknown, string, string]>([
    [
      'a parameter',
      Type.Object({ digest: DIGEST }),
      { digest: 'x"' },
      'params',
      'digest: "x\\"" is not an image digest',
    ],
    ['a field', Type.Object({ digest: DIGEST }), { digest: 'x' }, 'body', 'body.digest: "x" is not an image digest'],
    [
      'a field of a list',
      Type.Object({ all: Type.Array(Type.Object({ digest: DIGEST })) }),
      { all: [{ digest: 'sha256:0' }, { digest: 'y'.repeat(1000) }] },
      'body',
      `body.all.1.digest: "${'y'.repeat(100)}" is not an image digest`,
    ],
  ])('is rejected with the expected form of %s', (_what, schema, value, where, message) => {
    expect(() => readShape(schema, value, where)).toThrow(expect.objectContaining({ message }));
  });

  it.each<[string, unknown]>([
    ['of the wrong type', Array.from({ length: 500_000 }, () => 1)],
    ['that are objects', Array.from({ length: 300_000 }, () => ({}))],
    ['of the right type', Array.from({ length: 200_000 }, () => 'a')],
  ])('is rejected for a list that is too long before its items %s are read', (_what, names) => {
    const seen = vi.fn<(at: string) => void>();
    const items = new Proxy(names as object[], {
      get: (target, at) => {
        if (typeof at === 'string' && /^\d+$/.test(at)) seen(at);
        return Reflect.get(target, at) as unknown;
      },
    });
    const schema = Type.Object({ Names: Type.Array(Type.String({ maxLength: 9 }), { maxItems: 256 }) });
    expect(() => readShape(schema, { Names: items }, 'body')).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^body\.Names must not have more than 256 items; it has \d{6}$/),
      }),
    );
    expect(seen).not.toHaveBeenCalled();
  });

  it('is checked up to its first error', () => {
    const fault = {
      get Name(): number {
        return 1;
      },
    };
    const after = vi.fn<() => string>(() => 'b');
    const list = [{ ID: 'a' }, fault, Object.defineProperty({}, 'ID', { enumerable: true, get: after })];
    expect(() => readShape(SHAPE, { Name: 'a', List: list }, 'body')).toThrow(/^body.List.1 must have required/);
    // The getter runs only once, when the known fields are copied.
    expect(after).toHaveBeenCalledTimes(1);
  });

  it('is read only as deep as its schema', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = { Inner: deep };
    expect(readShape(Type.Object({ Name: Type.String() }), { Name: 'a', deep }, 'body')).toEqual({ Name: 'a' });
  });

  it('does not change prototypes', () => {
    const value = JSON.parse('{"Name":"a","__proto__":{"Size":7},"Map":{"__proto__":"x"}}');
    const read = readShape(SHAPE, value, 'body');
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(read).not.toHaveProperty('Size');
  });
});
