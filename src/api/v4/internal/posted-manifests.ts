import type { ImagePosition } from '../../../database/contracts/matches.ts';
import type { Store } from '../../../database/contracts/store.ts';
import { createTurns } from '../../../threads/turns.ts';
import { ClairError } from '../../../errors.ts';
import { severityRank } from '../../../model/severity.ts';
import { groupedBy } from '../../../report/writing/grouped.ts';
import type { VulnerabilityBody } from '../vulnerability-report-body.ts';
import { postedPackages } from './posted-packages.ts';

/** The maximum total length of the lists of IDs in a response, in characters: enough for about 100,000 images. */
const MAX_LIST_LENGTH = 8 * 1024 * 1024;

/** The number of images per query. */
const IMAGES_PER_PAGE = 250;

/** The images that the posted vulnerabilities affect. */
export type AffectedManifests = {
  /** The IDs of the vulnerabilities, by the digest of the affected image; the most severe vulnerability comes first. */
  readonly manifests: ReadonlyMap<string, readonly string[]>;
  readonly unknown: readonly { readonly id: string; readonly reason: string }[];
};

/**
 * Returns the images that posted vulnerabilities affect, and the vulnerabilities whose packages are unknown. To limit
 * memory, the function loads the advisories of only one name at a time.
 *
 * @param limits.maxLength the maximum length of the lists of IDs in characters; only tests set this limit
 * @throws ClairError `request/invalid` if the lists are too long; the abort reason of the signal
 */
export async function affectedManifests(
  store: Pick<Store, 'vulnerabilities' | 'changeLog' | 'matches'>,
  posted: readonly VulnerabilityBody[],
  { signal, maxLength = MAX_LIST_LENGTH }: { readonly signal: AbortSignal; readonly maxLength?: number },
): Promise<AffectedManifests> {
  const turns = createTurns();
  const manifests = new Map<string, VulnerabilityBody[]>();
  const unknown: { id: string; reason: string }[] = [];
  let length = 0;
  for (const [name, ofName] of groupedBy(posted, (each) => each.name)) {
    const advisories = await store.vulnerabilities.findAll([name]);
    for (const each of ofName) {
      const packages = await postedPackages(store.changeLog, each, advisories);
      if ('unknown' in packages) {
        unknown.push({ id: each.id, reason: packages.unknown });
        continue;
      }
      const found = new Set<string>();
      for (let after: ImagePosition | undefined; ; ) {
        signal.throwIfAborted();
        if (turns.areDue()) await turns.take();
        const page = await store.matches.imagesAffectedBy(packages.affected, { after, limit: IMAGES_PER_PAGE });
        for (const { digest } of page.images) {
          if (found.has(digest)) continue;
          found.add(digest);
          const known = manifests.get(digest);
          if (known === undefined) manifests.set(digest, [each]);
          else known.push(each);
          length += each.id.length + 3 + (known === undefined ? digest.length + 6 : 0);
        }
        if (length > maxLength) throw tooLong(posted.length, maxLength);
        after = page.next;
        if (after === undefined) break;
      }
    }
  }
  const ids = [...manifests].map(([digest, all]) => [digest, all.toSorted(worstFirst).map(({ id }) => id)] as const);
  return { manifests: new Map(ids), unknown };
}

function worstFirst(one: VulnerabilityBody, other: VulnerabilityBody): number {
  return severityRank(other.normalized_severity) - severityRank(one.normalized_severity);
}

function tooLong(count: number, maxLength: number): ClairError {
  const instead =
    count === 1 ? 'use GET /v2/vulnerabilities/{id}/images, which is paginated' : 'send fewer vulnerabilities';
  return new ClairError(
    'request/invalid',
    `the response would exceed ${maxLength / 1024 / 1024} MiB, because too many images are affected: ${instead}`,
  );
}
