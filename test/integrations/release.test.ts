import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeProgram } from '../fixtures/clair-checkout.ts';
import { runScript, type WorkflowStep } from '../fixtures/workflow-runner.ts';

const WORKFLOW = '.github/workflows/release.yml';
const JUDGEMENT = fileURLToPath(new URL('../fixtures/workflow-judgement.ts', import.meta.url));

type Job = {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node?: readonly number[]; readonly include?: readonly Part[] } };
  readonly steps: readonly WorkflowStep[];
};

type Part = { readonly architecture: string; readonly runner: string };

const content = readFileSync(WORKFLOW, 'utf8');
const { jobs, permissions } = parse(content) as {
  readonly jobs: Readonly<Record<string, Job>>;
  readonly permissions: Readonly<Record<string, string>>;
};
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

const folder = mkdtempSync(join(tmpdir(), 'clair-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the release workflow', () => {
  it('passes GitHub’s own parser', () => {
    const input = `${JSON.stringify({ kind: 'workflow', content })}\n`;
    const { stdout, stderr } = spawnSync(execPath, ['--import', 'tsx', JUDGEMENT], { input, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '[]\n', stderr: '' });
  });

  it('inserts no value into a script, and has scripts that bash can parse', () => {
    const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(runs.length).toBeGreaterThan(8);
    expect(runs.filter((run) => run.includes('${{'))).toEqual([]);
    for (const input of runs) expect(spawnSync('bash', ['-n'], { input, encoding: 'utf8' }).stderr).toBe('');
  });

  it('lets only the last job publish, and only jobs that build or publish sign', () => {
    const allowed = (name: string): readonly string[] =>
      Object.entries(jobs)
        .filter(([, { permissions: own = permissions }]) => own[name] === 'write')
        .map(([job]) => job);
    expect(allowed('contents')).toEqual(['release']);
    expect(allowed('packages')).toEqual(['image', 'release']);
    expect(allowed('attestations')).toEqual(['executable', 'npm-package', 'release']);
    expect(jobs['release']?.needs).toEqual(['executable', 'installation', 'image']);
  });

  it('installs the package on every Node line that package.json allows', () => {
    const lines = [...manifest.engines.node.matchAll(/\^(\d+)\./g)].map(([, line]) => Number(line));
    expect(jobs['installation']?.strategy?.matrix.node).toEqual(lines);
  });

  it('builds executables and images for two processors, on these processors', () => {
    const parts = (job: string): unknown =>
      jobs[job]?.strategy?.matrix.include?.map(({ architecture, runner }) => [architecture, runner.endsWith('-arm')]);
    expect(parts('executable')).toEqual([
      ['x64', false],
      ['arm64', true],
    ]);
    expect(parts('image')).toEqual([
      ['amd64', false],
      ['arm64', true],
    ]);
  });

  it.each([
    [`v${manifest.version}`, 0, ''],
    [
      'v99.0.0',
      1,
      `tag v99.0.0, package.json ${manifest.version}, Chart.yaml ${manifest.version}: the versions differ\n`,
    ],
    [manifest.version, 1, `tag ${manifest.version}, `],
  ])('compares the tag %s with the version', async (tag, status, text) => {
    const ended = await runStep('version', 'Compare', fileURLToPath(new URL('../..', import.meta.url)), {
      GITHUB_REF_NAME: tag,
    });
    expect(ended.status).toBe(status);
    expect(ended.said).toContain(text);
  });

  it.each([
    ['', { name: 'clair', private: true }],
    ['@owner/clair', { name: '@owner/clair' }],
  ])('packs with the name %j and the address of the repository', async (name, expected) => {
    const place = mkdtempSync(join(folder, 'pack-'));
    copyFileSync('package.json', join(place, 'package.json'));
    mkdirSync(join(place, 'dist'));
    writeFileSync(join(place, 'dist/main.js'), '');
    const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
    const programs = join(place, 'programs');
    // Replaces the installation and the build, which the package test covers.
    writeProgram(programs, 'npm', `case $1 in ci) ;; *) exec '${npm}' --ignore-scripts "$@" ;; esac`);
    const ended = await runStep('npm-package', 'Pack', place, {
      PATH: [programs, dirname(execPath), '/usr/bin', '/bin'].join(':'),
      GITHUB_REPOSITORY: 'Owner/clair',
      NPM_PACKAGE: name,
    });
    expect(ended).toMatchObject({ status: 0 });
    const packed = join(place, 'release/clair-npm.tgz');
    const text = execFileSync('tar', ['-xzOf', packed, 'package/package.json'], { encoding: 'utf8' });
    const repository = { type: 'git', url: 'git+https://github.com/Owner/clair.git' };
    expect(JSON.parse(text)).toMatchObject({ ...expected, repository });
    expect('private' in JSON.parse(text)).toBe('private' in expected);
  });

  it('writes checksums of all files that `sha256sum --check` accepts', async () => {
    const place = mkdtempSync(join(folder, 'sums-'));
    mkdirSync(join(place, 'release'));
    for (const name of ['clair-linux-x64', 'clair-npm.tgz']) writeFileSync(join(place, 'release', name), name);
    expect(await runStep('release', 'Write', place, {})).toEqual({ status: 0, said: '' });
    const checked = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(place, 'release') });
    expect(String(checked)).toBe('clair-linux-x64: OK\nclair-npm.tgz: OK\n');
  });
});

/** Runs the script of the step whose name begins with a word, as GitHub's runner does. */
async function runStep(
  job: string,
  word: string,
  place: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly said: string }> {
  const step = jobs[job]?.steps.find(({ name }) => name?.startsWith(word));
  const script = join(mkdtempSync(join(folder, 'script-')), 'script.sh');
  writeFileSync(script, step?.run ?? 'exit 99');
  return await runScript('bash', script, place, { PATH: env['PATH'] ?? '', HOME: folder, ...environment });
}
