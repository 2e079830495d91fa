import type { FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';

/** The schema keyword for the noun that describes the expected text in messages, such as `an image digest`. */
const EXPECTED = 'x-expected';

/** The maximum length of a value that a message repeats, in characters. */
const MAX_SHOWN_LENGTH = 100;

/** The request parts that messages do not name before a field name. */
const NAMELESS_PARTS: ReadonlySet<string> = new Set(['params', 'querystring']);

/** Compiles the schema of a request part into a validator function, for Fastify. */
export const compileShape: FastifySchemaCompiler<Type.TSchema> = ({ schema, httpPart = 'request' }) =>
  shapeCheck(schema, httpPart);

/**
 * Returns schema options for a text that matches a pattern; `expected` describes the text in messages, with an article.
 */
export function textOf(pattern: string, expected: string): { readonly pattern: string; readonly [EXPECTED]: string } {
  return { pattern, [EXPECTED]: expected };
}

/** Returns {@link readShape} for a schema as a validator function of Fastify. */
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
 * Reads a client's value in the same way as the JSON decoder of Clair v1 (Go). Field names can be in any case, unknown
 * fields are ignored, and `null` counts as an absent field. Unlike Clair v1, a wrong shape is an error, and an unknown
 * field is an error if the schema has `additionalProperties: false`.
 *
 * @param where the name of the value in messages
 * @throws ClairError `request/invalid` that names the field
 */
export function readShape<Schema extends Type.TSchema>(
  schema: Schema,
  value: unknown,
  where: string,
): Type.Static<Schema> {
  return shapeReader(schema, where)(value);
}

/** Returns {@link readShape} for a fixed schema. The schema is compiled only once, at the first value. */
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

/** The path of a value in a request. */
type Place = { readonly path: string; readonly isNameless?: boolean };

function placeIn({ path, isNameless = false }: Place, name: string | number): Place {
  return { path: isNameless ? String(name) : `${path}.${name}` };
}

/**
 * Copies the known fields down to the depth of the schema. A list that is too long is rejected before its items are
 * read, because a body can contain half a million items.
 */
function knownFields(schema: unknown, value: unknown, place: Place): unknown {
  if (Type.IsArray(schema) && Array.isArray(value)) {
    const maxItems: unknown = Reflect.get(schema, 'maxItems');
    if (typeof maxItems === 'number' && value.length > maxItems) {
      throw new ClairError(
        'request/invalid',
        `${place.path} must not have more than ${maxItems} items; it has ${value.length}`,
      );
    }
    return value.map((each, at) => knownFields(schema.items, each, placeIn(place, at)));
  }
  if (!Type.IsObject(schema) || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = new Map<string, unknown>(Object.entries(value));
  const anyCase = new Map([...given].map(([name, field]) => [name.toLowerCase(), field]));
  if (Reflect.get(schema, 'additionalProperties') === false) refuseUnknownFields(schema, given.keys(), place);
  const read: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const field = given.get(name) ?? anyCase.get(name.toLowerCase());
    if (field !== undefined && field !== null) read[name] = knownFields(property, field, placeIn(place, name));
  }
  return read;
}

function refuseUnknownFields({ properties }: Type.TObject, given: Iterable<string>, { path }: Place): void {
  const names = Object.keys(properties);
  const known = new Set(names.map((name) => name.toLowerCase()));
  for (const name of given) {
    if (known.has(name.toLowerCase())) continue;
    const shown = JSON.stringify(name.slice(0, MAX_SHOWN_LENGTH));
    throw new ClairError('request/invalid', `${path}: unknown key ${shown}: use ${names.join(', ')}`);
  }
}

/** Describes the first error in a value. Does not read the parts after the error. */
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
  return `${place.path}${error?.instancePath.replaceAll('/', '.') ?? ''} ${error?.message ?? 'has an unexpected form'}`;
}

/** Yields the items of a list, or the fields of an object, with their schemas and names. */
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
