import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the web UI. */
export type PageFile = {
  /** The URL path: `/` for the document, `/assets/…` for files with a hash in their name, `/NAME` for other files. */
  readonly path: string;
  readonly mediaType: string;
  readonly content: Buffer;
  /** Whether the file name contains a hash of the content, so that caches never need to revalidate the file. */
  readonly isImmutable: boolean;
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The possible directories: beside the compiled code or, if Clair runs from source, in `dist/`. The server uses the
 * first directory that contains files.
 */
const FOLDERS: readonly URL[] = [new URL('./web/', import.meta.url), new URL('../../../dist/web/', import.meta.url)];

/**
 * Reads the files of the web UI; returns an empty list if the web UI was not built.
 *
 * @throws Error for a file of an unexpected type, which is a bug in the build
 */
export function readPageFiles(folders: readonly URL[] = FOLDERS): readonly PageFile[] {
  for (const folder of folders) {
    const files = filesOf(fileURLToPath(folder));
    if (files.length > 0) return files;
  }
  return [];
}

function filesOf(folder: string): readonly PageFile[] {
  return pathsBelow(folder).map((file) => {
    const mediaType = MEDIA_TYPES[extname(file)];
    if (mediaType === undefined) throw new Error(`${file}: unexpected file type in the web UI`);
    const name = relative(folder, file).split(sep).join('/');
    return {
      path: name === 'index.html' ? '/' : `/${name}`,
      mediaType,
      content: readFileSync(file),
      isImmutable: name.startsWith('assets/'),
    };
  });
}

function pathsBelow(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
