import type { CompiledSchema } from './compiled-schema.ts';

/** Returns where and how a value violates a schema; undefined for a valid value. */
export function schemaFault(schema: CompiledSchema, value: unknown): string | undefined {
  if (schema.Check(value)) return undefined;
  const fault = schema.Errors(value).at(-1);
  return fault === undefined ? 'unexpected structure' : `${fault.instancePath || 'it'} ${fault.message}`;
}
