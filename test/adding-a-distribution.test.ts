import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

/** The code of docs/adding-a-distribution.md: what is not in Clair must work all the same. */
const ROOT = new URL('..', import.meta.url);
const PAGE = readFileSync(new URL('docs/adding-a-distribution.md', ROOT), 'utf8');
const SECDB = fileURLToPath(new URL('src/updater/fetchers/wolfi/testdata/security.json', ROOT));
const folder = mkdtempSync(join(tmpdir(), 'clair-distribution-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The block of code that exports a name, with its imports as they are found from any folder. */
function codeOf(name: string): string {
  const blocks = PAGE.split(/\n(?! {4}|\n)/).map((block) => block.replaceAll(/^ {4}/gm, ''));
  const code = blocks.find((block) => block.includes(`export const ${name}:`)) ?? '';
  expect(code).toContain('import ');
  const found = new URL('src/updater/fetchers/minimos/', ROOT);
  return code
    .slice(code.indexOf('import '))
    .replaceAll(/ from '(\.\.\/.*)'/g, (_, path: string) => ` from '${new URL(path, found).href}'`);
}

it('is a source that reads what it says', () => {
  writeFileSync(join(folder, 'parse.ts'), codeOf('parseMinimos'));
  writeFileSync(join(folder, 'fetcher.ts'), codeOf('minimos'));
  const main = `import { minimos } from './fetcher.ts';
    void (async () => {
      const { advisories } = await minimos.fetch({ from: process.argv[2] });
      for await (const { id, affected } of advisories) console.log(id, affected[0]?.namespace, affected[0]?.package);
    })();`;
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'main.ts'), main);
  const loader = new URL('node_modules/tsx/dist/loader.mjs', ROOT).href;
  const written = execFileSync(execPath, ['--import', loader, join(folder, 'main.ts'), SECDB], { encoding: 'utf8' });
  expect(written).toContain('CVE-2099-0001 minimos gears\n');
});

it('stands at the places that the page names', () => {
  const distributions = readFileSync(new URL('src/worker/detectors/os/distributions.ts', ROOT), 'utf8');
  // The row is in the form of the one of Wolfi, and the namespaces are those of apk.
  expect(distributions).toContain("{ name: 'Wolfi', id: 'wolfi', namespace: 'wolfi', release: ROLLING },");
  expect(PAGE).toContain("{ name: 'MinimOS', id: 'minimos', namespace: 'minimos', release: ROLLING },");
  const ecosystem = readFileSync(new URL('src/ecosystems/apk.ts', ROOT), 'utf8');
  const line = /^ {4}(namespaces: \[.*\],)$/m.exec(PAGE)?.[1] ?? '';
  expect(ecosystem).toContain(line.replace("'minimos', ", ''));
  expect(line).toContain("'minimos'");
});
