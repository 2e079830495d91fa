import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { ClairError } from '../../../errors.ts';
import {
  type ImageReference,
  imageReferenceText,
  parseImageReference,
  referenceParts,
} from '../../../model/image-reference.ts';
import { fitsPlatform, type Platform } from '../image/platform.ts';
import { type DaemonAddress, daemonAddress, daemonAddressText, type DaemonKind } from './daemon-address.ts';
import { createDaemonClient, type DaemonLimits } from './daemon-client.ts';
import type { DaemonAccess, DaemonTarget } from './daemon-target.ts';

export type LocalImageOptions = {
  readonly access: DaemonAccess;
  /** The required platform; any platform by default. */
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
  /** By default, a request to a daemon takes at most 4 seconds. */
  readonly limits?: DaemonLimits;
  /** The home directory of the user; defaults to the home directory of the process. */
  readonly home?: string;
};

/** The result of a search in the daemons of this machine. */
export type LocalImage = {
  /** The image in the first daemon that has the image; absent if no daemon has the image. */
  readonly target?: DaemonTarget;
  /** The daemons that responded that they do not have the image. */
  readonly without: readonly DaemonKind[];
  /** The reasons why requests to daemons failed. */
  readonly failures: readonly ClairError[];
};

/**
 * The limits are short, because the description of an image is small, and because a daemon that does not respond delays
 * the request to the registry.
 */
const LIMITS: DaemonLimits = { connect: 2000, headers: 2000, body: { idle: 2000 }, total: 4000 };

/** In the order of the search. */
const KINDS: readonly DaemonKind[] = ['docker', 'podman'];

/**
 * Searches for an image with exactly this name in Docker and then in Podman. A daemon whose socket does not exist is
 * skipped. A reference with a digest is never found, because a daemon does not verify the digest.
 *
 * @throws the abort reason of the signal
 */
export async function findLocalImage(reference: ImageReference, options: LocalImageOptions): Promise<LocalImage> {
  const without: DaemonKind[] = [];
  const failures: ClairError[] = [];
  // Docker's grammar of names has no IPv6 hosts.
  if (reference.digest !== undefined || reference.domain.startsWith('[')) return { without, failures };
  const asked = new Set<string>();
  for (const kind of KINDS) {
    try {
      const address = daemonAddress(kind, options.access, options.home ?? homedir());
      const text = daemonAddressText(address);
      if (asked.has(text) || ('socket' in address && !existsSync(address.socket))) continue;
      asked.add(text);
      if (await hasImage(address, reference, options)) {
        return { target: { kind, name: nameFor(kind, reference) }, without, failures };
      }
      without.push(kind);
    } catch (error) {
      if (!(error instanceof ClairError)) throw error;
      failures.push(error);
    }
  }
  return { without, failures };
}

/**
 * Returns whether the daemon has an image with this name. Daemons also accept the start of an ID and, in Podman, a name
 * without its registry, so the names of the image are compared.
 */
async function hasImage(
  address: DaemonAddress,
  reference: ImageReference,
  { platform, signal, limits = LIMITS }: LocalImageOptions,
): Promise<boolean> {
  const client = createDaemonClient(address, { signal, limits });
  const name = imageReferenceText(reference);
  try {
    const image = await client.findImage(name, platform && JSON.stringify(platform));
    const isNamed = image.names.some((each) => fullName(each) === name);
    const fits = platform === undefined || (image.platform !== undefined && fitsPlatform(platform, image.platform));
    return isNamed && fits;
  } catch (error) {
    if (error instanceof ClairError && error.code === 'image/not-found') return false;
    throw error;
  } finally {
    client.close();
  }
}

function fullName(text: string): string | undefined {
  const reference = parseImageReference(text);
  return reference && imageReferenceText(reference);
}

/** Podman needs the full name, because it searches several registries for a short name; Docker omits `docker.io`. */
function nameFor(kind: DaemonKind, reference: ImageReference): string {
  const name = imageReferenceText(reference);
  if (kind === 'podman') return name;
  const { repository, tag } = referenceParts(name);
  return tag === undefined ? repository : `${repository}:${tag}`;
}
