import { type ApiClient, ApiError } from './api-client.ts';
import type { ImageSummary } from './api-shapes.ts';

/**
 * Loads the summary of the image with a digest, or returns undefined if this image is not indexed.
 *
 * @throws {@link ApiError} every other error of the request
 */
export async function knownImage(
  api: Pick<ApiClient, 'get'>,
  digest: string,
  signal: AbortSignal,
): Promise<ImageSummary | undefined> {
  try {
    return await api.get<ImageSummary>(`images/${encodeURIComponent(digest)}`, signal);
  } catch (error) {
    if (error instanceof ApiError && error.fault.code === 'image/unknown') return undefined;
    throw error;
  }
}
