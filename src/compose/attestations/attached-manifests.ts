import { Type } from 'typebox';
import { shownName } from '../../bytes/tar/name.ts';
import { ClairError } from '../../errors.ts';
import { algorithmOf, type Digest, DIGEST_PATTERN, hexOfDigest, isDigest } from '../../model/digest.ts';
import { readImageJson } from '../../worker/sources/image/image-json.ts';
import type { Descriptor } from '../../worker/sources/image/image-manifest.ts';
import type { RegistryAnswer, RegistryClient } from '../../worker/sources/registry/registry-client.ts';
import type { AttachmentPlace } from '../../worker/sources/registry/attachment-place.ts';
import { createAttempts } from './attempts.ts';
import type { AttestationLimits } from './attestation-limits.ts';
import { isSignature } from './media-types.ts';

const DESCRIPTOR = Type.Object({
  mediaType: Type.Optional(Type.String()),
  digest: Type.String(),
  size: Type.Optional(Type.Integer({ minimum: 0 })),
  artifactType: Type.Optional(Type.String()),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
});

const LIST = Type.Object({ manifests: Type.Array(DESCRIPTOR) });

const MANIFEST = Type.Object({
  artifactType: Type.Optional(Type.String()),
  config: Type.Optional(DESCRIPTOR),
  layers: Type.Optional(Type.Array(DESCRIPTOR)),
  subject: Type.Optional(DESCRIPTOR),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
});

type AttachedDescriptor = Descriptor & { readonly artifactType?: string };

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
    const listed = (await attempt(async () => await referrers(at.client, subject, limits, signal))) ?? [];
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

/**
 * Returns the fallback tag for a digest (distribution-spec, "Referrers Tag Schema"). A tag has at most 128 characters,
 * so the tag contains only the first 64 digits of the digest.
 */
function tagOf(subject: Digest): string {
  return `${algorithmOf(subject)}-${hexOfDigest(subject).slice(0, 64)}`;
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

/**
 * Lists the referrers of a manifest, without signatures. If a registry does not support the list, reads the list under
 * the fallback tag; without this tag, the manifest has no referrers.
 */
async function referrers(
  client: RegistryClient,
  subject: Digest,
  { maxPages, maxManifests }: AttestationLimits,
  signal: AbortSignal,
): Promise<readonly AttachedDescriptor[]> {
  const found: AttachedDescriptor[] = [];
  let name: string | undefined = `referrers/${subject}`;
  for (let page = 0; name !== undefined; page += 1) {
    if (page === maxPages)
      throw new ClairError('image/unreadable', `the list of referrers has more than ${maxPages} pages`);
    const answer: RegistryAnswer | undefined = await orAbsent(client.get(name, signal));
    if (answer === undefined) {
      const tag = `manifests/${tagOf(subject)}`;
      const fallback = await orAbsent(client.get(tag, signal));
      const list = fallback === undefined ? [] : await listIn(tag, fallback.body);
      return list.filter(isNoSignature).slice(0, maxManifests + 1);
    }
    for (const each of (await listIn(name, answer.body)).filter(isNoSignature)) found.push(each);
    name = found.length > maxManifests ? undefined : nextPage(answer.headers['link'] ?? '');
  }
  return found;
}

function isNoSignature({ artifactType = '' }: AttachedDescriptor): boolean {
  return !isSignature(artifactType);
}

async function listIn(name: string, body: AsyncIterable<Uint8Array>): Promise<readonly AttachedDescriptor[]> {
  const { value } = await readImageJson({ where: 'the registry', open: () => body }, name, LIST);
  return value.manifests;
}

/**
 * Returns the name of the next page (RFC 8288), which is the part of the URL below the repository; undefined on the
 * last page. Ignores the host.
 *
 * @throws ClairError `image/unreadable` for a next page elsewhere, because the rest of the list would be missing
 */
function nextPage(link: string): string | undefined {
  if (!/\brel="?next\b/i.test(link)) return undefined;
  const [, target] = /<([^>]{1,4096})>\s*;\s*rel="?next"?/i.exec(link) ?? [];
  const [, name] = NEXT_PAGE.exec(target ?? '') ?? [];
  if (name !== undefined) return name;
  throw new ClairError(
    'image/unreadable',
    `the Link header of the referrers list names no valid next page: ${shownName(link)}`,
  );
}

const NEXT_PAGE = new RegExp(`/(referrers/${DIGEST_PATTERN}(?:\\?.*)?)$`);

/** Returns undefined if the registry does not have the content. */
async function orAbsent<Result>(request: Promise<Result>): Promise<Result | undefined> {
  try {
    return await request;
  } catch (error) {
    const isAbsent = error instanceof ClairError && ['bytes/not-found', 'image/not-found'].includes(error.code);
    if (isAbsent) return undefined;
    throw error;
  }
}
