import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXPORT_FEEDS } from '../testing/export-builder.ts';
import { kevStore } from '../testing/kev-store.ts';
import { createMemoryRegistry, type MemoryRegistry } from '../testing/memory-registry.ts';
import { readArtifact } from './artifact-reader.ts';
import { type PublicKey, readPublicKey } from './artifact-signature.ts';
import { publishDatabase } from './publication.ts';

const SIMPLE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const P256 = { namedCurve: 'P-256' };

let registry: MemoryRegistry;
let folder: string;
let digest: string;
let privateKey: KeyObject;
let key: PublicKey;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clair-cosign-'));
  registry = createMemoryRegistry();
  const store = await kevStore();
  const { signal } = new AbortController();
  const about = { repository: 'registry.test/db', ...EXPORT_FEEDS, version: '1.2.3', now: () => 0, signal };
  ({ digest } = await publishDatabase({ store, place: registry.place(), writer: registry.writer, ...about }));
  await store.close();
  const pair = generateKeyPairSync('ec', P256);
  ({ privateKey } = pair);
  key = await keyIn('cosign.pub', pair.publicKey);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function keyIn(name: string, publicKey: KeyObject): Promise<PublicKey> {
  const path = join(folder, name);
  writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
  return await readPublicKey(path);
}

const hashOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function blob(bytes: Buffer, mediaType: string): { readonly mediaType: string; digest: string; size: number } {
  registry.blobs.set(hashOf(bytes), bytes);
  return { mediaType, digest: hashOf(bytes), size: bytes.length };
}

/** The document that cosign signs (SIGNATURE_SPEC.md, "Simple Signing"). */
function simplePayload(of: string): Buffer {
  const image = { 'docker-manifest-digest': of };
  const critical = { identity: { 'docker-reference': 'a/b' }, image, type: 'cosign container image signature' };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

/** A layer of the manifest that `cosign sign --key` stores. */
function simpleLayer(of = digest, by = privateKey, payload = simplePayload(of)): object {
  const signature = sign('sha256', simplePayload(of), by).toString('base64');
  return { ...blob(payload, SIMPLE), annotations: { 'dev.cosignproject.cosign/signature': signature } };
}

type Statement = { readonly of?: string; readonly predicateType?: string; readonly altered?: string };

/** The layer with the Sigstore bundle that `cosign sign --key` of cosign 3 attaches (BUNDLE_SPEC.md). */
function bundleLayer({ of = digest, predicateType = 'https://sigstore.dev/cosign/sign/v1', altered = '' }: Statement) {
  const payloadType = 'application/vnd.in-toto+json';
  const subject = [{ digest: { sha256: of.replace('sha256:', '') }, annotations: {} }];
  const statement = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType,
    predicate: {},
  });
  const encoded = `DSSEv1 ${payloadType.length} ${payloadType} ${statement.length} ${statement}`;
  const sig = sign('sha256', Buffer.from(encoded), privateKey).toString('base64');
  const payload = Buffer.from(`${statement}${altered}`).toString('base64');
  const bundle = {
    mediaType: BUNDLE,
    verificationMaterial: { publicKey: { hint: 'x' } },
    dsseEnvelope: { payload, payloadType, signatures: [{ sig, keyid: '' }] },
  };
  return blob(Buffer.from(JSON.stringify(bundle)), BUNDLE);
}

const manifestOf = (layers: readonly object[]): Buffer => Buffer.from(JSON.stringify({ schemaVersion: 2, layers }));

function tagged(...layers: readonly object[]): void {
  registry.manifests.set(`${digest.replace(':', '-')}.sig`, manifestOf(layers));
}

function attached(...manifests: readonly (readonly object[])[]): void {
  const digests = manifests.map((layers) => {
    const bytes = manifestOf(layers);
    registry.manifests.set(hashOf(bytes), bytes);
    return hashOf(bytes);
  });
  registry.referrers.set(digest, digests);
}

const read = async (by = key): Promise<string> => (await readArtifact(registry.place(), { key: by })).digest;
const otherKey = (): KeyObject => generateKeyPairSync('ec', P256).privateKey;
const OTHER = `sha256:${'1'.repeat(64)}`;

describe('a signature of cosign by an ECDSA P-256 key', () => {
  it.each<[string, () => void]>([
    ['under the tag', () => tagged(simpleLayer())],
    ['after a signature by another key', () => tagged(simpleLayer(digest, otherKey()), simpleLayer())],
    ['after a signature of another manifest', () => tagged(simpleLayer(OTHER), simpleLayer())],
    ['among the referrers', () => attached([simpleLayer()])],
    ['as a bundle among the referrers', () => attached([bundleLayer({})])],
    [
      'among several referrers',
      () => {
        tagged(simpleLayer(digest, otherKey()));
        attached(
          [],
          [simpleLayer(OTHER)],
          [bundleLayer({ predicateType: 'https://slsa.dev/provenance/v1' })],
          [bundleLayer({})],
        );
      },
    ],
  ])('is accepted %s', async (_, prepare) => {
    prepare();
    expect(await read()).toBe(digest);
  });

  it('is verified without a list of referrers if the tag has the signature', async () => {
    tagged(simpleLayer());
    const place = registry.place();
    const listReferrers = async (): Promise<never> => await Promise.reject(new Error('not needed'));
    expect((await readArtifact({ ...place, listReferrers }, { key })).digest).toBe(digest);
  });

  it.each<[string, () => void, string]>([
    ['is missing', () => {}, 'has no signature for'],
    ['is malformed', () => tagged({ ...simpleLayer(), annotations: {} }), 'has no signature for'],
    ['is by another key', () => tagged(simpleLayer(digest, otherKey())), 'is not signed by the key'],
    ['is of other bytes', () => tagged(simpleLayer(digest, privateKey, simplePayload(OTHER))), 'is not signed by'],
    ['is of another manifest', () => tagged(simpleLayer(OTHER)), `is for "${OTHER}", not for sha256:`],
    [
      'has no payload',
      () => {
        tagged(simpleLayer());
        registry.blobs.delete(hashOf(simplePayload(digest)));
      },
      'has no signature for',
    ],
    ['is one of too many', () => tagged(...Array.from({ length: 21 }, () => simpleLayer())), 'has no signature for'],
    [
      'is a bundle of another manifest',
      () => attached([bundleLayer({ of: OTHER })]),
      `is for "${OTHER}", not for sha256:`,
    ],
    ['is a bundle of other bytes', () => attached([bundleLayer({ altered: ' ' })]), 'is not signed by the key'],
    [
      'is the bundle of an attestation',
      () => attached([bundleLayer({ predicateType: 'https://slsa.dev/provenance/v1' })]),
      'is for no image, not for sha256:',
    ],
    [
      'comes after too many others',
      () =>
        attached(...Array.from({ length: 41 }, (_, at) => [simpleLayer(`${OTHER.slice(0, -2)}${at + 10}`)]), [
          simpleLayer(),
        ]),
      'not for sha256:',
    ],
  ])('is rejected if it %s', async (_, prepare, message) => {
    prepare();
    await expect(read()).rejects.toMatchObject({
      code: 'artifact/unsigned',
      message: expect.stringContaining(message),
    });
  });

  it('is one of at most 40 that are fetched', async () => {
    const malformed = (): object => blob(Buffer.from(`{"at":${registry.blobs.size}}`), BUNDLE);
    attached(...Array.from({ length: 3 }, () => Array.from({ length: 19 }, malformed)));
    await expect(read()).rejects.toMatchObject({ code: 'artifact/unsigned' });
    expect(registry.requests.filter((each) => each.startsWith('blobs/'))).toHaveLength(40);
  });

  it('is not accepted for an Ed25519 key, and no other curve is accepted', async () => {
    tagged(simpleLayer());
    const ed25519 = await keyIn('own.pub', generateKeyPairSync('ed25519').publicKey);
    await expect(read(ed25519)).rejects.toMatchObject({ code: 'artifact/unsigned' });
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    await expect(keyIn('p384.pub', publicKey)).rejects.toMatchObject({
      code: 'artifact/key-invalid',
      message: expect.stringContaining('no public key (Ed25519 or ECDSA P-256)'),
    });
  });
});
