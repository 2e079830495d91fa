import type { FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';

/** Makes checks for the parts of requests of their schemas. */
export const compileShape: FastifySchemaCompiler<Type.TSchema> = ({ schema, httpPart = 'request' }) =>
  shapeCheck(schema, httpPart);

/** A check that reads its value as {@link readShape} does, in the form that the framework asks for. */
export function shapeCheck(
  schema: Type.TSchema,
  where: string,
): (value: unknown) => { value: unknown } | { error: Error } {
  return (value) => {
    try {
      return { value: readShape(schema, value, where) };
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
  const read = knownFields(schema, value);
  if (Value.Check(schema, read)) return read;
  const [error] = Value.Errors(schema, read);
  const field = error?.instancePath.replaceAll('/', '.') ?? '';
  throw new ClairError('request/invalid', `${where}${field} ${error?.message ?? 'has another shape'}`);
}

/** Only as deep as the schema goes, however deep the value is. */
function knownFields(schema: unknown, value: unknown): unknown {
  if (Type.IsArray(schema) && Array.isArray(value)) return value.map((each) => knownFields(schema.items, each));
  if (!Type.IsObject(schema) || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = new Map<string, unknown>(Object.entries(value));
  const anyCase = new Map([...given].map(([name, field]) => [name.toLowerCase(), field]));
  const read: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const field = given.get(name) ?? anyCase.get(name.toLowerCase());
    if (field !== undefined && field !== null) read[name] = knownFields(property, field);
  }
  return read;
}
