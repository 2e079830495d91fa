import type { Validator } from 'typebox/compile';

/** What is wrong with a value that should be as a schema says, and where; undefined when it is. */
export function schemaFault(schema: Pick<Validator, 'Check' | 'Errors'>, value: unknown): string | undefined {
  if (schema.Check(value)) return undefined;
  const fault = schema.Errors(value).at(-1);
  return fault === undefined ? 'it has another shape' : `${fault.instancePath || 'it'} ${fault.message}`;
}
