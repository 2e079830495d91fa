import { array, exactOptional, string } from 'valibot';
import { orAbsent } from '../../bytes/http/absent-content.ts';
import { ClairError } from '../../errors.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { objectSchema, readImageJson, TEXTS } from '../../worker/sources/image/image-json.ts';
import type { Descriptor } from '../../worker/sources/image/image-manifest.ts';
import { listReferrers, REFERRER, type ReferrersOptions, tagOf } from '../../worker/sources/image/referrers.ts';
import type { AttachmentPlace } from '../../worker/sources/registry/attachment-place.ts';
import { createAttempts } from './attempts.ts';
import type { AttestationLimits } from './attestation-limits.ts';
import { isSignature } from './media-types.ts';

const MANIFEST = objectSchema({
  artifactType: exactOptional(string()),
  config: exactOptional(REFERRER),
  layers: exactOptional(array(REFERRER)),
  subject: exactOptional(REFERRER),
  annotations: exactOptional(TEXTS),
});

export type AttachedManifest = {
  readonly value: {
    readonly artifactType?: string;
    readonly config?: Descriptor;
    readonly layers?: readonly Descriptor[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** Whether the manifest is attached to the index and is therefore not about a single platform. */
  readonly isOfIndex: boolean;
};

/** The attached manifests, and the messages about failures. */
export type FoundManifests = { readonly manifests: readonly AttachedManifest[]; readonly failures: readonly string[] };

/**
 * Reads the manifests that are attached to an image and its index. Finds the manifests in the list of referrers
 * (distribution-spec 1.1, "Listing Referrers") or under the fallback tag of the list, under the cosign tags, and in the
 * index (BuildKit). A failure of the registry does not count as an empty list.
 *
 * @throws the abort reason of the signal
 */
export async function attachedManifests(
  at: AttachmentPlace,
  limits: AttestationLimits,
  signal: AbortSignal,
): Promise<FoundManifests> {
  const wish: ReferrersOptions = {
    isWanted: ({ artifactType = '' }) => !isSignature(artifactType),
    maxPages: limits.maxPages,
    maxFound: limits.maxManifests + 1,
  };
  const failures: string[] = [];
  const manifests: AttachedManifest[] = [];
  const attempt = createAttempts(failures, signal);
  const read = new Set<string>();
  const subjects: readonly (readonly [Digest, boolean])[] = [
    [at.image, false],
    ...(at.index === undefined ? [] : [[at.index.digest, true] as const]),
  ];
  for (const [subject, isOfIndex] of subjects) {
    const named = isOfIndex ? [] : attestationsInIndex(at);
    const listed = (await attempt(async () => await listReferrers(at.client, subject, wish, signal))) ?? [];
    const wanted = [
      ...named.map((digest) => ({ digest, isReferrer: false })),
      ...listed.map(({ digest }) => ({ digest, isReferrer: true })),
    ].filter(({ digest }) => !read.has(digest));
    for (const { digest, isReferrer } of wanted) {
      if (read.size >= limits.maxManifests) {
        failures.push(`more than ${limits.maxManifests} manifests are attached; the remaining manifests were not read`);
        break;
      }
      read.add(digest);
      const found = await attempt(async () => {
        if (!isDigest(digest))
          throw new ClairError(
            'image/unreadable',
            `the digest "${digest}" of an attached manifest is not a SHA-256 or SHA-512 digest`,
          );
        const { value } = await readImageJson(filesOf(at, signal), `manifests/${digest}`, MANIFEST, digest);
        if (!isReferrer || value.subject?.digest === subject) return value;
        throw new ClairError(
          'image/unreadable',
          `the registry lists ${digest} as attached to ${subject}, but this manifest names ${value.subject?.digest ?? 'no image'}`,
        );
      });
      if (found !== undefined) manifests.push({ value: found, isOfIndex });
    }
    for (const suffix of ['sbom', 'att']) {
      const name = `manifests/${tagOf(subject)}.${suffix}`;
      const tagged = await attempt(async () => await orAbsent(readImageJson(filesOf(at, signal), name, MANIFEST)));
      if (tagged !== undefined) manifests.push({ value: tagged.value, isOfIndex });
    }
  }
  return { manifests, failures };
}

function filesOf({ where, open }: AttachmentPlace, signal: AbortSignal) {
  return { where, open: (name: string) => open(name, signal) };
}

/**
 * Returns the digests of the attestations of the image that the index lists; BuildKit lists attestations beside the
 * image.
 */
function attestationsInIndex({ index, image }: AttachmentPlace): readonly string[] {
  return (index?.manifests ?? []).flatMap(({ digest, annotations = {} }) => {
    const isFor = annotations['vnd.docker.reference.digest'] === image;
    return isFor && annotations['vnd.docker.reference.type'] === 'attestation-manifest' ? [digest] : [];
  });
}
