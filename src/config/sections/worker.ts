import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { isHostNotation } from '../host-notation.ts';
import { rateKey } from '../key-forms.ts';

/** The limits of analysis, and the hosts, paths and registries that analysis may read from. */
export type WorkerConfig = {
  readonly allowedHosts: string[];
  readonly allowedPaths: string[];
  readonly registries: RegistryConfig[];
  /** The limit of the disk space for uploads and unpacked archives, in MiB. */
  readonly temporarySpace: number;
  /** The number of threads; by default, the number of processors. */
  readonly threads?: number;
  readonly submissions: number;
  /** The file of the user's classifiers. */
  readonly classifiers?: string;
  readonly fileDigests: boolean;
  readonly minimumRate: number;
  readonly partialFetch: string[];
};

/** The credentials for a registry. The server uses these credentials for images that clients submit. */
export type RegistryConfig = { readonly host: string; readonly repositories?: string[]; readonly cafile?: string } & (
  | { readonly username: string; readonly passwordfile: string }
  | { readonly tokenfile: string }
);

const PATH = Type.String({ minLength: 1 });

/** The name of a repository, or the leading path segments of several repositories. */
const REPOSITORY = Type.String({ pattern: '^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$', maxLength: 255 });

const REGISTRY = {
  host: Type.String({ pattern: '^[\\w.:[\\]-]+$', maxLength: 255 }),
  repositories: Type.Optional(Type.Array(REPOSITORY, { minItems: 1, maxItems: 1000 })),
  cafile: Type.Optional(PATH),
};

const KEYS = mapOf({
  allowedHosts: Type.Array(
    Type.Refine(Type.String({ title: 'a host name, an IP address or a CIDR range' }), isHostNotation),
    {
      default: [],
      title: 'a list of host names, IP addresses and CIDR ranges',
      description: 'Private hosts that the server may fetch submitted layers and images from',
    },
  ),
  allowedPaths: Type.Array(Type.String({ pattern: '^/', title: 'an absolute path' }), {
    default: [],
    title: 'a list of absolute paths',
    description: 'Directories from which clients may submit layers by path',
  }),
  registries: Type.Array(
    Type.Union(
      [
        mapOf({ ...REGISTRY, username: Type.String({ pattern: '^[^:\\x00-\\x1f\\x7f]+$' }), passwordfile: PATH }),
        mapOf({ ...REGISTRY, tokenfile: PATH }),
      ],
      {
        title: 'a map with host, either username and passwordfile or tokenfile, and optionally repositories and cafile',
      },
    ),
    {
      default: [],
      maxItems: 100,
      title: 'a list of at most 100 maps, see "Registry credentials"',
      description: 'Registry credentials for images that clients submit',
    },
  ),
  temporarySpace: Type.Integer({
    minimum: 64,
    maximum: 1_048_576,
    default: 16_384,
    title: 'an integer from 64 to 1048576',
    description: 'Disk space in MiB for uploads and unpacked archives',
  }),
  threads: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 64,
      title: 'an integer from 1 to 64',
      description: 'Number of threads that analyse layers',
      $comment: 'the number of processors',
    }),
  ),
  submissions: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 256,
    title: 'an integer from 1 to 256',
    description:
      'Number of submitted images that are read at the same time; most of the time is spent waiting for registries',
  }),
  classifiers: Type.Optional(
    Type.String({
      pattern: '^/',
      title: 'an absolute path',
      description:
        'File with program classifiers; after the file changes and the server restarts, layers are analysed again',
      $comment: 'only the Clair classifiers',
    }),
  ),
  fileDigests: Type.Boolean({
    default: false,
    title: 'true or false',
    description:
      'Compute the digests of files in layers, for file rules with digests; layers are analysed again after this key changes',
  }),
  partialFetch: Type.Array(
    Type.String({ pattern: '^[\\w.:[\\]-]+(?:=any)?$', maxLength: 255, title: 'a registry, HOST[:PORT][=any]' }),
    {
      default: [],
      maxItems: 100,
      title: 'a list of at most 100 registries',
      description:
        'Registries whose zstd:chunked layers are fetched only in part, with `=any` also eStargz layers; has no effect with `worker.fileDigests`',
    },
  ),
  minimumRate: rateKey('registries and hosts that serve layers'),
});

/** The section `worker`. */
export const WORKER: ConfigSection<WorkerConfig> = {
  name: 'worker',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
