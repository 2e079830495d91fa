import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type FileBounds, fileBytes, isBelow } from '../../bytes/file-bytes.ts';
import { type HttpClient, shownAddress } from '../../bytes/http/client.ts';
import { ClairError } from '../../errors.ts';
import { layerHeaders } from './layer-headers.ts';
import type { LayerSource } from './layer-source.ts';

export type LayerLocationOptions = {
  /** The policy of this client determines which hosts may serve layers. */
  readonly http: HttpClient;
  /** The directories that may contain the layers that clients name by path. */
  readonly allowedPaths: readonly string[];
  /** Headers that are sent only to the origin of the URL, not to redirect targets; no such headers by default. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Creates a source for a layer location named by a client: an `http(s)` URL or a local path. The path, with all links
 * resolved, must be below an allowed directory, so that clients cannot read other files through the server.
 *
 * @throws ClairError `layer/path-not-allowed`, `bytes/not-found` for a missing path; `request/invalid` for invalid
 * headers, or headers with a path.
 */
export async function layerAt(
  location: string,
  { http, allowedPaths, headers: given = {} }: LayerLocationOptions,
): Promise<LayerSource> {
  const headers = layerHeaders(given);
  if (/^https?:\/\//i.test(location)) {
    return {
      where: shownAddress(location),
      async open(signal) {
        const answer = await http.get(location, { headers, ...(signal && { signal }) });
        if (answer.status === 200) return answer.body;
        throw new ClairError(
          'bytes/unreachable',
          `${shownAddress(location)} responded with status 304 to an unconditional request`,
        );
      },
    };
  }
  if (Object.keys(headers).length > 0) {
    throw new ClairError('request/invalid', 'Headers are only allowed for a layer with a URL');
  }
  const { path, within } = await allowedPath(location, allowedPaths);
  return { where: location, open: async () => fileBytes(path, undefined, within), file: () => ({ path, within }) };
}

/**
 * Rejects paths outside the allowed directories with the same message, whether the paths exist or not. An allowed path
 * is checked again after opening, because a link may have replaced it.
 */
async function allowedPath(
  location: string,
  allowedPaths: readonly string[],
): Promise<{ readonly path: string; readonly within: FileBounds }> {
  const path = await realPathOf(location);
  const folder = await realPathOf(dirname(location));
  const roots = (await Promise.all(allowedPaths.map(realPathOf))).filter((root) => root !== undefined);
  const message = `${location} is not in a directory of worker.allowedPaths`;
  const refusal = { code: 'layer/path-not-allowed', message } as const;
  if (path !== undefined && isBelow(path, roots)) return { path, within: { roots, refusal } };
  if (path === undefined && folder !== undefined && isBelow(folder, roots)) {
    throw new ClairError('bytes/not-found', `no such file: ${location}`);
  }
  throw new ClairError(refusal.code, refusal.message);
}

async function realPathOf(path: string): Promise<string | undefined> {
  return await realpath(path).catch(() => undefined);
}
