import { openTargetImages, type TargetOptions } from '../compose/target-images.ts';
import { ClairError, type ErrorCode } from '../errors.ts';
import { type ImageReference, imageReferenceText } from '../model/image-reference.ts';
import { printable } from '../model/printable.ts';
import type { DaemonKind } from '../worker/sources/daemon/daemon-address.ts';
import type { ImageSet } from '../worker/sources/image-set.ts';
import { platformText } from '../worker/sources/image/platform.ts';
import { parseTarget } from '../worker/sources/target.ts';
import type { Console } from './console.ts';

/**
 * Opens the image of a target on the command line, as `openTargetImages` does. An image name without a prefix selects
 * the image in Docker or Podman on this machine, as in Trivy and Grype. If neither has the image, the name selects the
 * image in the registry. Images by digest and images for all platforms always come from the registry. Standard error
 * names the daemon that Clair reads, and each daemon that Clair cannot read.
 *
 * @throws ClairError as `parseTarget` and `openTargetImages`
 */
export async function openNamedImages(
  console: Pick<Console, 'err'>,
  text: string,
  options: TargetOptions,
): Promise<ImageSet> {
  const target = parseTarget(text);
  const { daemons: access, platform, signal } = options;
  const isBare = target.kind === 'registry' && !text.startsWith('registry:');
  if (!isBare || access === undefined || options.allPlatforms) return await openTargetImages(target, options);
  const { findLocalImage } = await import('../worker/sources/daemon/local-image.ts');
  const local = await findLocalImage(target.reference, { access, platform, signal });
  const next = local.target ? `using ${DAEMONS[local.target.kind]}` : REGISTRY;
  for (const failure of local.failures) warn(console, failure, next);
  if (local.target !== undefined) {
    const { kind, name } = local.target;
    console.err(`clair: reading ${name} from ${DAEMONS[kind]}; use registry:${text} for the registry\n`);
    try {
      return await openTargetImages(local.target, options);
    } catch (error) {
      if (!isDaemonError(error)) throw error;
      warn(console, error, REGISTRY);
    }
  }
  try {
    return await openTargetImages(target, options);
  } catch (error) {
    throw withDaemons(error, target.reference, { without: local.without, platform });
  }
}

const DAEMONS: Readonly<Record<DaemonKind, string>> = { docker: 'the Docker daemon', podman: 'the Podman service' };

const REGISTRY = 'using the registry';

function warn({ err }: Pick<Console, 'err'>, { message }: ClairError, next: string): void {
  err(`${printable(`clair: ${message}; ${next}`)}\n`);
}

/** Returns whether a daemon failed to send an image that it described before. */
function isDaemonError(error: unknown): error is ClairError {
  return error instanceof ClairError && (error.code.startsWith('daemon/') || error.code === 'image/not-found');
}

/** The errors of a registry that does not have the image, or does not send it. */
const MISSING: ReadonlySet<ErrorCode> = new Set([
  'bytes/unreachable',
  'image/choice-needed',
  'image/not-found',
  'registry/denied',
  'registry/refused',
]);

/** Adds to a registry error that the daemons do not have the image either. */
function withDaemons(
  error: unknown,
  reference: ImageReference,
  { without, platform }: Pick<TargetOptions, 'platform'> & { readonly without: readonly DaemonKind[] },
): unknown {
  if (!(error instanceof ClairError) || !MISSING.has(error.code) || without.length === 0) return error;
  const names = without.map((kind) => DAEMONS[kind]).join(' and ');
  const forPlatform = platform === undefined ? '' : ` for ${platformText(platform)}`;
  const missing = `${without.length === 1 ? 'has' : 'have'} no image ${imageReferenceText(reference)}${forPlatform}`;
  const message = `${error.message}; ${names} ${missing}`;
  return new ClairError(error.code, message, { cause: error, retryAfter: error.retryAfter });
}
