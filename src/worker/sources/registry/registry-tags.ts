import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../../../errors.ts';
import type { ImageReference } from '../../../model/image-reference.ts';
import type { RegistryClient } from './registry-client.ts';

/**
 * Adds the repository's available tags to the error for a missing tag, if the registry lists tags (distribution-spec,
 * "Listing Tags"). Returns any other error unchanged.
 */
export async function withAvailableTags(
  error: unknown,
  client: RegistryClient,
  { tag, digest }: ImageReference,
  signal?: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof ClairError) || error.code !== 'image/not-found') return error;
  if (tag === undefined || digest !== undefined) return error;
  const tags = await listedTags(client, signal);
  if (tags.length === 0) return error;
  const more = tags.length > MAX_NAMED ? ', …' : '';
  const message = `${error.message}; available: ${tags.slice(0, MAX_NAMED).join(', ')}${more}`;
  return new ClairError(error.code, message, { cause: error });
}

const MAX_NAMED = 10;
const MAX_ASKED = 100;
const MAX_BYTES = 64 * 1024;

const TAGS = Type.Object({ tags: Type.Array(Type.String({ maxLength: 128 })) });

/** Returns no tags if the registry fails, because the tags only help the user. */
async function listedTags(client: RegistryClient, signal: AbortSignal | undefined): Promise<readonly string[]> {
  try {
    const { body } = await client.get(`tags/list?n=${MAX_ASKED}`, signal);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > MAX_BYTES) return [];
      chunks.push(chunk);
    }
    const list: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return Value.Check(TAGS, list) ? list.tags : [];
  } catch (error) {
    if (error instanceof ClairError || error instanceof SyntaxError) return [];
    throw error;
  }
}
