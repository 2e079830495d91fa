/** Clair must not classify Debian packages, or packages from a distribution's own database, as third-party packages. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import lzma from 'lzma-native';
import { describe, expect, it } from 'vitest';
import { thirdPartyOf } from '../../../src/worker/detectors/packages/third-parties.ts';
import { ecosystemOf } from '../../../src/ecosystems/index.ts';
import { rpm } from '../../../src/worker/detectors/packages/rpm/detector.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { works } from '../program.ts';

const OUTPUT = { encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
const stanzas = (works('apt-cache', ['--version']) ? execFileSync('apt-cache', ['dumpavail'], OUTPUT) : '').split(
  '\n\n',
);
if (stanzas.length < 2) console.warn('SKIPPED "packages in the index of apt": run `apt-get update`');

describe.skipIf(stanzas.length < 2)('packages in the index of apt', () => {
  it('all belong to Debian', () => {
    const foreign = stanzas.filter((stanza) => {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
      const source = field('Source').split(' ', 1)[0] || field('Package');
      return thirdPartyOf({ maintainer: field('Maintainer'), version: field('Version'), source }) !== undefined;
    });
    expect(foreign).toEqual([]);
  });
});

const DATABASES: readonly (readonly [string, string, number])[] = [
  ['images/rpmdb/libuuid-bdb.Packages.xz', 'rhel:8', 1],
  ['images/rpmdb/sle15-bci-ndb.Packages.db.xz', 'sles:15.5', 35],
  ['images/rpmdb/cbl-mariner-2.0.rpmdb.sqlite.xz', 'mariner:2.0', 127],
];

describeShared(
  'real rpm databases',
  DATABASES.map(([name]) => name),
  () => {
    it.each(DATABASES)('%s contains only packages of %s', async (name, namespace, least) => {
      const compressed = readFileSync(sharedPath(name));
      const bytes = await new Promise<Buffer>((resolve) => lzma.decompress(compressed, {}, resolve));
      const { packages = [] } = rpm.read('var/lib/rpm/Packages', bytes);
      expect(packages.length).toBeGreaterThanOrEqual(least);
      expect(packages.filter((each) => ecosystemOf(each).namespaceOf(each, namespace) !== namespace)).toEqual([]);
      expect(packages.filter((each) => ecosystemOf(each).namespaceOf(each, 'fedora:40') !== '')).toEqual([]);
    });
  },
);
