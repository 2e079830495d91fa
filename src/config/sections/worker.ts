import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { isHostNotation } from '../host-notation.ts';
import { rateKey } from '../key-forms.ts';

/** What the worker reads, and from where. */
export type WorkerConfig = {
  readonly allowedHosts: string[];
  readonly allowedPaths: string[];
  readonly registries: RegistryConfig[];
  /** In MiB. */
  readonly temporarySpace: number;
  /** Absent: as many as there are processors. */
  readonly threads?: number;
  readonly submissions: number;
  readonly minimumRate: number;
};

/** How one registry is asked for the images that clients submit. */
export type RegistryConfig = { readonly host: string; readonly repositories?: string[]; readonly cafile?: string } & (
  | { readonly username: string; readonly passwordfile: string }
  | { readonly tokenfile: string }
);

const PATH = Type.String({ minLength: 1 });

/** A repository, or what stands before the names of several: whole parts of a path. */
const REPOSITORY = Type.String({ pattern: '^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$', maxLength: 255 });

const REGISTRY = {
  host: Type.String({ pattern: '^[\\w.:[\\]-]+$', maxLength: 255 }),
  repositories: Type.Optional(Type.Array(REPOSITORY, { minItems: 1, maxItems: 1000 })),
  cafile: Type.Optional(PATH),
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
  registries: Type.Array(
    Type.Union(
      [
        mapOf({ ...REGISTRY, username: Type.String({ pattern: '^[^:\\x00-\\x1f\\x7f]+$' }), passwordfile: PATH }),
        mapOf({ ...REGISTRY, tokenfile: PATH }),
      ],
      {
        title:
          'a map of a host and either username and passwordfile or tokenfile, with repositories and cafile if they are wanted',
      },
    ),
    {
      default: [],
      maxItems: 100,
      title: 'a list of at most 100 maps of host, username and more',
      description: 'logins at registries for the images that clients submit, see "Logins of the server"',
    },
  ),
  temporarySpace: Type.Integer({
    minimum: 64,
    maximum: 1_048_576,
    default: 16_384,
    title: 'an integer from 64 to 1048576',
    description: 'MiB that uploads and unpacked archives may take, see "Temporary space"',
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
  submissions: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 256,
    title: 'an integer from 1 to 256',
    description: 'submitted images that are read at a time; most of that is waiting for registries',
  }),
  minimumRate: rateKey('registries and hosts of layers'),
});

/** The section `worker`. */
export const WORKER: ConfigSection<WorkerConfig> = {
  name: 'worker',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
