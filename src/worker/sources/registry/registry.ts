import { ClairError } from '../../../errors.ts';
import { isDigest } from '../../../model/digest.ts';
import type { AttachmentPlace } from './attachment-place.ts';
import {
  chooseManifest,
  differentManifests,
  manifestsBelow,
  manifestsFor,
  platformOf,
  platformsOf,
} from '../image/image-index.ts';
import { imageOfManifest } from '../image/image-layers.ts';
import {
  type Descriptor,
  digestOf,
  type ImagePlace,
  type ReadManifest,
  readIndexOrManifest,
  readManifest,
  schema1Message,
} from '../image/image-manifest.ts';
import { listReferrers } from '../image/referrers.ts';
import { type ImageReference, imageReferenceText } from '../../../model/image-reference.ts';
import { partsScopeOf } from '../../parts/parts-scope.ts';
import type { PlatformImage } from '../image-set.ts';
import type { ImageSource } from '../image-source.ts';
import { type PlatformWish, platformText } from '../image/platform.ts';
import { namesRegistry, type RegistryAccess, type RegistryClient } from './registry-client.ts';
import { createMirroredClient } from './mirrored-client.ts';
import { withAvailableTags } from './registry-tags.ts';

/**
 * Opens an image from a registry (distribution-spec). Fetches the manifest and the configuration immediately, and each
 * layer only when it is opened, so that known layers are not fetched. The manifest, the configuration and the layers
 * may come from a mirror.
 *
 * @param wish the wanted platform
 * @param signal aborts the requests, except for layers that are opened with their own signal
 * @throws ClairError `image/…`, `registry/…`, `bytes/…`; `image/unsupported` for a Docker schema 1 manifest.
 */
export async function openRegistryImage(
  reference: ImageReference,
  wish: PlatformWish,
  access: RegistryAccess,
  signal?: AbortSignal,
): Promise<ImageSource> {
  const repository = openRepository(reference, access, signal);
  const { place } = repository;
  const top = await readTop(repository, reference, signal);
  if ('manifest' in top) return await imageOf(repository, top.manifest, reference, { wish });
  const chosen = chooseManifest(top.candidates, wish);
  if (chosen === undefined) throw choiceNeeded(place, reference, top.candidates, wish);
  const manifest = await readManifest(place, digestOf(place, chosen));
  return await imageOf(repository, manifest, reference, { wish, index: top.index });
}

/**
 * Finds the images of a reference, usually one for each platform; each image of an index is fetched when it is opened.
 *
 * @throws ClairError as `openRegistryImage`
 */
export async function registryImages(
  reference: ImageReference,
  access: RegistryAccess,
  signal?: AbortSignal,
): Promise<readonly PlatformImage[]> {
  const repository = openRepository(reference, access, signal);
  const { place } = repository;
  const top = await readTop(repository, reference, signal);
  if ('manifest' in top) {
    const image = await imageOf(repository, top.manifest, reference);
    return [{ platform: image.platform, open: async () => image }];
  }
  if (top.candidates.length === 0) throw withoutImage(place, reference);
  return differentManifests(top.candidates).map((descriptor) => ({
    platform: platformOf(descriptor),
    async open() {
      const manifest = await readManifest(place, digestOf(place, descriptor));
      return await imageOf(repository, manifest, reference, { index: top.index });
    },
  }));
}

type Repository = { readonly place: ImagePlace; readonly client: RegistryClient; readonly isMirrored: boolean };

function openRepository(
  { domain, repository }: ImageReference,
  access: RegistryAccess,
  signal: AbortSignal | undefined,
): Repository {
  const client = createMirroredClient(domain, repository, access);
  const partsScope = partsScopeOf(access.partialFetch ?? [], (of) => namesRegistry(of, domain));
  const place: ImagePlace = {
    where: `${domain}/${repository}`,
    manifestName: (digest) => `manifests/${digest}`,
    blobName: (digest) => `blobs/${digest}`,
    async *open(name, layerSignal = signal) {
      yield* (await client.get(name, layerSignal)).body;
    },
    ...(partsScope && {
      openRange: untilRefused(client.getRange),
      partsScope,
      listReferrers: async (...asked) => await listReferrers(client, ...asked),
    }),
    // Registries need not have foreign layers, so foreign layers are not requested.
    holdsForeign: () => false,
  };
  return { place, client, isMirrored: access.mirrors.some(({ of }) => of === domain) };
}

/**
 * Returns a function that requests no more parts after the registry fails to send a part, because each further layer
 * would waste a request.
 */
function untilRefused(getRange: RegistryClient['getRange']): RegistryClient['getRange'] {
  let failure: ClairError | undefined;
  return async (name, range, signal) => {
    if (failure !== undefined) throw failure;
    try {
      return await getRange(name, range, signal);
    } catch (error) {
      if (error instanceof ClairError && error.code === 'bytes/unreachable' && signal?.aborted !== true)
        failure = error;
      throw error;
    }
  };
}

async function readTop(
  { place, client }: Repository,
  reference: ImageReference,
  signal: AbortSignal | undefined,
): Promise<{ readonly manifest: ReadManifest } | TopIndex> {
  const name = topName(reference);
  const { headers, body } = await client.get(name, signal).catch(async (error: unknown) => {
    throw await withAvailableTags(error, client, reference, signal);
  });
  if (SCHEMA_1.test(headers['content-type'] ?? '')) {
    throw new ClairError('image/unsupported', schema1Message(name, place.where));
  }
  // For a tag the registry states the expected digest (distribution-spec, "Pulling manifests").
  const told = headers['docker-content-digest'] ?? '';
  const promised = reference.digest ?? (isDigest(told) ? told : undefined);
  const top = await readIndexOrManifest({ where: place.where, open: () => body }, name, promised);
  if ('manifest' in top) return top;
  const { manifests } = top.index.value;
  return { candidates: await manifestsBelow(place, manifests), index: { digest: top.index.digest, manifests } };
}

type TopIndex = {
  readonly candidates: readonly Descriptor[];
  readonly index: NonNullable<AttachmentPlace['index']>;
};

async function imageOf(
  { place, client, isMirrored }: Repository,
  manifest: ReadManifest,
  reference: ImageReference,
  { wish, index }: { readonly wish?: PlatformWish; readonly index?: TopIndex['index'] } = {},
): Promise<ImageSource> {
  const config = digestOf(place, manifest.value.config);
  return {
    ...(await imageOfManifest(place, manifest, wish)),
    kind: 'registry',
    reference: imageReferenceText(reference),
    target: `registry:${imageReferenceText({ ...reference, digest: manifest.digest })}`,
    attachments: {
      where: place.where,
      open: place.open,
      client,
      image: manifest.digest,
      config,
      ...(index && { index }),
      isMirrored,
    },
    close: async () => {},
  };
}

function topName({ tag, digest }: ImageReference): string {
  return `manifests/${digest ?? tag}`;
}

function choiceNeeded(
  place: ImagePlace,
  reference: ImageReference,
  candidates: readonly Descriptor[],
  wish: PlatformWish,
): ClairError {
  if (candidates.length === 0) return withoutImage(place, reference);
  const [wanted, offered] = [platformText(wish.platform), platformsOf(candidates)];
  const reason =
    manifestsFor(candidates, wish).length === 0
      ? `has no image for ${wanted}; it has images for ${offered}`
      : `has several images for ${wanted} (platforms: ${offered}): name one by its digest`;
  return new ClairError('image/choice-needed', `${topName(reference)} in ${place.where} ${reason}`);
}

function withoutImage({ where }: ImagePlace, reference: ImageReference): ClairError {
  return new ClairError('image/unreadable', `${topName(reference)} in ${where} contains no image`);
}

/** Matches the media types of schema 1, including the signed form, whose digest is not the digest of its bytes. */
const SCHEMA_1 = /\.distribution\.manifest\.v1\+/;
