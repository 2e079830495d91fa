import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEBIAN_RELEASES } from '../src/model/releases/debian-releases.ts';
import { sharedPath } from '../test/fixtures/shared-data.ts';
import { isTiny, sized } from './size.ts';

const REAL = sharedPath('feeds/debian/debian-tracker-derived.json.zst');

/** Approximately the number of vulnerabilities with an advisory in Debian's real data of 2026. */
const VULNERABILITIES = sized(30_000, 200);
const PACKAGES = 2300;

/**
 * Writes a feed in the format of Debian's tracker into a folder: the real feed if it is beside the repository,
 * otherwise a generated feed.
 */
export function writeTrackerFeed(folder: string): void {
  if (!isTiny() && existsSync(REAL)) copyFileSync(REAL, feedIn(folder));
  else writeFileSync(feedIn(folder), JSON.stringify(generatedFeed()));
}

export function feedIn(folder: string): string {
  return join(folder, 'feed');
}

function generatedFeed(): object {
  const feed: Record<string, Record<string, object>> = {};
  for (let at = 0; at < VULNERABILITIES; at += 1) {
    const releases: Record<string, object> = {};
    for (const { codename } of DEBIAN_RELEASES.slice(-6 - (at % 3), -4)) {
      releases[codename] = {
        status: 'resolved',
        repositories: {},
        fixed_version: `${at % 9}.${at % 31}.${at % 7}-${1 + (at % 4)}+deb12u${at % 12}`,
        urgency: 'not yet assigned',
      };
    }
    const description =
      `A flaw in part ${at} of this program lets remote attackers read data that they must not read. `.repeat(3);
    (feed[`package-${(at * 7919) % PACKAGES}`] ??= {})[`CVE-2099-${10_000 + at}`] = { description, releases };
  }
  return feed;
}
