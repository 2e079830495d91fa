import { existsSync, statSync } from 'node:fs';
import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import { openArchiveFiles } from './archives/archive-files.ts';
import type { Detector } from '../detectors/detector.ts';
import { withOwners } from '../detectors/owner-detectors.ts';
import { openDirectoryFiles } from './archives/directory-files.ts';
import { isDockerArchive, openDockerArchive } from './archives/docker-archive.ts';
import { hasRepositories, openDockerRepositories } from './archives/docker-repositories.ts';
import type { DaemonKind } from './daemon/daemon-address.ts';
import { type DaemonAccess, type DaemonTarget, daemonTarget, imageOfDaemon } from './daemon/daemon-target.ts';
import type { ImageFiles } from './image/image-files.ts';
import { isDirectory, isImageFolder } from './image-folder.ts';
import { type ImageReference, parseImageReference } from '../../model/image-reference.ts';
import type { ImageSet, PlatformImage } from './image-set.ts';
import type { ImageSource, TargetKind } from './image-source.ts';
import { isOciLayout, ociLayoutImages, openOciLayout } from './archives/oci-layout.ts';
import { checkPlatform, type Platform, type PlatformWish, platformWish } from './image/platform.ts';
import type { RegistryAccess } from './registry/registry-client.ts';
import { openSbom } from './sbom.ts';

export type Target = FileTarget | RootfsTarget | RegistryTarget | SbomTarget | DaemonTarget;

/** `folder` is a directory that has the name of the image but contains no image; errors mention the directory. */
export type RegistryTarget = {
  readonly kind: 'registry';
  readonly reference: ImageReference;
  readonly folder?: string;
};

/** An image saved in files; without a kind, the files determine the kind. */
export type FileTarget = {
  readonly kind: FileKind | undefined;
  readonly path: string;
  readonly tag: string | undefined;
};

export type SbomTarget = { readonly kind: 'sbom'; readonly path: string };

export type RootfsTarget = { readonly kind: 'rootfs'; readonly path: string };

export type OpenImageOptions = {
  /** The required platform; by default Linux on the processor architecture of this machine, or the only image. */
  readonly platform?: Platform | undefined;
  /** The access to registries; if absent, registries are not accessed. */
  readonly registry?: RegistryAccess;
  /** The access to the daemons of container engines; if absent, daemons are not accessed. */
  readonly daemons?: DaemonAccess;
  /** The detectors that select the files of a root file system; required to open a root file system. */
  readonly detectors?: readonly Detector[];
  /** The release of the packages in an SBOM, such as `debian:12`; by default the release of the document. */
  readonly distribution?: string | undefined;
  /** Whether the VEX statements of an SBOM are applied. */
  readonly appliesVex?: boolean | undefined;
  /** The digest of the image that an SBOM must describe; any image by default. */
  readonly describes?: Digest | undefined;
  readonly signal?: AbortSignal;
  /** The space for unpacked archives; by default the system's folder for temporary files, without a limit. */
  readonly space?: TemporarySpace;
};

/**
 * Parses `[docker-archive:|oci:|oci-archive:]PATH[:TAG]`, `rootfs:PATH`, `sbom:PATH`, `docker:NAME`, `podman:NAME` and
 * `[registry:]REFERENCE`. The text after the last colon of a path is a tag only if no file has the whole name, and
 * never for a docker-archive or a root file system. Without a scheme, a directory without a saved image is a root file
 * system if its path cannot be a reference, such as `./app` and `/srv/app`. Text that names no file is a reference,
 * unless it is malformed or looks like the name of an archive or SBOM.
 *
 * @throws ClairError `image/target-invalid` for an empty path or a malformed reference, `image/not-found` for a missing
 * file.
 */
export function parseTarget(text: string): Target {
  if (text === '-')
    throw new ClairError(
      'image/not-found',
      'standard input can be read only once, and not as a base image: save the image to a file, and name the file',
    );
  const [, kind, rest = ''] =
    /^(?:(docker-archive|oci-archive|oci|rootfs|sbom|registry|docker|podman):)?(.*)$/s.exec(text) ?? [];
  if (rest === '')
    throw new ClairError(
      'image/target-invalid',
      `"${text}" names no ${kind === 'registry' || kind === 'docker' || kind === 'podman' ? 'image' : 'path'}`,
    );
  if (kind === 'registry') {
    const reference = parseImageReference(rest);
    if (reference !== undefined) return { kind, reference };
    throw new ClairError('image/target-invalid', `"${rest}" is not the name of an image in a registry`);
  }
  if (kind === 'docker' || kind === 'podman') return daemonTarget(kind, rest);
  if (kind === 'rootfs') {
    if (exists(rest)) return { kind, path: rest };
    throw new ClairError('image/not-found', `no such directory: ${rest}`);
  }
  if (kind === 'sbom') {
    if (exists(rest)) return { kind, path: rest };
    throw new ClairError('image/not-found', `no such file: ${rest}`);
  }
  const known = FILE_KINDS.find((each) => each === kind);
  const reference = known === undefined ? parseImageReference(rest) : undefined;
  const isFolder = (path: string): boolean => known === undefined && isDirectory(path) && !isImageFolder(path);
  if (exists(rest)) {
    if (!isFolder(rest)) return { kind: known, path: rest, tag: undefined };
    return reference === undefined ? { kind: 'rootfs', path: rest } : { kind: 'registry', reference, folder: rest };
  }
  const colon = rest.lastIndexOf(':');
  const path = rest.slice(0, Math.max(colon, 0));
  if (known !== 'docker-archive' && path !== '' && exists(path)) {
    if (reference !== undefined && isFolder(path)) return { kind: 'registry', reference, folder: path };
    return { kind: known, path, tag: rest.slice(colon + 1) };
  }
  if (reference !== undefined && !FILE_NAME.test(rest)) return { kind: 'registry', reference };
  const hint = reference === undefined ? '' : `; for an image with this name in a registry, use registry:${rest}`;
  throw new ClairError('image/not-found', `no such file: ${rest}${hint}`);
}

/**
 * Opens the image of a target. Without a scheme, the files determine the kind.
 *
 * @throws ClairError `image/…`, `bytes/…`, `registry/…`, `daemon/…` or `server/…`.
 */
export async function openImage(target: Target, options: OpenImageOptions = {}): Promise<ImageSource> {
  const wish = platformWish(options.platform);
  if (target.kind === 'registry') {
    const access = registryAccess(target.reference, options);
    // Each kind of source is loaded on demand, because loading all of them takes longer than opening an archive.
    const { openRegistryImage } = await import('./registry/registry.ts');
    return await hintingAt(target, async () => {
      return await openRegistryImage(target.reference, wish, access, options.signal);
    });
  }
  if (target.kind === 'rootfs') return await openRoot(target, wish, options);
  if (target.kind === 'sbom') return await openSbom(target.path, options);
  const { files, kind, tag, named } = await openSaved(target, options);
  try {
    return named(await openAs(kind, files, tag, wish, options.signal));
  } catch (error) {
    await files.close();
    throw error;
  }
}

/**
 * Finds the images of a target for all platforms, without duplicates; a target that is not an index has a single image.
 * Images must be opened one after the other.
 *
 * @throws ClairError as {@link openImage}.
 */
export async function openImages(target: Target, options: Omit<OpenImageOptions, 'platform'> = {}): Promise<ImageSet> {
  if (target.kind === 'registry') {
    const access = registryAccess(target.reference, options);
    const { registryImages } = await import('./registry/registry.ts');
    const images = await hintingAt(target, async () => {
      return await registryImages(target.reference, access, options.signal);
    });
    return { images, close: async () => {} };
  }
  if (target.kind === 'rootfs') {
    const image = await openRoot(target, platformWish(undefined), options);
    return { images: [{ platform: image.platform, open: async () => image }], close: async () => {} };
  }
  if (target.kind === 'sbom') {
    const image = await openSbom(target.path, options);
    return { images: [{ platform: image.platform, open: async () => image }], close: async () => {} };
  }
  const { files, kind, tag, named } = await openSaved(target, options);
  try {
    const images = (await imagesAs(kind, files, tag, options.signal)).map(({ platform, open }) => ({
      platform,
      open: async () => named(await open()),
    }));
    return { images, close: async () => await files.close() };
  } catch (error) {
    await files.close();
    throw error;
  }
}

/**
 * Opens the image of a target, or the images of all its platforms; closing the set closes the HTTP client too.
 *
 * @throws ClairError as {@link openImage}, after closing the client.
 */
export async function openImageSet(
  target: Target,
  { allPlatforms, ...options }: OpenImageOptions & { readonly allPlatforms: boolean },
  http: { readonly close: () => Promise<void> },
): Promise<ImageSet> {
  try {
    const { images, close } = allPlatforms ? await openImages(target, options) : await openImageAlone(target, options);
    return {
      images,
      async close() {
        try {
          await close();
        } finally {
          await http.close();
        }
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}

async function openImageAlone(target: Target, options: OpenImageOptions): Promise<ImageSet> {
  const image = await openImage(target, options);
  const opened = { ...image, close: async () => {} };
  return { images: [{ platform: image.platform, open: async () => opened }], close: async () => await image.close() };
}

async function imagesAs(
  kind: FileKind,
  files: ImageFiles,
  tag: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly PlatformImage[]> {
  if (kind !== 'docker-archive') return await ociLayoutImages(files, tag);
  const image = await openAs(kind, files, tag, platformWish(undefined), signal);
  return [{ platform: image.platform, open: async () => ({ ...image, close: async () => {} }) }];
}

/** Adds a hint to a registry error if a folder with the name of the image exists. */
async function hintingAt<Result>({ folder }: RegistryTarget, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (folder === undefined || !(error instanceof ClairError)) throw error;
    const message = `${error.message}; to scan the directory ${folder} instead, use ./${folder}`;
    throw new ClairError(error.code, message, { cause: error, retryAfter: error.retryAfter });
  }
}

function registryAccess({ domain }: ImageReference, { registry }: OpenImageOptions): RegistryAccess {
  if (registry !== undefined) return registry;
  throw new ClairError('image/target-invalid', `${domain} is a registry, which this command does not support`);
}

/**
 * Matches the end of a valid reference that almost always means a missing archive or SBOM: `nofile.tar`,
 * `app.tar.gz:1.0`, `app.cdx.json`. A tag may end like the name of an SBOM.
 */
const FILE_NAME = /\.(?:tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|bz2|xz|zst))(?::[\w.-]+)?$|^[^:]*\.(?:json|xml|spdx)$/i;

type FileKind = Exclude<TargetKind, 'registry' | 'rootfs' | 'sbom' | DaemonKind>;

const FILE_KINDS: readonly FileKind[] = ['docker-archive', 'oci', 'oci-archive'];

async function openRoot({ path }: RootfsTarget, wish: PlatformWish, options: OpenImageOptions): Promise<ImageSource> {
  const { detectors, signal } = options;
  if (detectors === undefined) {
    throw new ClairError('image/target-invalid', `${path} is a root file system, which this command does not support`);
  }
  // The worker also reads the owners of files.
  const readers = withOwners(detectors);
  const { openRootfs } = await import('./rootfs/rootfs.ts');
  const image = await openRootfs(path, {
    detectors: readers,
    wants: readers.flatMap(({ wants }) => wants),
    ...(signal && { signal }),
  });
  checkPlatform(path, image.platform, wish);
  return image;
}

/** The files of a saved image, and how to read and name their images. */
type SavedImages = {
  readonly files: ImageFiles;
  readonly kind: FileKind;
  readonly tag: string | undefined;
  readonly named: (image: ImageSource) => ImageSource;
};

async function openSaved(target: FileTarget | DaemonTarget, options: OpenImageOptions): Promise<SavedImages> {
  const { daemons: access, platform, signal, space } = options;
  const isFile = 'path' in target;
  async function saved(image: DaemonTarget): Promise<ImageFiles> {
    const { saveDaemonImage } = await import('./daemon/daemon-image.ts');
    return await saveDaemonImage(image, { access: access ?? {}, platform, signal, space });
  }
  if (!isFile && access === undefined) {
    const message = `${target.kind}:${target.name} is an image in a daemon, which this command does not support`;
    throw new ClairError('image/target-invalid', message);
  }
  const files = isFile ? await openFiles(target, options) : await saved(target);
  try {
    if (!isFile) return { files, kind: kindOf(files), tag: undefined, named: (image) => imageOfDaemon(image, target) };
    return { files, kind: target.kind ?? kindOf(files), tag: target.tag, named: (image) => image };
  } catch (error) {
    await files.close();
    throw error;
  }
}

async function openFiles(
  { kind, path }: FileTarget,
  { signal, space }: Pick<OpenImageOptions, 'signal' | 'space'>,
): Promise<ImageFiles> {
  const stats = statSync(path);
  if (!stats.isDirectory()) {
    if (stats.isFile() && stats.size === 0) throw new ClairError('image/unreadable', `${path} is empty`);
    return await openArchiveFiles(path, { signal, space });
  }
  if (kind !== 'oci-archive') return openDirectoryFiles(path);
  throw new ClairError('image/target-invalid', `${path} is a directory, not an archive; use oci:${path}`);
}

async function openAs(
  kind: FileKind,
  files: ImageFiles,
  tag: string | undefined,
  wish: PlatformWish,
  signal: AbortSignal | undefined,
): Promise<ImageSource> {
  if (kind !== 'docker-archive') return await openOciLayout(files, tag, wish);
  if (tag !== undefined) {
    const message = `${files.where} is a docker-archive, in which no tag can be selected: omit ":${tag}"`;
    throw new ClairError('image/target-invalid', message);
  }
  const isOldest = !isDockerArchive(files) && hasRepositories(files);
  const image = isOldest ? await openDockerRepositories(files, signal) : await openDockerArchive(files);
  checkPlatform(files.where, image.platform, wish);
  return image;
}

function kindOf(files: ImageFiles): FileKind {
  if (isDirectory(files.where) && !isImageFolder(files.where)) {
    const message = `${files.where} is a directory without a saved image, so it has no tag; to scan its files, omit the tag`;
    throw new ClairError('image/target-invalid', message);
  }
  if (isDockerArchive(files)) return 'docker-archive';
  if (isOciLayout(files)) return 'oci';
  if (hasRepositories(files)) return 'docker-archive';
  throw new ClairError(
    'image/target-invalid',
    `${files.where} is neither a docker-archive (it has no manifest.json) nor an OCI layout (no index.json); ` +
      'to scan a root file system, unpack it first and name its directory as rootfs:PATH',
  );
}

function exists(path: string): boolean {
  // Unlike statSync(), existsSync() returns false for a path below a file, or for a path that is too long.
  return existsSync(path);
}
