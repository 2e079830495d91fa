import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

/** Checks values against a schema, and lists the faults of a value. */
export type CompiledSchema = {
  readonly Check: (value: unknown) => boolean;
  readonly Errors: Validator['Errors'];
};

/**
 * Returns a validator of a schema, which is compiled when it is first used: compiled validators are ten times as fast
 * for millions of intervals, but compiling all of them takes a tenth of the start of each command.
 */
export function compiledSchema(schema: TSchema): CompiledSchema {
  let validator: CompiledSchema | undefined;
  const compiled = (): CompiledSchema => (validator ??= Compile(schema));
  return { Check: (value) => compiled().Check(value), Errors: (value) => compiled().Errors(value) };
}
