import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';

/** Ignore files and VEX documents that apply to all images. */
export type SuppressionConfig = { readonly files: string[] };

const KEYS = mapOf({
  files: Type.Array(Type.String({ pattern: '^/', title: 'an absolute path' }), {
    default: [],
    maxItems: 100,
    title: 'a list of at most 100 absolute paths',
    description: 'Ignore files and VEX documents (`*.json`) for all images; reloaded when they change',
  }),
});

/** The section `suppression`. */
export const SUPPRESSION: ConfigSection<SuppressionConfig> = {
  name: 'suppression',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
