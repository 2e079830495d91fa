import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import type { TestResults } from '../scripts/test-results/results.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-results-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = {
  'passed.test.ts': "it('passes', () => undefined); it('passes too', () => undefined);",
  'failed.test.ts':
    "describe('a scan', () => { it('ends', () => { throw new Error('late'); }); it('starts', () => undefined); });",
  'slow.test.ts': "it('waits', () => new Promise(() => undefined), 50);",
  'hook.test.ts': "beforeAll(() => { throw new Error('no server'); }); it('never runs', () => undefined);",
  'syntax.test.ts': 'it(',
  'outside.test.ts':
    "it('leaves work', async () => { setTimeout(() => { throw new Error('after it'); }); await new Promise((r) => setTimeout(r, 50)); });",
};

it('the results of a test run contain the failures of tests, hooks and files, and errors outside of tests', async () => {
  const results = join(folder, 'results.json');
  const reporter = JSON.stringify(resolve('scripts/test-results/results-reporter.ts'));
  const options = `{ globals: true, reporters: [resultsReporter(${JSON.stringify(results)}, ${JSON.stringify(folder)})] }`;
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { resultsReporter } from ${reporter};\nexport default { test: ${options} };`,
  );
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);

  const run = promisify(execFile)(execPath, [resolve('node_modules/vitest/vitest.mjs'), 'run', '--root', folder]);
  await expect(run).rejects.toMatchObject({ code: 1 });

  const { files, unhandled } = JSON.parse(readFileSync(results, 'utf8')) as TestResults;
  const found = files.map(({ path, passed, failures }) => [path, passed, failures.map(({ name }) => name)]);
  expect(Object.fromEntries(found.map(([path, ...rest]) => [path, rest]))).toEqual({
    'passed.test.ts': [2, []],
    'failed.test.ts': [1, ['a scan > ends']],
    'slow.test.ts': [0, ['waits']],
    'hook.test.ts': [0, ['hook.test.ts']],
    'syntax.test.ts': [0, ['syntax.test.ts']],
    'outside.test.ts': [1, []],
  });
  const texts = new Map(files.flatMap(({ failures }) => failures.map(({ name, text }) => [name, text])));
  expect(texts.get('a scan > ends')).toMatch(/^Error: late\n {4}at .*failed\.test\.ts:1:/s);
  expect(texts.get('a scan > ends')?.match(/late/g)).toHaveLength(1);
  expect(texts.get('hook.test.ts')).toMatch(/^Error: no server\n {4}at /);
  expect(texts.get('waits')).toMatch(/^Test timed out in 50ms\..*\n {4}at .*slow\.test\.ts:1:/s);
  expect(unhandled).toEqual(['after it']);
});
