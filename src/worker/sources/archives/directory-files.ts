import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type FilePart, fileBytes, isBelow } from '../../../bytes/file-bytes.ts';
import { ClairError } from '../../../errors.ts';
import type { ImageFiles } from '../image/image-files.ts';

/** The files of an image that is saved as a directory. Links are followed only as long as they stay inside of it. */
export function openDirectoryFiles(where: string): ImageFiles {
  const root = realpathSync(where);
  const part = (name: string): FilePart => {
    const path = join(root, name);
    if (!existsSync(path)) throw new ClairError('image/unreadable', `${where} has no ${name}`);
    const real = realpathSync(path);
    const refusal = { code: 'image/unreadable', message: `${name} in ${where} leads out of it` } as const;
    if (!isBelow(real, [root])) throw new ClairError(refusal.code, refusal.message);
    // Judged again when it has been opened: a link may have come in its place.
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
