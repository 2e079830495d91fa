import { type Static, type TSchema, Type } from 'typebox';
import { allBytes } from '../../bytes/all-bytes.ts';
import { orAbsent } from '../../bytes/http/absent-content.ts';
import { compiledSchema } from '../exchange/compiled-schema.ts';
import { MAX_ARTIFACT_JSON } from './artifact-config.ts';
import type { ArtifactPlace } from './artifact-registry.ts';

/** A signature that is not yet verified. */
export type CosignSignature = {
  readonly signed: Buffer;
  readonly signature: Buffer;
  /** Returns the digests of the manifests that the signed bytes name. */
  readonly digests: () => readonly string[];
};

/** The maximum number of signatures in one manifest; a manifest with more signatures counts as unsigned. */
const MAX_IN_MANIFEST = 20;

/** The maximum number of signatures that are read, because anyone who can push can add signatures. */
const MAX_READ = 40;

/** The media type of a signed document (cosign, SIGNATURE_SPEC.md, "Simple Signing"). */
export const SIGNATURE_PAYLOAD_TYPE: string = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const SIGNATURE_ANNOTATION: string = 'dev.cosignproject.cosign/signature';

/** The artifact types of signatures that are attached to a manifest; the second type is the default of cosign 3. */
const ATTACHED_TYPES = [
  'application/vnd.dev.cosign.artifact.sig.v1+json',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
] as const;
const BUNDLE_TYPE: string = ATTACHED_TYPES[1];

/** The predicate type of a signature. An attestation has another predicate type, and does not count as a signature. */
const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

/**
 * Returns the tag under which the signature of a manifest is stored (cosign, SIGNATURE_SPEC.md, "Tag-based Discovery").
 */
export function signatureTag(digest: string): string {
  return `${digest.replace(':', '-')}.sig`;
}

/**
 * Reads the signatures of a manifest: first those under the tag, then those among the referrers, as simple signatures
 * (SIGNATURE_SPEC.md) or as Sigstore bundles with a DSSE envelope (BUNDLE_SPEC.md). Skips malformed signatures.
 *
 * @throws ClairError `registry/…`, `bytes/…`, `image/…` for a signature or a list that cannot be fetched
 */
export async function* cosignSignatures(
  { reader, listReferrers }: ArtifactPlace,
  digest: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<CosignSignature> {
  const read = async (name: string): Promise<Buffer | undefined> =>
    await allBytes((await reader.get(name, signal)).body, MAX_ARTIFACT_JSON);
  let count = 0;
  async function* signaturesIn(name: string): AsyncGenerator<CosignSignature> {
    const manifest = parsed(await orAbsent(read(`manifests/${name}`)));
    if (!isSignatures(manifest)) return;
    for (const { digest: blob, mediaType, annotations } of manifest.layers) {
      const signature = annotations?.[SIGNATURE_ANNOTATION];
      if (signature === undefined && mediaType !== BUNDLE_TYPE) continue;
      if (count === MAX_READ) return;
      count += 1;
      const bytes = await orAbsent(read(`blobs/${blob}`));
      if (bytes === undefined) continue;
      const found = signature === undefined ? bundled(bytes) : simple(bytes, signature);
      if (found !== undefined) yield found;
    }
  }
  yield* signaturesIn(signatureTag(digest));
  for (const attached of (await listReferrers?.(digest, ATTACHED_TYPES, signal)) ?? []) yield* signaturesIn(attached);
}

function simple(signed: Buffer, signature: string): CosignSignature {
  const digests = (): readonly string[] => {
    const value = parsed(signed);
    return isPayload(value) ? [value.critical.image['docker-manifest-digest']] : [];
  };
  return { signed, signature: Buffer.from(signature, 'base64'), digests };
}

/** Reads a Sigstore bundle; the signed bytes are the pre-authentication encoding of DSSE (protocol.md). */
function bundled(bytes: Buffer): CosignSignature | undefined {
  const bundle = parsed(bytes);
  if (!isBundle(bundle)) return undefined;
  const { payload: encoded, payloadType, signatures } = bundle.dsseEnvelope;
  const payload = Buffer.from(encoded, 'base64');
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  const digests = (): readonly string[] => {
    const value = parsed(payload);
    return isStatement(value) ? value.subject.map(({ digest }) => `sha256:${digest.sha256}`) : [];
  };
  const signed = Buffer.concat([Buffer.from(head), payload]);
  return { signed, signature: Buffer.from(signatures[0].sig, 'base64'), digests };
}

function parsed(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}

const SIGNATURES = Type.Object({
  layers: Type.Array(
    Type.Object({
      digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
      mediaType: Type.Optional(Type.String()),
      annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
    }),
    { maxItems: MAX_IN_MANIFEST },
  ),
});

const PAYLOAD = Type.Object({
  critical: Type.Object({ image: Type.Object({ 'docker-manifest-digest': Type.String() }) }),
});

const BUNDLE = Type.Object({
  dsseEnvelope: Type.Object({
    payload: Type.String(),
    payloadType: Type.Literal('application/vnd.in-toto+json'),
    // A bundle has exactly one signature (protobuf-specs, sigstore_bundle.proto).
    signatures: Type.Tuple([Type.Object({ sig: Type.String() })]),
  }),
});

const STATEMENT = Type.Object({
  predicateType: Type.Literal(SIGN_PREDICATE),
  subject: Type.Array(Type.Object({ digest: Type.Object({ sha256: Type.String() }) }), { maxItems: MAX_IN_MANIFEST }),
});

const isSignatures: Guard<typeof SIGNATURES> = guardOf(SIGNATURES);
const isPayload: Guard<typeof PAYLOAD> = guardOf(PAYLOAD);
const isBundle: Guard<typeof BUNDLE> = guardOf(BUNDLE);
const isStatement: Guard<typeof STATEMENT> = guardOf(STATEMENT);

type Guard<Schema extends TSchema> = (value: unknown) => value is Static<Schema>;

function guardOf<Schema extends TSchema>(schema: Schema): Guard<Schema> {
  const validator = compiledSchema(schema);
  return (value): value is Static<Schema> => validator.Check(value);
}
