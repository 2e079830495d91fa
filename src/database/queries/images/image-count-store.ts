import { SEVERITIES, severityRank } from '../../../model/severity.ts';
import type { Engine, Queries, SqlValue, UpdateTarget } from '../../engines/engine.ts';
import { readRevisions } from './data-revision.ts';
import {
  type CountableImage,
  type CountedImage,
  type CountMark,
  type ImageCountStore,
  riskKey,
} from '../../contracts/image-counts.ts';
import { ALONE_WITH_NAMES, replaceNames } from '../found-names/found-name-writes.ts';
import { readOverview } from './image-overview.ts';
import { countImages, listImages } from './listed-images.ts';
import { readWhole, removeWhole, writeWhole } from './whole-mark.ts';
import { MARK_COLUMNS, type MarkRow, markOfRow } from './mark-row.ts';

/** Stores the counts of images in the rows of the images. */
export function createImageCountStore({ read, transaction }: Engine): ImageCountStore {
  return {
    revisions: () => readRevisions(read),
    async notCounted(limit) {
      return await read.all<CountableImage>(SELECT_NOT_COUNTED, [limit]);
    },
    async marks({ after, limit }) {
      const { scannedAt, id } = after ?? { scannedAt: Number.MAX_SAFE_INTEGER, id: 0 };
      const rows = await read.all<MarkedRow>(SELECT_MARKS, [scannedAt, id, limit]);
      return rows.map(({ id: of, digest, generation, scanned_at, findings, ...mark }) => ({
        id: of,
        digest,
        generation,
        scannedAt: scanned_at,
        hasCounts: findings >= 0,
        mark: markOfRow(mark),
      }));
    },
    async find(digest) {
      return await read.get<CountableImage>('SELECT id, digest, generation FROM image WHERE digest = ?', [digest]);
    },
    async write(counted) {
      if (counted.length === 0) return;
      await transaction(async (queries) => {
        const { rules } = await readRevisions(queries);
        await queries.updateMany(
          COUNTS,
          counted.map((image) => valuesOf(image, rules)),
        );
        await replaceNames(queries, await stillKnown(queries, counted));
        const whole = await readWhole(queries);
        if (whole !== undefined && !counted.every((image) => image.rules === rules && isWithin(image, whole))) {
          await removeWhole(queries);
        }
      }, ALONE_WITH_NAMES);
    },
    whole: () => readWhole(read),
    async noteWhole(mark, rules) {
      await transaction(async (queries) => {
        if ((await readRevisions(queries)).rules === rules) await writeWhole(queries, mark);
      }, ALONE_WITH_NAMES);
    },
    list: (query) => listImages(read, query),
    total: (filters, maxLooked) => countImages(read, filters, maxLooked),
    overview: (since) => readOverview(read, since),
  };
}

/** Returns the images that were neither removed nor recorded again in the meantime. */
async function stillKnown(queries: Queries, counted: readonly CountedImage[]): Promise<readonly CountedImage[]> {
  const rows = await queries.all<Pick<CountedImage, 'id' | 'generation'>>(SELECT_GENERATIONS, [
    JSON.stringify(counted.map(({ id }) => id)),
  ]);
  const generations = new Map(rows.map(({ id, generation }) => [id, generation]));
  return counted.filter(({ id, generation }) => generations.get(id) === generation);
}

function isWithin({ counts, mark }: CountedImage, whole: CountMark): boolean {
  return (
    counts !== null &&
    mark.revision === whole.revision &&
    (mark.images === null || mark.images === whole.images) &&
    mark.basis === whole.basis &&
    (mark.validUntil === null || (whole.validUntil !== null && whole.validUntil <= mark.validUntil))
  );
}

/** Marks counts as out of date if they were computed with other ignore rules than the current rules. */
function valuesOf({ id, generation, counts, mark, rules }: CountedImage, presentRules: number): readonly SqlValue[] {
  const { countedAt, images, basis, validUntil } = mark;
  const revision = rules === presentRules ? mark.revision : OUTDATED;
  const made = [id, generation, 1, countedAt, revision, images, basis, validUntil];
  if (counts === null) return [...made, null, '', -1, -1, 0, 0, 1, 0, 0, 0];
  const present = SEVERITIES.filter((severity) => counts.severities[severity] > 0);
  return [
    ...made,
    JSON.stringify(counts),
    riskKey(counts),
    present.reduce((sum, severity) => sum + counts.severities[severity], 0),
    Math.max(-1, ...present.map(severityRank)),
    counts.fixable > 0 ? 1 : 0,
    counts.kev > 0 ? 1 : 0,
    counts.isIncomplete ? 1 : 0,
    counts.fixableHigh > 0 ? 1 : 0,
    counts.hasStaleFeed ? 1 : 0,
    counts.hasMissingFeed ? 1 : 0,
  ];
}

/** A revision that never equals the revision of the data. */
const OUTDATED = -1;

type MarkedRow = MarkRow &
  CountableImage & {
    readonly scanned_at: number;
    /** The number of findings; -1 without counts. */
    readonly findings: number;
  };

/** An image that was recorded again in the meantime has a different generation and stays unchanged. */
const COUNTS: UpdateTarget = {
  table: 'image',
  key: ['id', 'generation'],
  columns: [
    'is_counted',
    'counted_at',
    'counted_revision',
    'counted_images',
    'counted_basis',
    'valid_until',
    'counts',
    'risk',
    'findings',
    'worst',
    'is_fixable',
    'is_exploited',
    'is_incomplete',
    'is_fixable_high',
    'has_stale_feed',
    'has_missing_feed',
  ],
};

/** Parameter: a JSON array of ids. */
const SELECT_GENERATIONS = `
SELECT image.id, image.generation FROM json_each(?) AS wanted CROSS JOIN image
WHERE image.id = CAST(wanted.value AS BIGINT)`;

export const SELECT_NOT_COUNTED = `
SELECT id, digest, generation FROM image WHERE is_counted = 0 ORDER BY scanned_at DESC, id DESC LIMIT ?`;

/** Parameters: the time and the id to start below, and the limit. */
export const SELECT_MARKS: string = `
SELECT image.id, image.digest, image.generation, image.scanned_at, image.findings, ${MARK_COLUMNS}
FROM image WHERE (scanned_at, id) < (?, ?) ORDER BY scanned_at DESC, id DESC LIMIT ?`;
