import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { chooseManifest, manifestsBelow, platformsOf } from './image-index.ts';
import { imageOfManifest } from './image-layers.ts';
import {
  type Descriptor,
  digestOf,
  type ImagePlace,
  type ReadManifest,
  readIndexOrManifest,
  readManifest,
  schema1Message,
} from './image-manifest.ts';
import { type ImageReference, imageReferenceText } from './image-reference.ts';
import type { ImageSource } from './image-source.ts';
import type { PlatformWish } from './platform.ts';
import { createRegistryClient, type RegistryAccess, type RegistryClient } from './registry-client.ts';

/**
 * Opens an image of a registry (distribution-spec): the manifest and the configuration are fetched now, each layer when
 * it is opened, so that a layer that is known costs nothing.
 *
 * @param wish which platform of an index is wanted
 * @param signal ends the requests that are made before it is open
 * @throws ClairError `image/…`, `registry/…`, `bytes/…`; `image/unsupported` for a manifest of Docker's schema 1, and for
 * layers that the registry does not hold.
 */
export async function openRegistryImage(
  reference: ImageReference,
  wish: PlatformWish,
  access: RegistryAccess,
  signal?: AbortSignal,
): Promise<ImageSource> {
  const { domain, repository } = reference;
  const client = createRegistryClient(domain, repository, access);
  const place: ImagePlace = {
    where: `${domain}/${repository}`,
    manifestName: (digest) => `manifests/${digest}`,
    blobName: (digest) => `blobs/${digest}`,
    async *open(name, layerSignal = signal) {
      yield* (await client.get(name, layerSignal)).body;
    },
  };
  const manifest = await findManifest(place, client, reference, wish, signal);
  for (const [index, layer] of manifest.value.layers.entries()) {
    if (isForeign(layer)) {
      throw new ClairError(
        'image/unsupported',
        `layer ${index} (${layer.digest}) of ${place.where} is a foreign layer, which the registry does not hold`,
      );
    }
  }
  return {
    ...(await imageOfManifest(place, manifest, wish)),
    kind: 'registry',
    reference: imageReferenceText(reference),
    close: async () => {},
  };
}

async function findManifest(
  place: ImagePlace,
  client: RegistryClient,
  { tag, digest }: ImageReference,
  wish: PlatformWish,
  signal: AbortSignal | undefined,
): Promise<ReadManifest> {
  const name = `manifests/${digest ?? tag}`;
  const { headers, body } = await client.get(name, signal);
  if (SCHEMA_1.test(headers['content-type'] ?? '')) {
    throw new ClairError('image/unsupported', schema1Message(name, place.where));
  }
  // For a tag it is the registry that promises what comes (distribution-spec, "Pulling manifests").
  const told = headers['docker-content-digest'] ?? '';
  const promised = digest ?? (isDigest(told) ? told : undefined);
  const top = await readIndexOrManifest({ where: place.where, open: () => body }, name, promised);
  if ('manifest' in top) return top.manifest;
  const candidates = await manifestsBelow(place, top.index.value.manifests);
  const chosen = chooseManifest(candidates, wish);
  if (chosen !== undefined) return await readManifest(place, digestOf(place, chosen));
  throw new ClairError(
    'image/choice-needed',
    `${name} in ${place.where} holds ${candidates.length === 0 ? 'no image' : `images for ${platformsOf(candidates)}`}`,
  );
}

/** Docker's schema 1 is also signed, so that its digest is not that of the bytes that come. */
const SCHEMA_1 = /\.distribution\.manifest\.v1\+/;

/** Layers that must be had from somewhere else (image-spec, layer.md, "Non-Distributable Layers"; Docker's `foreign`). */
function isForeign({ mediaType = '', urls = [] }: Descriptor): boolean {
  return urls.length > 0 || /\.(layer\.nondistributable|rootfs\.foreign)\./.test(mediaType);
}
