import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type FilePart, fileBytes, isBelow } from '../../../bytes/file-bytes.ts';
import { ClairError } from '../../../errors.ts';
import type { ImageFiles } from '../image/image-files.ts';

/** Opens the files of an image in a directory. Follows links only within the directory. */
export function openDirectoryFiles(where: string): ImageFiles {
  const root = realpathSync(where);
  const part = (name: string): FilePart => {
    const path = join(root, name);
    if (!existsSync(path)) throw new ClairError('image/unreadable', `${where} has no ${name}`);
    const real = realpathSync(path);
    const refusal = {
      code: 'image/unreadable',
      message: `${name} in ${where} is a link that leads outside the directory`,
    } as const;
    if (!isBelow(real, [root])) throw new ClairError(refusal.code, refusal.message);
    // The file is checked again after opening, because a link may have replaced the file.
    return { path: real, within: { roots: [root], refusal } };
  };
  return {
    where,
    has: (name) => existsSync(join(root, name)),
    open(name) {
      const { path, within } = part(name);
      return fileBytes(path, undefined, within);
    },
    part,
    close: async () => {},
  };
}
