import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { VersionScheme } from '../scheme.ts';
import { hexOrErrorCode } from './version-laws.ts';

/** The order of many versions according to a package manager. */
export type OracleOrder = {
  /** Groups of equal versions, in ascending order. */
  readonly groups: readonly (readonly string[])[];
  readonly rejected: readonly string[];
};

const REJECTED = '# rejected';

/**
 * Reads a file that `scripts/version-oracles/` writes. The file starts with a comment. A line for each group of equal
 * versions follows, in ascending order, with tabs between the versions. The line `# rejected` and a line for each
 * rejected version end the file.
 */
export function readOracleOrder(file: URL): OracleOrder {
  const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1);
  const end = lines.indexOf(REJECTED);
  return { groups: lines.slice(0, end).map((line) => line.split('\t')), rejected: lines.slice(end + 1) };
}

/** Returns the text of a file that {@link readOracleOrder} reads. `comment` names the package manager. */
export function formatOracleOrder(comment: string, { groups, rejected }: OracleOrder): string {
  const lines = [`# ${comment}`, ...groups.map((group) => group.join('\t')), REJECTED, ...rejected];
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Defines tests that compare a scheme with the committed order of a package manager. Keys that ascend from group to
 * group prove the order of every pair of versions.
 *
 * @param isAcceptedByChoice returns whether the scheme may accept a version that the package manager rejects
 */
export function describeOracleOrder(
  scheme: VersionScheme,
  file: URL,
  isAcceptedByChoice: (version: string) => boolean = () => false,
): void {
  const { groups, rejected } = readOracleOrder(file);
  const versions = groups.flat();

  describe(`${versions.length} versions in the order of ${file.pathname.split('/').at(-1)}`, () => {
    it('decide more than 100,000 pairs', () => {
      expect((versions.length * (versions.length - 1)) / 2).toBeGreaterThan(100_000);
      expect(rejected.length).toBeGreaterThan(100);
    });

    it('equal versions have the same key', () => {
      const unequal = groups.filter(
        (group) => group.length > 1 && new Set(group.map((version) => hexOrErrorCode(scheme, version))).size > 1,
      );
      expect(unequal).toEqual([]);
    });

    it('keys ascend', () => {
      const keys = groups.map(([first = '']) => scheme.key(first));
      const wrong = groups.filter((_group, at) => at > 0 && Buffer.compare(keys[at - 1]!, keys[at]!) !== -1);
      expect(wrong).toEqual([]);
    });

    it('rejects what the package manager rejects', () => {
      const accepted = rejected.filter((version) => scheme.keyOf(version) !== undefined);
      expect(accepted.filter((version) => !isAcceptedByChoice(version))).toEqual([]);
    });
  });
}
