import { Type } from 'typebox';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { FilePart } from '../../../bytes/file-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { type Digest, isDigest } from '../../../model/digest.ts';
import { readImageJson } from './image-json.ts';
import type { Platform } from './platform.ts';

/** Where an image's manifests and blobs are had by digest: a layout, or a repository of a registry. */
export type ImagePlace = {
  /** What to call it in messages. */
  readonly where: string;
  readonly manifestName: (digest: Digest) => string;
  readonly blobName: (digest: Digest) => string;
  /** @throws ClairError `image/…`, `bytes/…` or `registry/…` for what cannot be had, from here or while it is read. */
  readonly open: (name: string, signal?: AbortSignal) => ByteStream;
  /** Where the bytes lie, if that is a file of this machine. */
  readonly part?: (name: string) => FilePart;
  /** Tells whether a foreign layer can be had here all the same. */
  readonly holdsForeign: (blob: string) => boolean;
};

/** How manifests and indexes refer to something (image-spec, descriptor.md). */
export type Descriptor = {
  readonly mediaType?: string;
  readonly digest: string;
  /** In bytes; it is told, and not relied on. */
  readonly size?: number;
  /** Where else the content is; of layers that must not be distributed with the image. */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
};

/** An index, or manifest list, with the digest of its bytes. */
export type ReadIndex = { readonly value: { readonly manifests: readonly Descriptor[] }; readonly digest: Digest };

/** A manifest with the digest of its bytes. */
export type ReadManifest = {
  readonly value: {
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
    /** Texts by their names, if it is what it should be: nothing relies on it. */
    readonly annotations?: unknown;
  };
  readonly digest: Digest;
};

type Files = Pick<ImagePlace, 'where' | 'open'>;

/** Reads an index of OCI or a manifest list of Docker; throws as `readImageJson` does. */
export async function readIndex(files: Files, name: string, promised?: Digest): Promise<ReadIndex> {
  return await readImageJson(files, name, INDEX, promised);
}

/** Reads a manifest of OCI or of Docker's schema 2; throws as `readIndexOrManifest` does. */
export async function readManifest(place: ImagePlace, digest: Digest): Promise<ReadManifest> {
  const name = place.manifestName(digest);
  return await readImageJson(place, name, MANIFEST, digest, refusalOfSchema1(name, place.where));
}

/**
 * Reads what may be either, and says which it is.
 *
 * @throws ClairError `image/unsupported` for a manifest of Docker's schema 1, which has no configuration and whose
 * digest is not that of its bytes; `image/unreadable` for what is both, since others may take it for the other one
 * (CVE-2021-41190); else as `readImageJson`.
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
  throw new ClairError('image/unreadable', `${name} in ${files.where} is not clearly an index or a manifest`);
}

/** Refuses a manifest of schema 1 before its digest, which is not that of its bytes, and its shape are looked at. */
function refusalOfSchema1(name: string, where: string): (value: unknown) => void {
  return (value) => {
    if (typeof value !== 'object' || value === null || Reflect.get(value, 'schemaVersion') !== 1) return;
    throw new ClairError('image/unsupported', schema1Message(name, where));
  };
}

/** What to say of a manifest of Docker's schema 1. */
export function schema1Message(name: string, where: string): string {
  return `${name} in ${where} is a manifest of Docker's schema 1, which Docker itself no longer reads`;
}

/** @throws ClairError `image/unreadable` for a digest that is not SHA-256, or that is no digest but a path. */
export function digestOf({ where }: Pick<ImagePlace, 'where'>, { digest }: { readonly digest: string }): Digest {
  if (isDigest(digest)) return digest;
  throw new ClairError('image/unreadable', `${where} refers to "${digest}", which is no SHA-256 digest`);
}

const DESCRIPTOR = Type.Object({
  mediaType: Type.Optional(Type.String()),
  digest: Type.String(),
  size: Type.Optional(Type.Integer({ minimum: 0 })),
  urls: Type.Optional(Type.Array(Type.String())),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  platform: Type.Optional(
    Type.Object({ os: Type.String(), architecture: Type.String(), variant: Type.Optional(Type.String()) }),
  ),
});

const INDEX = Type.Object({ manifests: Type.Array(DESCRIPTOR) });

const ANNOTATIONS = Type.Optional(Type.Unknown());

const MANIFEST = Type.Object({ config: DESCRIPTOR, layers: Type.Array(DESCRIPTOR), annotations: ANNOTATIONS });

const INDEX_OR_MANIFEST = Type.Object({
  manifests: Type.Optional(Type.Array(DESCRIPTOR)),
  config: Type.Optional(DESCRIPTOR),
  layers: Type.Optional(Type.Array(DESCRIPTOR)),
  annotations: ANNOTATIONS,
});
