import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  osvWriter,
  ovalWriter,
  type RecordWriter,
  writeTracker,
  writeUbuntuTracker,
} from '../src/updater/testing/one-record-documents.ts';

type TinyFeed = { readonly write: RecordWriter; readonly release: string; readonly fixed: string };

const TINY_FILES: Readonly<Record<string, TinyFeed>> = {
  debian: { write: writeTracker, release: 'bookworm', fixed: '1.2-3' },
  ubuntu: { write: writeUbuntuTracker, release: 'bionic', fixed: '1.2-3' },
  almalinux: { write: osvWriter('ALSA'), release: 'AlmaLinux:9', fixed: '1.2-3.el9' },
  opensuse: {
    write: ovalWriter({
      name: 'opensuse.leap.15.6-affected.xml',
      releaseComment: (release) => `${release} is installed`,
      references: () => '',
      definitionClass: 'vulnerability',
    }),
    release: 'openSUSE Leap 15.6',
    fixed: '0:1.2-3',
  },
};

/** The feeds with a tiny version. */
export const TINY_FEEDS: readonly string[] = Object.keys(TINY_FILES);

/**
 * Writes three advisories in the format of a feed into a new folder.
 *
 * @returns the folder
 */
export function writeTinyFeed(feed: string, folder: string): string {
  const tiny = TINY_FILES[feed];
  if (tiny === undefined) throw new Error(`the feed ${feed} has no tiny version`);
  const { write, release, fixed } = tiny;
  for (const [name, content] of Object.entries(write([1, 2, 3].map((number) => ({ number, release, fixed }))))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}
