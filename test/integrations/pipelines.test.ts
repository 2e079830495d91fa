import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { commitClair, commitIntegrations, writeNpm, writeProgram } from '../fixtures/clair-checkout.ts';
import { buildDemoLayers } from '../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../src/worker/testing/image-builder.ts';
import { gitlabRules } from '../../src/report/testing/gitlab-rules.ts';
import { readJob, runJob } from '../fixtures/pipeline-runner.ts';
import { type RegistryServer, startRegistryServer } from '../../src/worker/testing/registry-server.ts';
import {
  type JobRun,
  runAction,
  type RunnerOptions,
  runScript,
  runSteps,
  type WorkflowStep,
} from '../fixtures/workflow-runner.ts';

/**
 * Runs the commands of the files in integrations/ in empty folders, as GitHub and GitLab runners do. The test replaces
 * third-party actions (`uses:` of actions/… and github/…), which need GitHub.
 */
// Each test starts Clair several times, as a job does.
vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), 'clair-pipelines-'));
const inFolder = (name: string): string => join(folder, name);
const programs = inFolder('programs');
const PROGRAM = inFolder('clair/dist/main.js');
const archive = (name: string): string => inFolder(`${name}.tar`);

let registry: RegistryServer;
let commit: string;
/** A commit with only the scripts. */
let scripts: string;
/** The first run of the action, which builds Clair and imports the feeds; the other runs use its cache. */
let first: JobRun;

/** A High finding in openssl that an upgrade fixes, and a vulnerability in zlib without a fix. */
const FEED = {
  openssl: {
    'CVE-2099-0001': {
      releases: { bookworm: { status: 'resolved', fixed_version: '3.0.13-1~deb12u1', urgency: 'high' } },
    },
  },
  zlib: { 'CVE-2099-0007': { releases: { bookworm: { status: 'open', urgency: 'high' } } } },
};

function environmentOf(temp: string, feed: string): Record<string, string> {
  const addresses = Object.fromEntries(['nvd', 'epss', 'kev'].map((name) => [name, `file://${inFolder('none')}`]));
  return {
    PATH: `${programs}:${dirname(execPath)}:${env['PATH']}`,
    HOME: temp,
    CLAIR_UPDATER_ADDRESSES: JSON.stringify({ debian: `file://${inFolder(feed)}`, ...addresses }),
  };
}

const CACHE: RunnerOptions['standIns'] = {
  'actions/cache/restore@v5': ({ path = '' }) => {
    const hit = existsSync(inFolder('cache'));
    if (hit) cpSync(inFolder('cache'), path, { recursive: true });
    return { 'cache-hit': String(hit) };
  },
  'actions/cache/save@v5': ({ path = '' }) => {
    cpSync(path, inFolder('cache'), { recursive: true });
    return {};
  },
};
const NO_CACHE: RunnerOptions['standIns'] = {
  'actions/cache/restore@v5': () => ({ 'cache-hit': 'false' }),
  'actions/cache/save@v5': () => ({}),
};

function jobOptions({ feed = 'feed.json', standIns = CACHE, variables = {}, contexts = {} } = {}): RunnerOptions {
  const workspace = mkdtempSync(inFolder('workspace-'));
  const temp = mkdtempSync(inFolder('temp-'));
  return { workspace, temp, environment: { ...environmentOf(temp, feed), ...variables }, contexts, standIns };
}

async function scanned(settings: Readonly<Record<string, string>>, options = jobOptions()): Promise<JobRun> {
  const all = { feeds: '[debian]', program: PROGRAM, ...settings };
  return await runAction(inFolder('clair/integrations/github'), all, options);
}

beforeAll(async () => {
  commit = commitClair(inFolder('clair'));
  scripts = commitIntegrations(inFolder('clair'));
  writeNpm(programs);
  writeProgram(
    programs,
    'docker',
    'echo "docker $*"\ncase $1 in save) cp "$IMAGE" "$3" ;; login) cat > /dev/null ;; esac',
  );
  const layers = await buildDemoLayers();
  const early = layers.slice(0, 2);
  writeFileSync(archive('early'), await buildDockerArchive(early, 'app:early'));
  writeFileSync(archive('late'), await buildDockerArchive(layers, 'app:late'));
  registry = await startRegistryServer();
  registry.image(layers, { tag: 'main' });
  registry.image(early, { tag: 'c0ffee' });
  writeFileSync(inFolder('feed.json'), JSON.stringify(FEED));
  writeFileSync(inFolder('broken.json'), JSON.stringify({ ...FEED, curl: { 'CVE-2099-0003': 'lost' } }));
  writeFileSync(inFolder('ignore.yaml'), '- {id: CVE-2099-0001, reason: accepted}\n');
  first = await scanned({ program: '', image: archive('late') });
}, 300_000);

afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the GitHub action', () => {
  it('builds Clair in a clean folder, and saves the database before the scan', () => {
    const { status, outputs, ran, summary } = first;
    expect({ status, outputs, ran }).toEqual({
      status: 0,
      outputs: { status: '0', reports: 'clair-reports' },
      ran: ['Get Clair', 'actions/cache/restore@v5', 'Update the database', 'actions/cache/save@v5', 'Scan'],
    });
    expect(existsSync(PROGRAM)).toBe(true);
    // The summary lists the finding, although the finding does not fail the job.
    expect(summary).toContain('CVE-2099-0007');
  });

  const HIGH = / 2 findings with a fix of severity high or higher: CVE-2099-0001 in /;
  const NEW = / 2 new findings with a fix of severity high or higher: CVE-2099-0001 in /;
  it.each<[string, Record<string, string>, number, RegExp]>([
    ['a High that an upgrade fixes', { image: 'early' }, 4, HIGH],
    ['a finding that an earlier image had too', { image: 'early', 'compare-with': 'early' }, 0, /^/],
    ['a finding that an image in a registry did not have', { image: 'early', 'compare-with': 'app:main' }, 4, NEW],
    ['a missing earlier image', { image: 'early', 'compare-with': 'app:none' }, 4, /counts as new\n[^]* 2 findings /],
    [
      'a High without a fix',
      { image: 'late', 'only-fixed': 'false' },
      4,
      / of severity high or higher: CVE-2099-0007 in zlib1g\n/,
    ],
    ['a suppressed finding', { image: 'early', ignore: inFolder('ignore.yaml') }, 0, /^/],
    ['no severe finding, and no KEV data', { image: 'early', 'fail-on': 'Critical kev' }, 3, /: --fail-on kev may /],
    ['no target', { image: 'early', 'fail-on': '' }, 0, /^/],
    ['a missing image', { image: 'none' }, 2, /no such file: .*\n.* \[image\/not-found\]/],
    [
      'one word for true',
      { image: 'late', 'only-fixed': 'yes' },
      2,
      /CLAIR_ONLY_FIXED must be true or false, not "yes"/,
    ],
    [
      'another word for true',
      { image: 'late', 'allow-eol': 'yes' },
      2,
      /CLAIR_ALLOW_EOL must be true or false, not "yes"/,
    ],
    [
      'a third word for true',
      { image: 'late', 'allow-no-distribution': 'yes' },
      2,
      /CLAIR_ALLOW_NO_DISTRIBUTION must be true or false, not "yes"/,
    ],
    ['a release out of support, allowed', { image: 'late', 'allow-eol': 'true' }, 0, /^/],
    ['an option as the image', { image: '--help' }, 2, /CLAIR_TARGET must be an image, not "--help"/],
    ['a command as the image', { image: '$(touch here)"; touch here; "' }, 2, /^/],
  ])('exits as expected with %s', async (_, { image = '', 'compare-with': earlier, ...settings }, status, said) => {
    const target = (name: string): string => {
      if (name.startsWith('app:')) return `registry:${registry.domain}/${name}`;
      return /^\w/.test(name) ? archive(name) : name;
    };
    const options = jobOptions();
    const compared = earlier === undefined ? {} : { 'compare-with': target(earlier) };
    const run = await scanned({ image: target(image), ...compared, ...settings }, options);
    expect({ status: run.status, told: run.outputs['status'] }).toEqual({ status, told: String(status) });
    expect(run.said).toMatch(said);
    expect(readdirSync(options.workspace)).not.toContain('here');
    // Existing reports are from this run.
    const written = existsSync(join(options.workspace, 'clair-reports/summary.md'));
    expect(written).toBe(status !== 2);
  });

  it.each([
    ['late', 'false', 3],
    ['late', 'true', 0],
    ['early', 'true', 4],
  ])('of %s with incomplete data, allowed: %s, exits with %d', async (image, allowed, status) => {
    const options = jobOptions({ feed: 'broken.json', standIns: NO_CACHE });
    const run = await scanned({ image: archive(image), 'allow-incomplete': allowed }, options);
    expect(run.status).toBe(status);
    expect(run.summary).toContain('INCOMPLETE');
  });

  it('continues without a failing feed, reports that, and does not save the database; without any data the scan is incomplete', async () => {
    const run = await scanned({ image: archive('late') }, jobOptions({ feed: 'gone.json', standIns: NO_CACHE }));
    expect(run.status).toBe(3);
    expect(run.ran).not.toContain('actions/cache/save@v5');
    expect(run.said).toMatch(/^::warning title=Clair::A feed could not be updated/m);
    expect(run.said).toContain('the report is incomplete, findings may be missing: see');
  });

  it('fails for an unknown feed', async () => {
    const options = jobOptions({ standIns: NO_CACHE });
    const run = await scanned({ image: archive('late'), feeds: '[debain]' }, options);
    expect(run).toMatchObject({ status: 2, outputs: { status: '' } });
    expect(run.said).toContain('[config/invalid]');
  });

  it('imports the data from a file without network requests', async () => {
    const options = jobOptions({ feed: 'gone.json', standIns: {} });
    const script = join(options.temp, 'export.sh');
    writeFileSync(script, `exec "${PROGRAM}" db export data --db "${inFolder('cache/clair.db')}"`);
    expect((await runScript('sh', script, options.workspace, options.environment)).status).toBe(0);
    const run = await scanned({ image: archive('early'), data: 'data' }, options);
    expect(run).toMatchObject({ status: 4, ran: ['Get Clair', 'Update the database', 'Scan'] });
  });
});

describe('the GitHub workflow', () => {
  const { env: variables, jobs } = parse(readFileSync('integrations/github/workflow.yml', 'utf8')) as {
    readonly env: Readonly<Record<string, string>>;
    readonly jobs: { readonly image: { readonly steps: readonly WorkflowStep[] } };
  };

  async function build(image: string, ref: string): Promise<JobRun> {
    const options = jobOptions({
      variables: {
        ...variables,
        REGISTRY: registry.domain,
        IMAGE: archive(image),
        GITHUB_REPOSITORY: 'Owner/App',
        GITHUB_SHA: 'c0ffee',
        GITHUB_ACTOR: 'jane',
      },
      contexts: {
        github: { ref, token: 'secret', event: {} },
        vars: { CLAIR_REPOSITORY: 'owner/clair', CLAIR_REF: commit },
      },
    });
    return await runSteps(jobs.image.steps, {
      ...options,
      contexts: { ...options.contexts, runner: { temp: options.temp } },
      standIns: {
        ...NO_CACHE,
        'actions/checkout@v5': ({ path }) => {
          if (path !== undefined) symlinkSync(inFolder('clair'), join(options.workspace, path));
          return {};
        },
        'actions/upload-artifact@v6': () => ({}),
        'github/codeql-action/upload-sarif@v4': () => ({}),
      },
    });
  }

  it('fails for an image with a new High that an upgrade fixes, pushes nothing and keeps the reports', async () => {
    const run = await build('early', 'refs/heads/main');
    expect(run.status).toBe(4);
    expect(run.said).toMatch(/ 2 new findings with a fix of severity high or higher/);
    expect(run.ran).toEqual(
      expect.arrayContaining(['github/codeql-action/upload-sarif@v4', 'actions/upload-artifact@v6']),
    );
    expect(run.ran).not.toContain('Push the image');
    expect(run.said).not.toMatch(/docker push|secret/);
    expect(run.summary).toContain('Findings added: 2');
  });

  it.each([
    ['refs/heads/main', ['docker push']],
    ['refs/pull/1/merge', []],
  ])('passes an image without new findings, and pushes it from the default branch alone: %s', async (ref, pushed) => {
    const run = await build('late', ref);
    expect(run.status).toBe(0);
    expect(run.said.match(/^docker push/gm) ?? []).toEqual(pushed);
    expect(run.said).toContain(`docker build --tag ${registry.domain}/owner/app:c0ffee .`);
  });
});

describe('the GitLab job', () => {
  const job = readJob('integrations/gitlab/clair.gitlab-ci.yml');

  async function pipeline(
    variables: Readonly<Record<string, string>>,
  ): Promise<Awaited<ReturnType<typeof runJob>> & { readonly project: string }> {
    const project = mkdtempSync(inFolder('project-'));
    const temp = mkdtempSync(inFolder('temp-'));
    const predefined = {
      ...environmentOf(temp, 'feed.json'),
      TMPDIR: temp,
      CI_PROJECT_DIR: project,
      CI_REGISTRY: registry.domain,
      CI_REGISTRY_IMAGE: `${registry.domain}/owner/app`,
      CI_REGISTRY_USER: 'job',
      CI_REGISTRY_PASSWORD: 'pass:word',
      CI_COMMIT_SHA: 'c0ffee',
      CI_DEFAULT_BRANCH: 'main',
      CLAIR_REPOSITORY: `file://${inFolder('clair')}`,
      CLAIR_REF: scripts,
      CLAIR_UPDATER_FEEDS: '[debian]',
      ...variables,
    };
    return { ...(await runJob(job, predefined, temp)), project };
  }

  it('fails for an image with a new High that an upgrade fixes, with reports for GitLab', async () => {
    const run = await pipeline({ CLAIR_PROGRAM: PROGRAM });
    expect(run).toMatchObject({ status: 4, reports: ['junit', 'cyclonedx', 'container_scanning'] });
    expect(run.said).toMatch(/ 2 new findings with a fix of severity high or higher/);
    // The cache is below the project, and the credentials are not.
    expect(readdirSync(run.project).toSorted()).toEqual(['.clair', 'clair-reports']);
    expect(job.cache.paths).toEqual(['.clair/']);
  });

  it('passes an image without a new High, and reads the registry with the job token', async () => {
    const authorization = `Basic ${Buffer.from('job:pass:word').toString('base64')}`;
    registry.intercept = (request, response) => {
      if (request.headers.authorization === authorization) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end();
      return true;
    };
    try {
      const run = await pipeline({ CLAIR_PROGRAM: PROGRAM, CI_COMMIT_SHA: 'main' });
      expect(run).toMatchObject({ status: 0, reports: ['junit', 'cyclonedx', 'container_scanning'] });
    } finally {
      registry.intercept = () => false;
    }
  });

  it('reads the variables of the container scanning of GitLab', async () => {
    const logins: (string | undefined)[] = [];
    registry.intercept = ({ headers: { authorization } }, response) => {
      if (authorization !== undefined) logins.push(authorization);
      if (authorization !== undefined) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end();
      return true;
    };
    try {
      const run = await pipeline({
        CLAIR_PROGRAM: PROGRAM,
        CLAIR_COMPARE_WITH: '',
        CLAIR_FAIL_ON: '',
        CS_IMAGE: `${registry.domain}/owner/app:main`,
        CS_REGISTRY_USER: 'reader',
        CS_REGISTRY_PASSWORD: 'key',
        CS_SEVERITY_THRESHOLD: 'CRITICAL',
        CS_DEFAULT_BRANCH_IMAGE: `${registry.domain}/owner/app:stable`,
      });
      expect(run).toMatchObject({ status: 0, reports: ['junit', 'cyclonedx', 'container_scanning'] });
      expect(new Set(logins)).toEqual(new Set([`Basic ${Buffer.from('reader:key').toString('base64')}`]));
      const textOf = (name: string): string => readFileSync(join(run.project, 'clair-reports', name), 'utf8');
      expect(gitlabRules()(textOf('gl-container-scanning-report.json'))).toEqual([]);
      const { scan, vulnerabilities } = JSON.parse(textOf('gl-container-scanning-report.json'));
      expect(vulnerabilities).toEqual([]);
      expect(scan.messages.map(({ value }: { value: string }) => value).join('\n')).toContain('findings-hidden: ');
    } finally {
      registry.intercept = () => false;
    }
  });

  it('names the image and the image of the default branch in the container scanning report', async () => {
    const run = await pipeline({ CLAIR_PROGRAM: PROGRAM, CS_DEFAULT_BRANCH_IMAGE: 'app:stable' });
    const text = readFileSync(join(run.project, 'clair-reports', 'gl-container-scanning-report.json'), 'utf8');
    expect(gitlabRules()(text)).toEqual([]);
    expect(JSON.parse(text).vulnerabilities[0].location).toMatchObject({
      image: `${registry.domain}/owner/app:c0ffee`,
      default_branch_image: 'app:stable',
    });
  });

  it('rejects an unknown severity threshold', async () => {
    const run = await pipeline({ CLAIR_PROGRAM: PROGRAM, CS_SEVERITY_THRESHOLD: 'severe' });
    expect(run).toMatchObject({ status: 2, reports: [] });
    expect(run.said).toContain('CS_SEVERITY_THRESHOLD must be UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL, not "severe"');
  });

  it.each([
    ['a repository', { CLAIR_REPOSITORY: '' }, /CLAIR_REPOSITORY: must be the address of a git repository with Clair/],
    ['a commit of it', { CLAIR_REF: 'nothing' }, /fatal: /],
  ])('reports a missing %s', async (_, variables, said) => {
    const run = await pipeline(variables);
    expect(run.status).not.toBe(0);
    expect(run.said).toMatch(said);
  });
});
