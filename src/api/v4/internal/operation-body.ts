import { Type } from 'typebox';
import type { FeedUpdateRow } from '../../../database/contracts/update-history.ts';
import type { FeedState } from '../../../model/feed.ts';
import { referenceOf } from './operation-references.ts';

export const OPERATION: Type.TObject = Type.Object(
  {
    ref: Type.String({ description: 'UUID of the update operation, the same on all instances' }),
    updater: Type.String({ description: 'feed' }),
    fingerprint: Type.String({
      description:
        'entity tag or modification time of the feed; empty if `kind` is `vulnerability`, or if the feed has neither',
    }),
    date: Type.String({ description: 'RFC 3339' }),
    kind: Type.Union([Type.Literal('vulnerability'), Type.Literal('enrichment')]),
  },
  { title: 'UpdateOperation' },
);

export type OperationBody = Readonly<Record<'ref' | 'updater' | 'fingerprint' | 'date', string>> & {
  readonly kind: 'vulnerability' | 'enrichment';
};

/**
 * Returns the operation of an update that changed advisories. The operation has no fingerprint, because the database
 * stores only the fingerprint of the latest update.
 */
export function vulnerabilityOperation(update: FeedUpdateRow): OperationBody {
  return {
    ref: referenceOf(update),
    updater: update.feed,
    fingerprint: '',
    date: new Date(update.at).toISOString(),
    kind: 'vulnerability',
  };
}

/**
 * Returns the operation of the last successful update of an enrichment feed, or undefined if no update succeeded; the
 * database stores no earlier updates.
 */
export function enrichmentOperation({ feed, lastSuccess, etag, lastModified }: FeedState): OperationBody | undefined {
  if (lastSuccess === null) return undefined;
  return {
    ref: referenceOf({ id: 0, feed, at: lastSuccess }),
    updater: feed,
    fingerprint: etag ?? lastModified ?? '',
    date: new Date(lastSuccess).toISOString(),
    kind: 'enrichment',
  };
}
