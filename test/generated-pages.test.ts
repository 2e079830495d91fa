import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { cliPage } from '../scripts/cli-page.ts';
import { errorsPage } from '../scripts/errors-page.ts';

it.each([
  ['docs/reference/cli.md', cliPage, 'npx tsx scripts/write-cli.ts'],
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
