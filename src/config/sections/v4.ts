import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';

/** The options of the Clair v4 API. */
export type V4Config = {
  /** The number of manifests to index at a time; four per processor by default. */
  readonly requests?: number;
  readonly incomplete: 'finished' | 'error';
};

const KEYS = mapOf({
  requests: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      title: 'an integer from 1 to 1024',
      description:
        'Number of manifests that are indexed at the same time; the server responds to further requests with 429',
      $comment: 'four per processor',
    }),
  ),
  incomplete: Type.Enum(['finished', 'error'], {
    default: 'finished',
    title: 'finished or error',
    description:
      'Index state of an image whose packages were not checked; with `error`, Quay shows a failed scan instead of a passed scan',
  }),
});

/** The section `v4`. */
export const V4_SECTION: ConfigSection<V4Config> = {
  name: 'v4',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
