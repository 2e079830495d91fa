import { array, exactOptional, string, unknown } from 'valibot';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { FilePart } from '../../../bytes/file-bytes.ts';
import type { BodyRange } from '../../../bytes/http/partial-response.ts';
import { ClairError } from '../../../errors.ts';
import { type Digest, isDigest } from '../../../model/digest.ts';
import type { PartsScope } from '../../parts/parts-scope.ts';
import { objectSchema, readImageJson, SIZE, TEXTS } from './image-json.ts';
import type { Platform } from './platform.ts';
import type { Referrer, ReferrersOptions } from './referrers.ts';

/** A place that stores an image's manifests and blobs by digest: a layout, or a repository of a registry. */
export type ImagePlace = {
  readonly where: string;
  readonly manifestName: (digest: Digest) => string;
  readonly blobName: (digest: Digest) => string;
  /**
   * Opens a manifest or a blob. @throws ClairError `image/…`, `bytes/…` or `registry/…` for unavailable content, on
   * opening or while it is read.
   */
  readonly open: (name: string, signal?: AbortSignal) => ByteStream;
  /** Returns the location of the bytes; absent if the place does not consist of local files. */
  readonly part?: (name: string) => FilePart;
  /**
   * Returns a part of a blob; absent if the place serves only whole blobs. @throws ClairError as `open`, also for a
   * response that is not exactly this part
   */
  readonly openRange?: (name: string, range: BodyRange, signal?: AbortSignal) => Promise<Uint8Array>;
  /** Which layers may be read with `openRange`; by default only layers with a tar-split. */
  readonly partsScope?: PartsScope;
  /** Lists the referrers of a manifest; absent if `openRange` is absent. @throws ClairError as `listReferrers` */
  readonly listReferrers?: (
    subject: Digest,
    options: ReferrersOptions,
    signal: AbortSignal,
  ) => Promise<readonly Referrer[]>;
  /** Returns whether a foreign layer is available in this place. */
  readonly holdsForeign: (blob: string) => boolean;
};

/** A reference in a manifest or index (image-spec, descriptor.md). */
export type Descriptor = {
  readonly mediaType?: string;
  readonly digest: string;
  /** The size in bytes; needed to read parts of a layer, but not verified when the content is read as a whole. */
  readonly size?: number;
  /** Other locations of the content, for layers that must not be distributed with the image. */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform & { readonly 'os.features'?: unknown };
  /** The artifact type, a string in a valid document; not validated, because other tools ignore the field. */
  readonly artifactType?: unknown;
};

export type ReadIndex = { readonly value: { readonly manifests: readonly Descriptor[] }; readonly digest: Digest };

export type ReadManifest = {
  readonly value: {
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
    /** In a valid document, an object whose values are strings; not validated. */
    readonly annotations?: unknown;
  };
  readonly digest: Digest;
};

type Files = Pick<ImagePlace, 'where' | 'open'>;

/** Reads an OCI index or a Docker manifest list; throws as `readImageJson` does. */
export async function readIndex(files: Files, name: string, promised?: Digest): Promise<ReadIndex> {
  return await readImageJson(files, name, INDEX, promised);
}

/**
 * Reads an OCI or Docker schema 2 manifest. @throws ClairError `image/unsupported` for a Docker schema 1 manifest;
 * otherwise as `readImageJson`.
 */
export async function readManifest(place: ImagePlace, digest: Digest): Promise<ReadManifest> {
  const name = place.manifestName(digest);
  return await readImageJson(place, name, MANIFEST, digest, refusalOfSchema1(name, place.where));
}

/**
 * Reads an index or a manifest, and returns its kind.
 *
 * @throws ClairError `image/unsupported` for a Docker schema 1 manifest, which has no configuration and a digest that
 * is not the digest of its bytes; `image/unreadable` for a document that is neither or could be both (CVE-2021-41190);
 * otherwise as `readImageJson`.
 */
export async function readIndexOrManifest(
  files: Files,
  name: string,
  promised?: Digest,
): Promise<{ readonly index: ReadIndex } | { readonly manifest: ReadManifest }> {
  const refuse = refusalOfSchema1(name, files.where);
  const { value, digest } = await readImageJson(files, name, INDEX_OR_MANIFEST, promised, refuse);
  const { manifests, config, layers, annotations } = value;
  const isManifest = config !== undefined && layers !== undefined;
  if (manifests !== undefined && config === undefined && layers === undefined) {
    return { index: { value: { manifests }, digest } };
  }
  if (manifests === undefined && isManifest) return { manifest: { value: { config, layers, annotations }, digest } };
  const what =
    manifests === undefined ? 'is neither an index nor a manifest' : 'has fields of both an index and a manifest';
  throw new ClairError('image/unreadable', `${name} in ${files.where} ${what}`);
}

/**
 * Returns a check that rejects schema 1 before the digest and the shape are checked, because the digest of a schema 1
 * manifest is not the digest of its bytes.
 */
function refusalOfSchema1(name: string, where: string): (value: unknown) => void {
  return (value) => {
    if (typeof value !== 'object' || value === null || Reflect.get(value, 'schemaVersion') !== 1) return;
    throw new ClairError('image/unsupported', schema1Message(name, where));
  };
}

/** Returns the message about an image with a Docker schema 1 manifest, which Clair rejects. */
export function schema1Message(name: string, where: string): string {
  return `${name} in ${where} is a Docker schema 1 manifest, which is obsolete`;
}

/**
 * Returns the digest of a reference in a document. @throws ClairError `image/unreadable` for a digest of another
 * algorithm, or a path in place of a digest.
 */
export function digestOf({ where }: Pick<ImagePlace, 'where'>, { digest }: { readonly digest: string }): Digest {
  if (isDigest(digest)) return digest;
  throw new ClairError('image/unreadable', `${where} refers to "${digest}", which is not a SHA-256 or SHA-512 digest`);
}

const DESCRIPTOR = objectSchema({
  mediaType: exactOptional(string()),
  digest: string(),
  size: exactOptional(SIZE),
  urls: exactOptional(array(string())),
  annotations: exactOptional(TEXTS),
  platform: exactOptional(
    objectSchema({
      os: string(),
      architecture: string(),
      variant: exactOptional(string()),
      'os.features': exactOptional(unknown()),
    }),
  ),
  artifactType: exactOptional(unknown()),
});

const INDEX = objectSchema({ manifests: array(DESCRIPTOR) });

const ANNOTATIONS = exactOptional(unknown());

const MANIFEST = objectSchema({ config: DESCRIPTOR, layers: array(DESCRIPTOR), annotations: ANNOTATIONS });

const INDEX_OR_MANIFEST = objectSchema({
  manifests: exactOptional(array(DESCRIPTOR)),
  config: exactOptional(DESCRIPTOR),
  layers: exactOptional(array(DESCRIPTOR)),
  annotations: ANNOTATIONS,
});
