import { Type } from 'typebox';
import type { Manifest } from '../../worker/manifests/manifest.ts';
import { textOf } from '../request-shape.ts';
import { canonicalDigest, POSTED_DIGEST } from './digests.ts';

/** The maximum number of layers. No container runtime mounts as many layers. */
const MAX_LAYERS = 1000;

const LAYER: Type.TSchema = Type.Object(
  {
    hash: Type.String({ ...POSTED_DIGEST, description: 'digest of the layer blob' }),
    uri: Type.String({
      ...textOf('^[Hh][Tt][Tt][Pp][Ss]?://', 'an http or https URL of at most 16 KiB'),
      maxLength: 16_384,
      description: 'URL of the layer, at most 16 KiB',
    }),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.Array(Type.String()), Type.Null()]), {
        description: 'headers of the request for `uri`: at most 32 headers and 8 KiB',
      }),
    ),
    media_type: Type.Optional(Type.String({ description: 'ignored: the bytes determine the compression' })),
  },
  { title: 'ManifestLayer' },
);

/** The body of `POST /indexer/api/v1/index_report`. */
export const MANIFEST: Type.TSchema = Type.Object(
  {
    hash: Type.String({ ...POSTED_DIGEST, description: 'digest of the manifest' }),
    layers: Type.Array(LAYER, {
      minItems: 1,
      maxItems: MAX_LAYERS,
      description: `1 to ${MAX_LAYERS} layers, base first`,
    }),
  },
  { title: 'Manifest' },
);

/** A body that matches {@link MANIFEST}. */
export type PostedManifest = {
  readonly hash: string;
  readonly layers: readonly {
    readonly hash: string;
    readonly uri: string;
    readonly headers?: Readonly<Record<string, readonly string[] | null>>;
  }[];
};

/** Converts a posted manifest and joins several values of the same header (RFC 9110 section 5.3). */
export function postedManifest({ hash, layers }: PostedManifest): Manifest {
  return {
    hash: canonicalDigest(hash),
    layers: layers.map((layer) => ({
      hash: canonicalDigest(layer.hash),
      uri: layer.uri,
      headers: Object.fromEntries(
        Object.entries(layer.headers ?? {}).flatMap(([name, values]) =>
          values === null || values.length === 0 ? [] : [[name, values.join(', ')]],
        ),
      ),
    })),
  };
}
