import type { CompiledSchema } from './compiled-schema.ts';

/** Returns a violation of a schema by a value, with its place in the value; undefined for a valid value. */
export function schemaFault(schema: CompiledSchema, value: unknown): string | undefined {
  if (schema.Check(value)) return undefined;
  const fault = schema.Errors(value).at(-1);
  return fault === undefined ? 'unexpected structure' : `${fault.instancePath || 'the value'} ${fault.message}`;
}
