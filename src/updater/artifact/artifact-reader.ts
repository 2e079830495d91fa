import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { allBytes } from '../../bytes/all-bytes.ts';
import { ClairError } from '../../errors.ts';
import { algorithmOf, type Digest, digestOfHex, isDigest } from '../../model/digest.ts';
import { compiledSchema } from '../exchange/compiled-schema.ts';
import { schemaFault } from '../exchange/schema-fault.ts';
import { type TemporaryFile, writeTemporaryFile } from '../feed/temporary-file.ts';
import {
  type ArtifactConfig,
  invalid,
  layersOf,
  MAX_ARTIFACT_JSON,
  MEDIA_TYPES,
  parseArtifactConfig,
} from './artifact-config.ts';
import type { ArtifactPlace } from './artifact-registry.ts';
import { checkSignature, type PublicKey } from './artifact-signature.ts';

/** A published database whose manifest and configuration were verified. */
export type Artifact = { readonly digest: Digest; readonly config: ArtifactConfig };

export type ReadArtifactOptions = {
  /** The key with which the manifest must be signed; when absent, any manifest is accepted. */
  readonly key?: PublicKey;
  readonly signal?: AbortSignal;
};

/**
 * Reads the manifest, the signature if a key is given, and the configuration of a published database. The manifest is
 * parsed only after its signature and its pinned digest, if any, are verified, and the configuration only after its
 * digest is verified.
 *
 * @throws ClairError `artifact/…`, `image/not-found`, `registry/…`, `bytes/…`; `bytes/unreachable` also for a response
 * that is no JSON object
 */
export async function readArtifact(place: ArtifactPlace, { key, signal }: ReadArtifactOptions = {}): Promise<Artifact> {
  const { where, reference } = place;
  const bytes = await readJsonBytes(place, `manifests/${reference}`, signal);
  const digest = digestOfHex(createHash('sha256').update(bytes).digest('hex'));
  const pinned = isDigest(reference) ? digestOf(bytes, reference) : reference;
  if (pinned !== reference) throw invalid(where, `the digest of the manifest is ${pinned} instead of ${reference}`);
  if (key !== undefined) await checkSignature(place, digest, key, signal);
  const manifest = manifestIn(bytes, where);
  const configBytes = await readBlob(place, manifest.config, signal);
  const config = parseArtifactConfig(configBytes.toString('utf8'), where);
  // Reject layers that the manifest does not list, because registries delete blobs that no manifest references.
  const held = new Map(manifest.layers.map((each) => [each.digest, each.size]));
  const missing = layersOf(config).find((each) => held.get(each.digest) !== each.size);
  if (missing !== undefined)
    throw invalid(where, `the manifest does not list the layer ${missing.digest} with ${missing.size} bytes`);
  return { digest, config };
}

/**
 * Reads a small blob and verifies its size and digest.
 *
 * @throws ClairError `artifact/invalid`, `registry/…`, `bytes/…`
 */
export async function readBlob(
  place: ArtifactPlace,
  { digest, size }: BlobDescriptor,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const bytes = await readJsonBytes(place, `blobs/${digest}`, signal);
  const found = digestOfHex(createHash('sha256').update(bytes).digest('hex'));
  if (found !== digest || bytes.length !== size) throw damaged(place, digest);
  return bytes;
}

/**
 * Downloads a layer to a temporary file and verifies its size and digest; the caller removes the file.
 *
 * @param received called with the number of bytes of each chunk
 * @throws ClairError `artifact/invalid`, `registry/…`, `bytes/…`; the abort reason of the signal
 */
export async function downloadLayer(
  place: ArtifactPlace,
  { digest, size }: BlobDescriptor,
  { signal, received }: { readonly signal?: AbortSignal; readonly received?: (bytes: number) => void } = {},
): Promise<TemporaryFile> {
  const { body } = await place.reader.get(`blobs/${digest}`, signal);
  const hash = createHash('sha256');
  let bytes = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      hash.update(chunk);
      bytes += chunk.length;
      received?.(chunk.length);
      yield chunk;
    }
  }
  const file = await writeTemporaryFile(hashed(), `${digest} in ${place.where}`, size, signal).catch(
    (error: unknown) => {
      throw error instanceof ClairError && error.code === 'bytes/limit-exceeded' ? damaged(place, digest) : error;
    },
  );
  if (bytes === size && digestOfHex(hash.digest('hex')) === digest) return file;
  await file.remove();
  throw damaged(place, digest);
}

/** Computes a digest with the algorithm of the promised digest, so that both digests can be compared. */
function digestOf(bytes: Buffer, promised: Digest): Digest {
  const algorithm = algorithmOf(promised);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export type BlobDescriptor = { readonly digest: string; readonly size: number };

function damaged({ where }: ArtifactPlace, digest: string): ClairError {
  return invalid(where, `the content of ${digest} does not match this digest or the stated size`);
}

async function readJsonBytes(
  { where, reader }: ArtifactPlace,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const { body } = await reader.get(name, signal);
  const bytes = await allBytes(body, MAX_ARTIFACT_JSON);
  if (bytes === undefined) throw invalid(where, `${name} is larger than ${MAX_ARTIFACT_JSON} bytes`);
  checkStart(bytes, name, where);
  return bytes;
}

/**
 * Rejects a response that is no JSON object, such as the login page of a proxy, before its signature or digest is
 * checked, because a missing signature would be the wrong reason.
 */
function checkStart(bytes: Buffer, name: string, where: string): void {
  const [first = ''] = bytes.subarray(0, MAX_START).toString('latin1').trimStart();
  if (first === '{') return;
  const content = CONTENT_BY_START[first] ?? 'content that is not JSON';
  const message = `${where}: the registry, or a proxy before the registry, responded to ${name} with ${content}`;
  throw new ClairError('bytes/unreachable', message);
}

/** The number of bytes in which a JSON object must start. */
const MAX_START = 1024;

/** What responses contain, by their first character (RFC 1952 section 2.3.1 for gzip). */
const CONTENT_BY_START: Readonly<Record<string, string>> = {
  '<': 'an HTML page',
  '\x1f': 'gzip-compressed content, which Clair did not request',
};

function manifestIn(bytes: Buffer, where: string): ArtifactManifest {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid(where, 'the manifest is not JSON');
  }
  if (!isManifest(value)) throw invalid(where, schemaFault(MANIFEST, value) ?? 'unexpected structure');
  if (value.config.mediaType !== MEDIA_TYPES.config) {
    throw new ClairError('artifact/invalid', `${where} is not a published database; it may be an image`);
  }
  return value;
}

type ArtifactManifest = {
  readonly config: BlobDescriptor & { readonly mediaType: string };
  readonly layers: readonly BlobDescriptor[];
};

function isManifest(value: unknown): value is ArtifactManifest {
  return MANIFEST.Check(value);
}

const DESCRIPTOR = {
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 0 }),
} as const;

const MANIFEST = compiledSchema(
  Type.Object({
    config: Type.Object({ ...DESCRIPTOR, mediaType: Type.String() }),
    layers: Type.Array(Type.Object(DESCRIPTOR)),
  }),
);
