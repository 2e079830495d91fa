import { array, exactOptional, type GenericSchema, string } from 'valibot';
import { shownName } from '../../../bytes/tar/name.ts';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { orAbsent } from '../../../bytes/http/absent-content.ts';
import { ClairError } from '../../../errors.ts';
import { algorithmOf, type Digest, DIGEST_PATTERN, hexOfDigest } from '../../../model/digest.ts';
import type { RegistryAnswer, RegistryClient } from '../registry/registry-client.ts';
import { objectSchema, readImageJson, SIZE, TEXTS } from './image-json.ts';

/** A manifest that is attached to another manifest. */
export type Referrer = {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size?: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

export type ReferrersOptions = {
  /** The type to request; registries need not filter by type, so `isWanted` must check the type too. */
  readonly artifactType?: string;
  readonly isWanted: (referrer: Referrer) => boolean;
  /** The maximum number of pages of a list. */
  readonly maxPages: number;
  /** The maximum number of wanted referrers; no further page is requested after this number. */
  readonly maxFound: number;
};

/**
 * Lists the referrers of a manifest (distribution-spec 1.1, "Listing Referrers"). If a registry does not support the
 * list, reads the list under the fallback tag; without this tag, the manifest has no referrers.
 *
 * @throws ClairError `image/unreadable` for an invalid list, or a list with more than `maxPages` pages; the errors of
 * the client
 */
export async function listReferrers(
  client: Pick<RegistryClient, 'get'>,
  subject: Digest,
  { artifactType, isWanted, maxPages, maxFound }: ReferrersOptions,
  signal: AbortSignal,
): Promise<readonly Referrer[]> {
  const found: Referrer[] = [];
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  let name: string | undefined = `referrers/${subject}${query}`;
  for (let page = 0; name !== undefined; page += 1) {
    if (page === maxPages)
      throw new ClairError('image/unreadable', `the list of referrers has more than ${maxPages} pages`);
    const answer: RegistryAnswer | undefined = await orAbsent(client.get(name, signal));
    if (answer === undefined) {
      const tag = `manifests/${tagOf(subject)}`;
      const fallback = await orAbsent(client.get(tag, signal));
      const referrers = fallback === undefined ? [] : await listIn(tag, fallback.body);
      return referrers.filter(isWanted).slice(0, maxFound);
    }
    for (const each of (await listIn(name, answer.body)).filter(isWanted)) found.push(each);
    name = found.length >= maxFound ? undefined : nextPage(answer.headers['link'] ?? '');
  }
  return found.slice(0, maxFound);
}

/**
 * Returns the fallback tag for a digest (distribution-spec, "Referrers Tag Schema"). A tag has at most 128 characters,
 * so the tag contains only the first 64 digits of the digest.
 */
export function tagOf(subject: Digest): string {
  return `${algorithmOf(subject)}-${hexOfDigest(subject).slice(0, 64)}`;
}

/** The schema of a referrer, and of other descriptors whose artifact type must be a text. */
export const REFERRER: GenericSchema<unknown, Referrer> = objectSchema({
  mediaType: exactOptional(string()),
  digest: string(),
  size: exactOptional(SIZE),
  artifactType: exactOptional(string()),
  annotations: exactOptional(TEXTS),
});

const LIST = objectSchema({ manifests: array(REFERRER) });

async function listIn(name: string, body: ByteStream): Promise<readonly Referrer[]> {
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
