import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { isHostNotation } from '../host-notation.ts';

/** What the worker reads, and from where. */
export type WorkerConfig = {
  readonly allowedHosts: string[];
  readonly allowedPaths: string[];
  /** Absent: as many as there are processors. */
  readonly threads?: number;
};

const KEYS = mapOf({
  allowedHosts: Type.Array(
    Type.Refine(Type.String({ title: 'a host name, an address or a CIDR range' }), isHostNotation),
    {
      default: [],
      title: 'a list of host names, addresses and CIDR ranges',
      description: 'hosts that clients may name layers by URL and images of registries on although they are not public',
    },
  ),
  allowedPaths: Type.Array(Type.String({ pattern: '^/', title: 'an absolute path' }), {
    default: [],
    title: 'a list of absolute paths',
    description: 'directories below which clients may name layers by path',
  }),
  threads: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 64,
      title: 'an integer from 0 to 64',
      description: 'threads that read layers; 0 reads them in the main thread',
      $comment: 'the number of processors',
    }),
  ),
});

/** The section `worker`. */
export const WORKER: ConfigSection<WorkerConfig> = {
  name: 'worker',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
