import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { allBytes } from '../../bytes/all-bytes.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { shownName } from '../../bytes/tar/name.ts';
import { ClairError } from '../../errors.ts';
import type { ArtifactPlace } from './artifact-registry.ts';
import { cosignSignatures, SIGNATURE_ANNOTATION } from './cosign-signatures.ts';

/** The key that verifies signatures, and the path of its file for messages. */
export type PublicKey = { readonly key: KeyObject; readonly path: string };

/** The maximum size of a key file; a key file is about 120 bytes. */
const MAX_KEY_BYTES = 16 * 1024;

/**
 * Reads a public key in PEM format: Ed25519, or ECDSA on P-256, as in the `cosign.pub` of cosign.
 *
 * @throws ClairError `artifact/key-invalid`
 */
export async function readPublicKey(path: string): Promise<PublicKey> {
  return { key: await readKey(path, publicKeyIn, isVerifying, 'no public key (Ed25519 or ECDSA P-256)'), path };
}

/** Reads an Ed25519 private key in PEM format, without a password. @throws ClairError `artifact/key-invalid` */
export async function readPrivateKey(path: string): Promise<KeyObject> {
  return await readKey(path, createPrivateKey, isEd25519, 'no Ed25519 key');
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

/**
 * Verifies that the digest of a manifest is signed with a key, by Clair or by cosign. Does not compare the repository in
 * the signature, so that a mirror can be used.
 *
 * @throws ClairError `artifact/unsigned`; `registry/…`, `bytes/…`, `image/…`
 */
export async function checkSignature(
  place: ArtifactPlace,
  digest: string,
  { key, path }: PublicKey,
  signal?: AbortSignal,
): Promise<void> {
  const { where } = place;
  let count = 0;
  let other: string | undefined;
  for await (const { signed, signature, digests } of cosignSignatures(place, digest, signal)) {
    count += 1;
    // cosign signs with ECDSA and SHA-256 (SIGNATURE_SPEC.md, "Signature Schemes").
    if (!verify(isEd25519(key) ? null : 'sha256', signed, key, signature)) continue;
    const named = digests();
    if (named.includes(digest)) return;
    other ??= named[0] === undefined ? 'no image' : shownName(named[0]);
  }
  if (count === 0) throw unsigned(`${where} has no signature for ${digest}`);
  if (other === undefined) throw unsigned(`${where} (${digest}) is not signed by the key ${path}`);
  throw unsigned(`the signature of ${where} by the key ${path} is for ${other}, not for ${digest}`);
}

function unsigned(message: string): ClairError {
  return new ClairError('artifact/unsigned', message);
}

function isEd25519({ asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType === 'ed25519';
}

function isVerifying(key: KeyObject): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  return isEd25519(key) || (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1');
}

/** Rejects a private key, which Node would accept, because clients must not have the key of the publisher. */
function publicKeyIn(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new Error('a private key');
  return createPublicKey(pem);
}

async function readKey(
  path: string,
  create: (pem: string) => KeyObject,
  isSupported: (key: KeyObject) => boolean,
  missing: string,
): Promise<KeyObject> {
  try {
    const bytes = await allBytes(fileBytes(path), MAX_KEY_BYTES);
    const key = create(bytes?.toString('latin1') ?? '');
    if (isSupported(key)) return key;
  } catch (error) {
    if (error instanceof ClairError) throw new ClairError('artifact/key-invalid', error.message, { cause: error });
    // Neither show nor keep the error of the parser, because the file may contain a secret.
  }
  throw new ClairError('artifact/key-invalid', `${path} contains ${missing} in PEM format`);
}
