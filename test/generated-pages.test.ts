import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cliPage } from '../scripts/cli-page.ts';
import { coveragePage } from '../scripts/coverage-page/coverage-page.ts';
import { errorsPage } from '../scripts/errors-page.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';

it.each([
  ['docs/reference/cli.md', cliPage, 'npx tsx scripts/write-cli.ts'],
  ['docs/reference/coverage.md', coveragePage, 'npx tsx scripts/write-coverage.ts'],
  ['docs/reference/errors.md', errorsPage, 'npx tsx scripts/write-errors.ts'],
])('%s is current', (path, page, script) => {
  const text = readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
  expect(text, `run ${script}`).toBe(page());
});

it('the page of the command line lists a subcommand with its examples, options and exit statuses', () => {
  const section = cliPage()
    .split('\n## ')
    .find((each) => each.startsWith('clair db import\n'));
  expect(section).toContain('clair db import feeds.clair --force');
  expect(section).toMatch(/^\| `--force` +\| Accept data that is older than the stored data +\|$/m);
  expect(section).toMatch(/^\| 2 +\| the file is invalid/m);
});

it('the page of errors states when an error occurs, its HTTP status, its exit status and its remedy', () => {
  expect(errorsPage()).toMatch(
    /^\| `copy\/mismatch` +\| The copy differs [^|]+ \| 500 +\| 1 +\| Check the disks, [^|]+\|$/m,
  );
});

describe('the page of coverage', () => {
  it('states what a feed contains, where its severity comes from and which state gives which status', () => {
    const page = coveragePage();
    expect(page).toMatch(/^\| `debian` +\| https:\S+ +\| `debian:N`, `debian:unstable` +\| included +\|$/m);
    expect(page).toMatch(/^\| `wolfi` +\| https:\S+ +\| `wolfi` +\| missing +\|$/m);
    const section = page.split('\n### ').find((each) => each.startsWith('ubuntu\n'));
    expect(section).toMatch(/^Clair reads .+\. Severity: .+\.$/m);
    expect(section).toMatch(/^\| `deferred` +\| `postponed` +\|$/m);
    expect(section).toContain('\n- ');
  });

  it('lists the files of every package database', () => {
    const packageDatabases = DETECTORS.filter(({ kind }) => kind === 'packages');
    for (const { id } of packageDatabases) expect(coveragePage()).toMatch(new RegExp(`^\\| ${id} +\\| \``, 'm'));
    expect(coveragePage()).toContain('| `status` in `var/lib/dpkg`; `*` in `var/lib/dpkg/status.d` ');
    expect(coveragePage()).toContain('`rpmdb.sqlite-wal` in `var/lib/rpm`, `usr/lib/sysimage/rpm`, `usr/share/rpm`');
  });
});
