/**
 * Determines the order of versions with the npm package `semver`: `npx tsx
 * scripts/version-oracles/semver.ts [FEED …]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { semver } from '../../src/versions/semver.ts';
import { SEMVER_PIECES, semverVersions } from '../../src/versions/testing/semver-rule.ts';
import { refreshAnswers } from './oracle-answers.ts';

const PACKAGE = 'semver@7.8.6';

type NpmSemver = { valid(version: string): string | null; compare(a: string, b: string): number };

const folder = mkdtempSync(join(tmpdir(), 'clair-semver-'));
try {
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, PACKAGE], { stdio: 'inherit' });
  const npmSemver: NpmSemver = createRequire(join(folder, 'package.json'))('semver');
  await refreshAnswers({
    scheme: semver,
    file: 'semver-order.txt',
    comment: `The order of the npm package ${PACKAGE}; see scripts/version-oracles/semver.ts`,
    compare: async (pairs) =>
      pairs.map(([a, b]) =>
        npmSemver.valid(a) === null || npmSemver.valid(b) === null ? undefined : npmSemver.compare(a, b),
      ),
    randomVersions: semverVersions(),
    pieces: SEMVER_PIECES,
    // The package compares identifiers as floating-point numbers, which are inexact from 16 digits.
    isExcepted: (version) => /[0-9]{16}/.test(version),
  });
} finally {
  rmSync(folder, { recursive: true });
}
