import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliPage } from '../scripts/pages/cli-page.ts';
import { configurationPage, exampleConfiguration } from '../scripts/pages/configuration-page.ts';
import { coveragePage } from '../scripts/pages/coverage-page.ts';
import { diagnosticsPage } from '../scripts/pages/diagnostics-page.ts';
import { errorsPage } from '../scripts/pages/errors-page.ts';
import { type GeneratedPage, generatedPages } from '../scripts/pages/generated-pages.ts';
import { defaultConfig, parseConfig } from '../src/config/config-file.ts';
import { configKeys } from '../src/config/schema.ts';
import { DIAGNOSTICS } from '../src/model/report/diagnostic.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';

let pages: readonly GeneratedPage[];
beforeAll(async () => {
  pages = await generatedPages();
}, 120_000);

it('every generated page is current', () => {
  for (const { path, text } of pages) {
    const current = readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
    expect(current, `run npx tsx scripts/write-pages.ts: ${path}`).toBe(text);
  }
});

it('every page that is marked as generated is written by the script', () => {
  const folder = fileURLToPath(new URL('../docs/reference/', import.meta.url));
  const named = readdirSync(folder).filter((name) =>
    readFileSync(join(folder, name), 'utf8').startsWith('<!-- Generated'),
  );
  const paths = pages.map(({ path }) => path);
  expect(named.map((name) => `docs/reference/${name}`)).toEqual(
    paths.filter((path) => path.endsWith('.md')).toSorted(),
  );
});

it('the page and the example of the configuration have every key, and the example equals the defaults', () => {
  const [page, example] = [configurationPage(), exampleConfiguration()];
  for (const { path, name } of configKeys()) {
    expect(page).toContain(`| \`${path}\`<br>`);
    expect(example).toMatch(new RegExp(`^(#| ) +(# )?${name}:`, 'm'));
  }
  expect(parseConfig(example, 'config.example.yaml')).toEqual({ config: defaultConfig(), notices: [] });
});

it('the page of diagnostics has every code', () => {
  const page = diagnosticsPage();
  for (const code of Object.keys(DIAGNOSTICS)) expect(page).toContain(`\n| \`${code}\` `);
});

it('the page of the command line lists a subcommand with its examples, options and exit statuses', async () => {
  const section = (await cliPage()).split('\n## ').find((each) => each.startsWith('clair db import\n'));
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
  it('states the content of each feed, the origin of its severity, and the status for each state', () => {
    const page = coveragePage();
    expect(page).toMatch(/^\| `debian` +\| https:\S+ +\| `debian:N`, `debian:unstable` +\| included +\|$/m);
    expect(page).toMatch(/^\| `wolfi` +\| https:\S+ +\| `wolfi` +\| missing +\|$/m);
    const section = page.split('\n### ').find((each) => each.startsWith('ubuntu\n'));
    expect(section).toMatch(/^Clair reads .+\. Severity: .+\.$/m);
    expect(section).toMatch(/^\| `deferred` +\| `postponed` +\|$/m);
    expect(section).toContain('\n- ');
  });

  it('lists the files of every package database', () => {
    // The packages of an SBOM come from the document, which has no path in an image.
    const packageDatabases = DETECTORS.filter(({ id, kind }) => kind === 'packages' && id !== 'sbom');
    const page = coveragePage();
    for (const { id } of packageDatabases) expect(page).toMatch(new RegExp(`^\\| ${id} +\\| \``, 'm'));
    expect(page).toContain('| `status` in `var/lib/dpkg`; `*` in `var/lib/dpkg/status.d` ');
    expect(page).toContain('`rpmdb.sqlite-wal` in `var/lib/rpm`, `usr/lib/sysimage/rpm`, `usr/share/rpm`');
  });
});
