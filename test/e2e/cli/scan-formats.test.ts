import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { FORMATS } from '../../../src/report/index.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { cyclonedxRules, htmlRules, junitRules } from '../../../src/report/testing/format-rules.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-scan-formats-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', inFolder('clair.db')]);
}

beforeAll(async () => {
  writeFileSync(inFolder('image.tar'), await buildDockerArchive(await buildDemoLayers(), 'test:1'));
});

it('rejects two formats with the same output before the scan', async () => {
  const { status, out, err } = await clair('scan', inFolder('image.tar'), '--format', 'json', '--format', 'sarif');
  expect([status, out]).toEqual([2, '']);
  expect(err).toContain('[cli/usage]');
  expect(existsSync(inFolder('clair.db'))).toBe(false);
});

it('writes all formats of one scan, one of them to standard output', async () => {
  expect((await clair('update', '--feed', 'debian', '--from', DEMO_FEED)).status).toBe(0);
  const files = FORMATS.map(({ id }) => `--format=${id}=${inFolder(`report.${id}`)}`);
  const { status, out } = await clair('scan', inFolder('image.tar'), '--format', 'markdown', ...files);
  expect(status).toBe(0);
  expect(out).toContain('### Clair: <code>test:1</code>');
  const reports = readdirSync(folder).filter((name) => name.startsWith('report.'));
  expect(reports).toHaveLength(FORMATS.length);
  const textOf = (id: string): string => readFileSync(inFolder(`report.${id}`), 'utf8');
  expect([cyclonedxRules()(textOf('cyclonedx')), junitRules(textOf('junit')), htmlRules(textOf('html'))]).toEqual([
    [],
    [],
    [],
  ]);
  const [first] = (JSON.parse(textOf('json')) as { findings: { id: string }[] }).findings;
  expect(FORMATS.map(({ id }) => [id, textOf(id).includes(first?.id ?? 'nothing')])).toEqual(
    FORMATS.map(({ id }) => [id, true]),
  );
});

it('writes only to the file of --output', async () => {
  const path = inFolder('out.xml');
  const { status, out } = await clair('scan', inFolder('image.tar'), '--format', 'junit', '--output', path);
  expect([status, out]).toEqual([0, '']);
  expect(junitRules(readFileSync(path, 'utf8'))).toEqual([]);
});
