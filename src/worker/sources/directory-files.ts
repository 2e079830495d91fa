import { existsSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type FilePart, fileBytes } from '../../bytes/file-bytes.ts';
import { ClairError } from '../../errors.ts';
import type { ImageFiles } from './image-files.ts';

/** The files of an image that is saved as a directory. Links are followed only as long as they stay inside of it. */
export function openDirectoryFiles(where: string): ImageFiles {
  const root = realpathSync(where);
  const part = (name: string): FilePart => {
    const path = join(root, name);
    if (!existsSync(path)) throw new ClairError('image/unreadable', `${where} has no ${name}`);
    const real = realpathSync(path);
    if (!real.startsWith(root + sep)) throw new ClairError('image/unreadable', `${name} in ${where} leads out of it`);
    return { path: real };
  };
  return {
    where,
    has: (name) => existsSync(join(root, name)),
    open: (name) => fileBytes(part(name).path),
    part,
    close: async () => {},
  };
}
