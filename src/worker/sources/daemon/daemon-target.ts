import { ClairError } from '../../../errors.ts';
import type { ImageSource } from '../image-source.ts';
import type { DaemonKind } from './daemon-address.ts';

/** An image that a container engine stores, by name or ID. */
export type DaemonTarget = { readonly kind: DaemonKind; readonly name: string };

/** The environment variables that state where daemons listen. */
export type DaemonAccess = Readonly<Record<string, string | undefined>>;

/** Names and IDs of images (distribution, reference/regexp.go); the longest name has 255 characters, a digest 71. */
const NAME = /^[A-Za-z0-9](?:[\w.:@+-]|\/(?=\w)){0,511}$/;

/**
 * Parses the name or ID of an image.
 *
 * @throws ClairError `image/target-invalid` for text that a daemon would refuse
 */
export function daemonTarget(kind: DaemonKind, name: string): DaemonTarget {
  if (NAME.test(name)) return { kind, name };
  throw new ClairError('image/target-invalid', `"${name}" is not the name or ID of an image`);
}

/** Returns an image from the archive of a daemon under the name of the target instead of the name of the archive. */
export function imageOfDaemon(image: ImageSource, { kind, name }: DaemonTarget): ImageSource {
  const target = `${kind}:${name}`;
  return { ...image, kind, target, reference: image.reference === target ? name : image.reference };
}
