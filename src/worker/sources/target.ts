import { existsSync, statSync } from 'node:fs';
import { arch } from 'node:process';
import { ClairError } from '../../errors.ts';
import { openArchiveFiles } from './archive-files.ts';
import { openDirectoryFiles } from './directory-files.ts';
import { isDockerArchive, openDockerArchive } from './docker-archive.ts';
import type { ImageFiles } from './image-files.ts';
import type { ImageSource, TargetKind } from './image-source.ts';
import { isOciLayout, openOciLayout } from './oci-layout.ts';

/** A target as the command line names it. */
export type Target = { readonly kind: TargetKind | undefined; readonly path: string; readonly tag: string | undefined };

/**
 * Reads `[docker-archive:|oci:]PATH[:TAG]`. What follows the last colon is a tag only when there is no file of the
 * whole name, and never for a docker-archive.
 *
 * @throws ClairError `image/target-invalid` for an empty path, `image/not-found` when nothing is there.
 */
export function parseTarget(text: string): Target {
  const [, kind, rest = ''] = /^(?:(docker-archive|oci):)?(.*)$/s.exec(text) ?? [];
  if (rest === '') throw new ClairError('image/target-invalid', `"${text}" names no path`);
  const known = kind === 'docker-archive' || kind === 'oci' ? kind : undefined;
  if (exists(rest)) return { kind: known, path: rest, tag: undefined };
  const colon = rest.lastIndexOf(':');
  const path = rest.slice(0, Math.max(colon, 0));
  if (known === 'docker-archive' || path === '' || !exists(path)) {
    throw new ClairError('image/not-found', `there is nothing at ${rest}`);
  }
  return { kind: known, path, tag: rest.slice(colon + 1) };
}

/**
 * Opens the image that a target names. Without a scheme the files themselves tell what they are.
 *
 * @throws ClairError `image/…` or `bytes/…`.
 */
export async function openImage({ kind, path, tag }: Target): Promise<ImageSource> {
  const files = statSync(path).isDirectory() ? openDirectoryFiles(path) : await openArchiveFiles(path);
  try {
    return await openAs(kind ?? kindOf(files), files, tag);
  } catch (error) {
    await files.close();
    throw error;
  }
}

async function openAs(kind: TargetKind, files: ImageFiles, tag: string | undefined): Promise<ImageSource> {
  switch (kind) {
    case 'docker-archive':
      if (tag === undefined) return await openDockerArchive(files);
      throw new ClairError('image/target-invalid', `${files.where} is a docker-archive, which takes no tag ("${tag}")`);
    case 'oci':
      return await openOciLayout(files, tag, ARCHITECTURES[arch] ?? arch);
  }
}

function kindOf(files: ImageFiles): TargetKind {
  if (isDockerArchive(files)) return 'docker-archive';
  if (isOciLayout(files)) return 'oci';
  throw new ClairError(
    'image/target-invalid',
    `${files.where} is neither a docker-archive (it has no manifest.json) nor an OCI layout (no index.json)`,
  );
}

/** Node's names of processors, where the image specification has others (image-spec, config.md, GOARCH). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

function exists(path: string): boolean {
  // In contrast to statSync() it also takes a path below a file, or one that is too long, for one where nothing is.
  return existsSync(path);
}
