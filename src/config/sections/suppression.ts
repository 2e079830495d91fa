import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';

/** What is said of vulnerabilities that do not matter to this instance. */
export type SuppressionConfig = { readonly files: string[] };

const KEYS = mapOf({
  files: Type.Array(Type.String({ pattern: '^/', title: 'an absolute path' }), {
    default: [],
    maxItems: 100,
    title: 'a list of at most 100 absolute paths',
    description: 'ignore files, and VEX documents (`*.json`), that hold for all images; read again when they change',
  }),
});

/** The section `suppression`. */
export const SUPPRESSION: ConfigSection<SuppressionConfig> = {
  name: 'suppression',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
