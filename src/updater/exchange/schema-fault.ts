import type { Validator } from 'typebox/compile';

/** Returns where and how a value violates a schema; undefined for a valid value. */
export function schemaFault(schema: Pick<Validator, 'Check' | 'Errors'>, value: unknown): string | undefined {
  if (schema.Check(value)) return undefined;
  const fault = schema.Errors(value).at(-1);
  return fault === undefined ? 'unexpected structure' : `${fault.instancePath || 'it'} ${fault.message}`;
}
