import { homedir } from 'node:os';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { TemporarySpace } from '../../../bytes/temporary-space.ts';
import { ClairError } from '../../../errors.ts';
import { openArchiveStream } from '../archives/archive-files.ts';
import type { ImageFiles } from '../image/image-files.ts';
import type { Platform } from '../image/platform.ts';
import { daemonAddress } from './daemon-address.ts';
import { createDaemonClient, type DaemonLimits } from './daemon-client.ts';
import type { DaemonAccess, DaemonTarget } from './daemon-target.ts';

export type DaemonImageOptions = {
  readonly access: DaemonAccess;
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly space?: TemporarySpace | undefined;
  /** The size limit of the archive. */
  readonly maxBytes?: number;
  readonly limits?: DaemonLimits;
};

/** The size limit of an uncompressed image, as on standard input. */
const MAX_BYTES = 64 * 1024 ** 3;

/**
 * Saves an image from a daemon, and opens the files of the archive. The archive is written to a temporary file, because
 * its layers precede the manifest that orders them; closing the files deletes the temporary file.
 *
 * @throws ClairError `daemon/…`, `image/not-found`, `bytes/…`, `server/no-room`; the abort reason of the signal
 */
export async function saveDaemonImage(
  { kind, name }: DaemonTarget,
  { access, platform, signal, space, maxBytes = MAX_BYTES, limits }: DaemonImageOptions,
): Promise<ImageFiles> {
  const client = createDaemonClient(daemonAddress(kind, access, homedir()), { signal, ...(limits && { limits }) });
  const where = `${kind}:${name}`;
  try {
    const { id } = await client.findImage(name);
    const saved = await client.saveImage(withTag(name, id), platform && JSON.stringify(platform));
    return await openArchiveStream(limited(saved, where, maxBytes), where, { signal, space });
  } catch (error) {
    throw withHint(error, where);
  } finally {
    client.close();
  }
}

/**
 * Adds the tag `latest` to a name without a tag or digest, because daemons describe the image with this tag, but save
 * all images with the name (moby, image/tarexport/save.go). An ID stays as it is.
 */
function withTag(name: string, id: string): string {
  const isComplete = /[:@][^/]*$/.test(name) || id.replace(/^sha256:/, '').startsWith(name);
  return isComplete ? name : `${name}:latest`;
}

/** A target such as `docker:27` is also the name of an image on Docker Hub, so the error mentions that name. */
function withHint(error: unknown, where: string): unknown {
  if (!(error instanceof ClairError) || !/^(docker|podman):[\w.-]+$/.test(where)) return error;
  if (error.code !== 'image/not-found' && error.code !== 'daemon/unreachable') return error;
  const message = `${error.message}; for the image ${where} in a registry, use registry:${where}`;
  return new ClairError(error.code, message, { cause: error });
}

async function* limited(bytes: ByteStream, where: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw new ClairError('bytes/limit-exceeded', `${where}: more than ${maxBytes} bytes`);
    yield chunk;
  }
}
