import type { FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';

/** What the text of a schema is, in words for a message: `an image digest`. */
const EXPECTED = 'x-expected';

/** The longest value of a parameter that a message repeats. */
const MAX_SHOWN_LENGTH = 100;

/** Parts of a request whose fields a message names without the part. */
const NAMELESS_PARTS: ReadonlySet<string> = new Set(['params', 'querystring']);

/** Makes checks for the parts of requests of their schemas. */
export const compileShape: FastifySchemaCompiler<Type.TSchema> = ({ schema, httpPart = 'request' }) =>
  shapeCheck(schema, httpPart);

/** Options of a text that must match a pattern; `expected` says in words what the text is, with an article. */
export function textOf(pattern: string, expected: string): { readonly pattern: string; readonly [EXPECTED]: string } {
  return { pattern, [EXPECTED]: expected };
}

/** A check that reads its value as {@link readShape} does, in the form that the framework asks for. */
export function shapeCheck(
  schema: Type.TSchema,
  where: string,
): (value: unknown) => { value: unknown } | { error: Error } {
  const read = shapeReader(schema, where);
  return (value) => {
    try {
      return { value: read(value) };
    } catch (error) {
      if (error instanceof ClairError) return { error };
      throw error;
    }
  };
}

/**
 * Reads what a client sent as the original's decoder did: names of fields in any case of letters, fields that are not
 * known left out, and `null` for a field as if it were not there. Unlike there, what has another shape is an error.
 *
 * @param where what the message calls the value
 * @throws ClairError `request/invalid` that names the field.
 */
export function readShape<Schema extends Type.TSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): Type.Static<Schema> {
  return shapeReader(schema, where)(value);
}

/** {@link readShape} for many values: the schema is compiled once, when the first value comes. */
function shapeReader<Schema extends Type.TSchema>(
  schema: Schema,
  where: string,
): (value: unknown) => Type.Static<Schema> {
  const compiled = new Map<Type.TSchema, Check>();
  function isOf<Part extends Type.TSchema>(part: Part, value: unknown): value is Type.Static<Part> {
    let check = compiled.get(part);
    if (check === undefined) {
      const validator = Compile(part);
      check = (each) => validator.Check(each);
      compiled.set(part, check);
    }
    return check(value);
  }
  const top: Place = { path: where, isNameless: NAMELESS_PARTS.has(where) };
  return (value) => {
    const read = knownFields(schema, value, top);
    if (isOf(schema, read)) return read;
    throw new ClairError('request/invalid', faultOf(schema, read, { place: top, isOf }));
  };
}

type Check = (value: unknown) => boolean;

type IsOf = (schema: Type.TSchema, value: unknown) => boolean;

/** Where a value stands in a request. */
type Place = { readonly path: string; readonly isNameless?: boolean };

function placeIn({ path, isNameless = false }: Place, name: string | number): Place {
  return { path: isNameless ? String(name) : `${path}.${name}` };
}

/**
 * Only as deep as the schema goes, however deep the value is. A list that is too long is refused before its items are
 * looked at: a body may hold half a million of them.
 */
function knownFields(schema: unknown, value: unknown, place: Place): unknown {
  if (Type.IsArray(schema) && Array.isArray(value)) {
    const maxItems: unknown = Reflect.get(schema, 'maxItems');
    if (typeof maxItems === 'number' && value.length > maxItems) {
      throw new ClairError('request/invalid', `${place.path} must not have more than ${maxItems} items`);
    }
    return value.map((each, at) => knownFields(schema.items, each, placeIn(place, at)));
  }
  if (!Type.IsObject(schema) || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = new Map<string, unknown>(Object.entries(value));
  const anyCase = new Map([...given].map(([name, field]) => [name.toLowerCase(), field]));
  const read: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const field = given.get(name) ?? anyCase.get(name.toLowerCase());
    if (field !== undefined && field !== null) read[name] = knownFields(property, field, placeIn(place, name));
  }
  return read;
}

/** Says what is wrong with the first part of a value that is wrong, and looks at no other part. */
function faultOf(
  schema: Type.TSchema,
  value: unknown,
  { place, isOf }: { readonly place: Place; readonly isOf: IsOf },
): string {
  for (const [part, of, name] of partsOf(schema, value)) {
    if (!isOf(of, part)) return faultOf(of, part, { place: placeIn(place, name), isOf });
  }
  const expected: unknown = Reflect.get(schema, EXPECTED);
  if (typeof expected === 'string' && typeof value === 'string') {
    return `${place.path}: ${JSON.stringify(value.slice(0, MAX_SHOWN_LENGTH))} is not ${expected}`;
  }
  const [error] = Value.Errors(schema, value);
  return `${place.path}${error?.instancePath.replaceAll('/', '.') ?? ''} ${error?.message ?? 'has another shape'}`;
}

/** The items of a list and the fields of an object that have a schema of their own. */
function* partsOf(schema: unknown, value: unknown): Generator<readonly [unknown, Type.TSchema, string | number]> {
  if (Type.IsArray(schema) && Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield [item, schema.items, at];
  } else if (Type.IsObject(schema) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, field] of Object.entries(value)) {
      const property = schema.properties[name];
      if (property !== undefined) yield [field, property, name];
    }
  }
}
