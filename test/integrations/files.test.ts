import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readJob } from '../fixtures/pipeline-runner.ts';
import type { ActionFile, WorkflowStep } from '../fixtures/workflow-runner.ts';

const ACTION = 'integrations/github/action.yml';
const WORKFLOW = 'integrations/github/workflow.yml';
const PUBLICATION = 'integrations/github/publish-database.yml';
const PIPELINE = 'integrations/gitlab/clair.gitlab-ci.yml';
const JUDGEMENT = fileURLToPath(new URL('../fixtures/workflow-judgement.ts', import.meta.url));
const PAGE = 'docs/how-to/gate-a-build.md';

const read = (path: string): string => readFileSync(path, 'utf8');
const scripts = readdirSync('integrations', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sh'))
  .map((name) => join('integrations', name));
const actionFile = parse(read(ACTION)) as ActionFile;
const workflow = parse(read(WORKFLOW)) as {
  readonly jobs: { readonly image: { readonly steps: readonly WorkflowStep[] } };
};
const publication = parse(read(PUBLICATION)) as {
  readonly jobs: { readonly database: { readonly steps: readonly WorkflowStep[] } };
};

describe('the GitHub files', () => {
  it('pass GitHub’s own parser, which rejects invalid files', () => {
    const files: readonly (readonly [string, string])[] = [
      ['action', read(ACTION)],
      ['workflow', read(WORKFLOW)],
      ['workflow', read(PUBLICATION)],
      ['action', read(ACTION).replace('using:', 'use:')],
      ['action', read(ACTION).replace('inputs.image', 'inputz.image')],
      ['workflow', read(WORKFLOW).replace('runs-on:', 'run-on:')],
      ['workflow', read(WORKFLOW).replace('runner.temp', 'runer.temp')],
    ];
    const input = files.map(([kind, content]) => `${JSON.stringify({ kind, content })}\n`).join('');
    const { stdout, stderr } = spawnSync(execPath, ['--import', 'tsx', JUDGEMENT], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    const [ofAction, ofWorkflow, ofPublication, ...others] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown[]);
    expect([ofAction, ofWorkflow, ofPublication]).toEqual([[], [], []]);
    expect(others.map(({ length }) => length > 0)).toEqual([true, true, true, true]);
  });

  it('insert no value into a script', () => {
    const steps = [...actionFile.runs.steps, ...workflow.jobs.image.steps, ...publication.jobs.database.steps];
    const runs = steps.flatMap(({ run }) => run ?? []);
    expect(runs.length).toBeGreaterThan(4);
    expect(runs.filter((run) => run.includes('${{'))).toEqual([]);
  });

  it('pass on all declared inputs, and on no other inputs', () => {
    const named = new Set([...read(ACTION).matchAll(/inputs\.([\w-]+)/g)].map(([, name = '']) => name));
    expect([...named].toSorted()).toEqual(Object.keys(actionFile.inputs).toSorted());
    const used = workflow.jobs.image.steps.find(({ uses }) => uses?.startsWith('./'));
    expect(Object.keys(used?.with ?? {}).filter((name) => !(name in actionFile.inputs))).toEqual([]);
  });
});

describe('the scripts', () => {
  it.each(scripts)('%s runs in any POSIX shell', (path) => {
    expect(read(path)).toMatch(/^#!\/bin\/sh\n# [^]*\nset -euf?\n/);
    const { status, stderr } = spawnSync('sh', ['-n', path], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('read exactly the variables of their header and the page', () => {
    for (const path of ['integrations/scan-image.sh', 'integrations/update-database.sh']) {
      const [head = '', body = ''] = read(path).split(/^set -eu/m);
      const taken = new Set([...body.matchAll(/\$\{(CLAIR_[A-Z_]+)/g)].map(([, name]) => name ?? ''));
      expect([...taken].filter((name) => !head.includes(`  ${name} `))).toEqual([]);
      expect([...taken].filter((name) => !read(PAGE).includes(`\`${name}\``))).toEqual([]);
    }
  });

  it('get their variables from the GitLab pipeline', () => {
    const known = scripts.map(read).join('\n');
    const { variables, artifacts } = readJob(PIPELINE);
    expect(Object.keys(variables).filter((name) => !known.includes(name) && name !== 'CLAIR_UPDATER_CACHE')).toEqual(
      [],
    );
    // A job that fails because of findings keeps its report.
    expect(artifacts.when).toBe('always');
    for (const path of Object.values(artifacts.reports))
      expect(read('integrations/scan-image.sh')).toContain(path.split('/')[1]);
  });
});

describe('the page', () => {
  it('lists every input of the action with its default', () => {
    const rows = [...read(PAGE).matchAll(/^\| `([\w-]+)` +\| `CLAIR_\w+` +\| (.*?) +\|/gm)];
    const told = rows.map(([, name = '', value = '']) => [name, /^`(.*)`$/.exec(value)?.[1] ?? '']);
    const inputs = Object.entries(actionFile.inputs).map(([name, { default: value = '' }]) => [name, value]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(inputs.filter(([name]) => name !== 'cache')));
  });
});

describe('the publication of a database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-publication-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the step that pulls, with a program in place of Node. Returns the arguments of Clair. */
  function pullArguments(key: string): readonly string[] {
    const step = publication.jobs.database.steps.find(({ name }) => name === 'Pull the published database');
    const program = join(folder, 'node');
    writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const variables = {
      PATH: `${folder}:${env['PATH']}`,
      KEY: key,
      REGISTRY: 'registry.test',
      GITHUB_REPOSITORY: 'Org/App',
      RUNNER_TEMP: folder,
    };
    const options = { env: variables, encoding: 'utf8' } as const;
    return execFileSync('bash', ['-e', '-c', step?.run ?? 'false'], options)
      .trim()
      .split('\n');
  }

  it('pulls only data that is signed with its key, because the data is signed again', () => {
    const pull = ['dist/main.js', 'db', 'pull', 'registry.test/org/app/clair-db:1'];
    expect(pullArguments('')).toEqual(pull);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const [path = '', ...rest] = pullArguments(
      String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ).toReversed();
    expect(rest.toReversed()).toEqual([...pull, '--key']);
    expect(readFileSync(path, 'utf8')).toBe(publicKey.export({ type: 'spki', format: 'pem' }));
  });
});
