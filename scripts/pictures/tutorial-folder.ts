import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeShownFiles } from './shown-image.ts';

/** A release of the `debian` feed with one more vulnerability than `tracker.json`. */
const NEXT_TRACKER = 'tracker-next.json';
const CONFIGURATION = 'clair.yaml';

/** Debian's tracker, by source package and CVE ID. */
type Tracker = Record<string, Record<string, object>>;

/**
 * Writes the files of the tutorials into a folder that exists, and returns their names. The configuration reads all
 * feeds from the folder and stores the database there, so that a tutorial neither needs a network nor changes the
 * reader's database.
 */
export async function writeTutorialFiles(folder: string): Promise<readonly string[]> {
  const { bases, image, ignoreFile, feeds } = await writeShownFiles(folder);
  const tracker = JSON.parse(readFileSync(join(folder, feeds.get('debian') ?? ''), 'utf8')) as Tracker;
  writeFileSync(join(folder, NEXT_TRACKER), JSON.stringify(withOneMore(tracker)));
  writeFileSync(join(folder, CONFIGURATION), configuration(folder, feeds));
  return [...bases, image, ignoreFile, ...feeds.values(), NEXT_TRACKER, CONFIGURATION];
}

function withOneMore(tracker: Tracker): Tracker {
  const bookworm = { status: 'resolved', fixed_version: '7.88.1-10+deb12u6', urgency: 'high' };
  const entry = { description: 'A long header overflows a buffer.', scope: 'remote', releases: { bookworm } };
  return { ...tracker, curl: { ...tracker['curl'], 'CVE-2099-1012': entry } };
}

function configuration(folder: string, feeds: ReadonlyMap<string, string>): string {
  const addresses = [...feeds].map(([feed, name]) => `    ${feed}: ${pathToFileURL(join(folder, name)).href}`);
  return [
    'database:',
    '  type: sqlite',
    `  path: ${JSON.stringify(join(folder, 'clair.db'))}`,
    'updater:',
    '  # The tutorials read no feed from the network.',
    '  offline: true',
    `  feeds: [${[...feeds.keys()].join(', ')}]`,
    '  addresses:',
    ...addresses,
    '',
  ].join('\n');
}
