import { setImmediate } from 'node:timers/promises';
import type { RuleReach } from '../../../model/report/ignore-rule.ts';
import type { TransactionQueries } from '../../engines/engine.ts';
import { partsOf, rowPages } from '../row-pages.ts';
import { createTurns } from '../../../threads/turns.ts';
import { findNames, keyOf } from './found-name-writes.ts';
import { hasAnyName } from './name-set.ts';

/**
 * Marks as out of date the counts of the images that a change of an ignore rule may affect. The rule may affect images
 * with a finding, suppressed or not, of one of the vulnerabilities in the package. If the stored names of an image are
 * out of date, its counts are also out of date, and the image needs no mark. Returns the number of marked images.
 */
export async function markReached(queries: TransactionQueries, reach: RuleReach): Promise<number> {
  const vulnerabilities = reach.ids?.map((name) => ({ kind: 'vulnerability' as const, name }));
  const packages = reach.packageName === null ? undefined : [{ kind: 'package' as const, name: reach.packageName }];
  const known = await findNames(queries, [...(vulnerabilities ?? []), ...(packages ?? [])]);
  const groups = [vulnerabilities, packages].flatMap((names) =>
    names === undefined ? [] : [new Set(names.flatMap((name) => known.get(keyOf(name)) ?? []))],
  );
  // No image has ever had any of the vulnerabilities, or no image has ever had the package.
  if (groups.some((ids) => ids.size === 0)) return 0;
  const images: number[] = [];
  const turns = createTurns();
  const page = async (last: NamedRow | undefined, limit: number): Promise<readonly NamedRow[]> =>
    await queries.all<NamedRow>(SELECT_NAMED_IMAGES, [last?.id ?? 0, limit]);
  for await (const rows of rowPages(page)) {
    for (const { id, names, ...image } of rows) {
      if (turns.areDue()) await turns.take();
      if (reach.includes(image) && groups.every((ids) => hasAnyName(names, ids))) images.push(id);
    }
  }
  for (const part of partsOf(images, IMAGES_AT_ONCE)) {
    await queries.run(MARK_OUTDATED, [JSON.stringify(part)]);
    await setImmediate();
  }
  return images.length;
}

const IMAGES_AT_ONCE = 1000;

type NamedRow = {
  readonly id: number;
  readonly names: Uint8Array;
  readonly reference: string;
  readonly digest: string;
  readonly platform: string;
};

/** Parameters: the image to start after, and the limit. */
const SELECT_NAMED_IMAGES = `
SELECT image.id, image_names.names, image.reference, image.digest, image.platform
FROM image_names CROSS JOIN image
WHERE image_names.image > ? AND image.id = image_names.image
ORDER BY image_names.image
LIMIT ?`;

/** Parameter: a JSON array of images. The revision -1 never equals the revision of the data. */
const MARK_OUTDATED = `
UPDATE image SET counted_revision = -1
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND is_counted = 1`;
