import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Digest } from '../../model/digest.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { ImageInventory } from '../../report/inventory/image-inventory.ts';
import { asciiText } from './error-format.ts';
import { POSTED_DIGEST } from './digests.ts';
import { inventoryBody } from './inventory-body.ts';
import { type IncompleteAnswer, remarksBody, uncheckedReason } from './remarks.ts';
import { INDEX_REMARKS, INVENTORY } from './report-shapes.ts';

export const INDEX_REPORT: Type.TObject = Type.Object(
  {
    manifest_hash: POSTED_DIGEST,
    state: Type.Union([Type.Literal('IndexFinished'), Type.Literal('IndexError')]),
    ...INVENTORY,
    success: Type.Boolean(),
    err: Type.String({ description: 'reason for the failure; empty if `success` is true' }),
    ...INDEX_REMARKS,
  },
  { title: 'IndexReport' },
);

/** Returns the index report of an indexed image. */
export function indexReport(
  hash: Digest,
  inventory: ImageInventory,
  { incomplete, products }: { readonly incomplete: IncompleteAnswer; readonly products: RepositoryCpes },
  reply: FastifyReply,
): object {
  const failure = incomplete === 'error' ? uncheckedReason(inventory.diagnostics) : undefined;
  return {
    manifest_hash: hash,
    ...outcome(failure),
    ...inventoryBody(inventory, products),
    ...remarksBody(inventory.diagnostics, reply),
  };
}

/** Returns the index report of an image that could not be indexed. */
export function failedReport(hash: Digest, failure: string): object {
  const nothing = { packages: {}, distributions: {}, repository: {}, environments: {} };
  return { manifest_hash: hash, ...outcome(failure), ...nothing, problems: [], incomplete: true };
}

function outcome(failure: string | undefined): object {
  if (failure === undefined) return { state: 'IndexFinished', success: true, err: '' };
  return { state: 'IndexError', success: false, err: asciiText(failure) };
}
