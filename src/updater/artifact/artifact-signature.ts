import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Type } from 'typebox';
import { allBytes } from '../../bytes/all-bytes.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { ClairError } from '../../errors.ts';
import { compiledSchema } from '../exchange/compiled-schema.ts';
import { MAX_ARTIFACT_JSON } from './artifact-config.ts';
import type { ArtifactPlace } from './artifact-registry.ts';

/** The key that verifies signatures, and the path of its file for messages. */
export type PublicKey = { readonly key: KeyObject; readonly path: string };

/** The maximum size of a key file; a key file is about 120 bytes. */
const MAX_KEY_BYTES = 16 * 1024;

/** The maximum number of signatures of a manifest; a manifest with more signatures counts as unsigned. */
const MAX_SIGNATURES = 20;

const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';

/** Reads an Ed25519 public key in PEM format. @throws ClairError `artifact/key-invalid` */
export async function readPublicKey(path: string): Promise<PublicKey> {
  return { key: await readKey(path, createPublicKey), path };
}

/** Reads an Ed25519 private key in PEM format, without a password. @throws ClairError `artifact/key-invalid` */
export async function readPrivateKey(path: string): Promise<KeyObject> {
  return await readKey(path, createPrivateKey);
}

/**
 * Returns the tag under which the signature of a manifest is stored (cosign, SIGNATURE_SPEC.md, "Tag-based Discovery").
 */
export function signatureTag(digest: string): string {
  return `${digest.replace(':', '-')}.sig`;
}

/** The signed document (`payload`), and the annotations of the manifest that contains the signature. */
export type SignedManifest = { readonly payload: Buffer; readonly annotations: Readonly<Record<string, string>> };

/**
 * Signs the digest of a manifest (cosign, SIGNATURE_SPEC.md, "Simple Signing").
 *
 * @param repository the repository of the manifest, with its registry
 */
export function signManifest(repository: string, digest: string, key: KeyObject): SignedManifest {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  return { payload, annotations: { [SIGNATURE_ANNOTATION]: sign(null, payload, key).toString('base64') } };
}

/** The media type of a signed document. */
export const SIGNATURE_PAYLOAD_TYPE: string = PAYLOAD_TYPE;

/**
 * Verifies that the digest of a manifest is signed with a key. Does not compare the repository in the signature, so
 * that a mirror can be used.
 *
 * @throws ClairError `artifact/unsigned`; `registry/…`, `bytes/…`
 */
export async function checkSignature(
  { where, reader }: ArtifactPlace,
  digest: string,
  { key, path }: PublicKey,
  signal?: AbortSignal,
): Promise<void> {
  const read = async (name: string): Promise<Buffer | undefined> =>
    await allBytes((await reader.get(name, signal)).body, MAX_ARTIFACT_JSON);
  let manifest: unknown;
  try {
    manifest = parsed(await read(`manifests/${signatureTag(digest)}`));
  } catch (error) {
    if (!(error instanceof ClairError) || error.code !== 'image/not-found') throw error;
    throw new ClairError('artifact/unsigned', `${where} has no signature for ${digest}`);
  }
  for (const { digest: blob, annotations } of isSignatures(manifest) ? manifest.layers : []) {
    const signature = annotations?.[SIGNATURE_ANNOTATION];
    if (signature === undefined) continue;
    const payload = await read(`blobs/${blob}`);
    if (payload === undefined || !verify(null, payload, key, Buffer.from(signature, 'base64'))) continue;
    const signed = parsed(payload);
    if (isPayload(signed) && signed.critical.image['docker-manifest-digest'] === digest) return;
  }
  throw new ClairError('artifact/unsigned', `${where} (${digest}) is not signed by the key ${path}`);
}

async function readKey(path: string, create: (pem: string) => KeyObject): Promise<KeyObject> {
  try {
    const bytes = await allBytes(fileBytes(path), MAX_KEY_BYTES);
    const key = create(bytes?.toString('latin1') ?? '');
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    if (error instanceof ClairError) throw new ClairError('artifact/key-invalid', error.message, { cause: error });
    // Neither show nor keep the error of the parser, because the file may contain a secret.
  }
  throw new ClairError('artifact/key-invalid', `${path} contains no Ed25519 key in PEM format`);
}

function parsed(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}

function isSignatures(value: unknown): value is {
  readonly layers: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[];
} {
  return SIGNATURES.Check(value);
}

function isPayload(
  value: unknown,
): value is { readonly critical: { readonly image: { readonly 'docker-manifest-digest': string } } } {
  return PAYLOAD.Check(value);
}

const SIGNATURES = compiledSchema(
  Type.Object({
    layers: Type.Array(
      Type.Object({
        digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
        annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
      }),
      { maxItems: MAX_SIGNATURES },
    ),
  }),
);

const PAYLOAD = compiledSchema(
  Type.Object({
    critical: Type.Object({ image: Type.Object({ 'docker-manifest-digest': Type.String() }) }),
  }),
);
