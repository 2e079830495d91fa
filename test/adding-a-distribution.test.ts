/** Runs the code of docs/how-to/add-a-distribution.md, which must work although it is not part of Clair. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { Fetcher } from '../src/updater/feed/fetcher.ts';

const ROOT = new URL('..', import.meta.url);
const PAGE = readFileSync(new URL('docs/how-to/add-a-distribution.md', ROOT), 'utf8');
const SECDB = fileURLToPath(new URL('src/updater/fetchers/wolfi/testdata/security.json', ROOT));
const folder = mkdtempSync(join(tmpdir(), 'clair-distribution-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the code block that exports a name, with imports that resolve from any folder. */
function codeOf(name: string): string {
  const blocks = PAGE.split(/\n(?! {4}|\n)/).map((block) => block.replaceAll(/^ {4}/gm, ''));
  const code = blocks.find((block) => block.includes(`export const ${name}:`)) ?? '';
  expect(code).toContain('import ');
  const found = new URL('src/updater/fetchers/minimos/', ROOT);
  return code
    .slice(code.indexOf('import '))
    .replaceAll(/ from '(\.\.\/.*)'/g, (_, path: string) => ` from '${fileURLToPath(new URL(path, found))}'`);
}

it('has a fetcher that reads a secdb', async () => {
  writeFileSync(join(folder, 'parse.ts'), codeOf('parseMinimos'));
  writeFileSync(join(folder, 'fetcher.ts'), codeOf('minimos'));
  const { minimos } = (await import(pathToFileURL(join(folder, 'fetcher.ts')).href)) as { readonly minimos: Fetcher };
  const get = async (): Promise<never> => await Promise.reject(new Error('this test sends no HTTP request'));
  const outcome = await minimos.fetch({ http: { get }, from: SECDB });
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const read: unknown[] = [];
  for await (const { id, affected } of outcome.advisories)
    read.push([id, affected[0]?.namespace, affected[0]?.package]);
  expect(read).toContainEqual(['CVE-2099-0001', 'minimos', 'gears']);
});

it('shows lines that fit into the files that the page names', () => {
  const distributions = readFileSync(new URL('src/worker/detectors/os/distributions.ts', ROOT), 'utf8');
  // The row has the form of the row for Wolfi. The page adds one namespace to the namespaces of apk.
  expect(distributions).toContain("{ name: 'Wolfi', id: 'wolfi', namespace: 'wolfi', release: ROLLING },");
  expect(PAGE).toContain("{ name: 'MinimOS', id: 'minimos', namespace: 'minimos', release: ROLLING },");
  const ecosystem = readFileSync(new URL('src/ecosystems/apk.ts', ROOT), 'utf8');
  const line = /^ {4}(namespaces: \[.*\],)$/m.exec(PAGE)?.[1] ?? '';
  expect(ecosystem).toContain(line.replace("'minimos', ", ''));
  expect(line).toContain("'minimos'");
  const dates = readFileSync(new URL('src/model/releases/support/release-dates.ts', ROOT), 'utf8');
  expect(dates).toMatch(/^ {2}\{ namespace: 'wolfi', source: '[^']+', \.\.\.ROLLING \},$/m);
  expect(PAGE).toMatch(/^ {4}\{ namespace: 'minimos', source: '[^']+', \.\.\.ROLLING \},$/m);
  const feeds = readFileSync(new URL('src/model/releases/distribution-feeds.ts', ROOT), 'utf8');
  expect(feeds).toContain("  wolfi: ['wolfi'],");
  expect(PAGE).toContain("`minimos: ['minimos']`");
});
