import { existsSync, statSync } from 'node:fs';
import { ClairError } from '../../errors.ts';
import { openArchiveFiles } from './archive-files.ts';
import { openDirectoryFiles } from './directory-files.ts';
import { isDockerArchive, openDockerArchive } from './docker-archive.ts';
import type { ImageFiles } from './image-files.ts';
import { type ImageReference, parseImageReference } from './image-reference.ts';
import type { ImageSource, TargetKind } from './image-source.ts';
import { isOciLayout, openOciLayout } from './oci-layout.ts';
import { checkPlatform, type Platform, type PlatformWish, platformWish } from './platform.ts';
import { openRegistryImage } from './registry.ts';
import type { RegistryAccess } from './registry-client.ts';

/** A target as the command line names it. */
export type Target = FileTarget | { readonly kind: 'registry'; readonly reference: ImageReference };

/** An image that is saved in files; these tell of what kind it is, when nobody else does. */
export type FileTarget = {
  readonly kind: FileKind | undefined;
  readonly path: string;
  readonly tag: string | undefined;
};

export type OpenImageOptions = {
  /** Which image of several is wanted; that for Linux on this machine's processor, or the only one, when absent. */
  readonly platform?: Platform | undefined;
  /** How to ask registries; without it they are not asked. */
  readonly registry?: RegistryAccess;
  readonly signal?: AbortSignal;
};

/**
 * Reads `[docker-archive:|oci:]PATH[:TAG]` and `[registry:]REFERENCE`. What follows the last colon of a path is a tag only
 * when there is no file of the whole name, and never for a docker-archive. Without a scheme, what no file is named by is
 * a reference, if it can be one.
 *
 * @throws ClairError `image/target-invalid` for an empty path or what is no reference, `image/not-found` when nothing is
 * there.
 */
export function parseTarget(text: string): Target {
  const [, kind, rest = ''] = /^(?:(docker-archive|oci|registry):)?(.*)$/s.exec(text) ?? [];
  if (rest === '') throw new ClairError('image/target-invalid', `"${text}" names no path`);
  if (kind === 'registry') {
    const reference = parseImageReference(rest);
    if (reference !== undefined) return { kind, reference };
    throw new ClairError('image/target-invalid', `"${rest}" is not the name of an image in a registry`);
  }
  const known = kind === 'docker-archive' || kind === 'oci' ? kind : undefined;
  if (exists(rest)) return { kind: known, path: rest, tag: undefined };
  const colon = rest.lastIndexOf(':');
  const path = rest.slice(0, Math.max(colon, 0));
  if (known !== 'docker-archive' && path !== '' && exists(path))
    return { kind: known, path, tag: rest.slice(colon + 1) };
  const reference = known === undefined ? parseImageReference(rest) : undefined;
  if (reference !== undefined) return { kind: 'registry', reference };
  throw new ClairError('image/not-found', `there is nothing at ${rest}`);
}

/**
 * Opens the image that a target names. Without a scheme the files themselves tell what they are.
 *
 * @throws ClairError `image/…`, `bytes/…` or `registry/…`.
 */
export async function openImage(target: Target, options: OpenImageOptions = {}): Promise<ImageSource> {
  const wish = platformWish(options.platform);
  if (target.kind === 'registry') {
    if (options.registry !== undefined) {
      return await openRegistryImage(target.reference, wish, options.registry, options.signal);
    }
    throw new ClairError('image/target-invalid', `${target.reference.domain} is a registry, and none is asked here`);
  }
  const { kind, path, tag } = target;
  const files = statSync(path).isDirectory() ? openDirectoryFiles(path) : await openArchiveFiles(path);
  try {
    return await openAs(kind ?? kindOf(files), files, tag, wish);
  } catch (error) {
    await files.close();
    throw error;
  }
}

type FileKind = Exclude<TargetKind, 'registry'>;

async function openAs(
  kind: FileKind,
  files: ImageFiles,
  tag: string | undefined,
  wish: PlatformWish,
): Promise<ImageSource> {
  switch (kind) {
    case 'docker-archive': {
      if (tag !== undefined) {
        const message = `${files.where} is a docker-archive, which takes no tag ("${tag}")`;
        throw new ClairError('image/target-invalid', message);
      }
      const image = await openDockerArchive(files);
      checkPlatform(files.where, image.platform, wish);
      return image;
    }
    case 'oci':
      return await openOciLayout(files, tag, wish);
  }
}

function kindOf(files: ImageFiles): FileKind {
  if (isDockerArchive(files)) return 'docker-archive';
  if (isOciLayout(files)) return 'oci';
  throw new ClairError(
    'image/target-invalid',
    `${files.where} is neither a docker-archive (it has no manifest.json) nor an OCI layout (no index.json)`,
  );
}

function exists(path: string): boolean {
  // In contrast to statSync() it also takes a path below a file, or one that is too long, for one where nothing is.
  return existsSync(path);
}
