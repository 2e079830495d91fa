/**
 * Checks that the programs for the tests are installed: `npm run preflight [-- --deploy]`. `npm test` and `npm run
 * check:deploy` run this script first. If the system has apt, the script installs missing programs as root or with
 * CI=true; otherwise the script lists the missing programs and exits with status 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import process, { env } from 'node:process';
import { parseArgs } from 'node:util';
import { type Machine, preflight } from './preflight/missing-programs.ts';
import { DEPLOY_PROGRAMS, TEST_PROGRAMS } from './preflight/test-programs.ts';

const { values } = parseArgs({ options: { deploy: { type: 'boolean', default: false } } });
const programs = values.deploy ? [...TEST_PROGRAMS, ...DEPLOY_PROGRAMS] : TEST_PROGRAMS;

const machine: Machine = {
  succeeds: ([command, ...args]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0,
  isThere: existsSync,
  hasApt: spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0,
  isRoot: process.getuid?.() === 0,
  isCi: env['CI'] === 'true',
};

const outcome = preflight(programs, machine);
if (outcome.kind !== 'ready') {
  process.stderr.write(`${outcome.text}\n`);
  if (outcome.kind === 'install') installPackages(outcome.install);
  const after = outcome.kind === 'install' ? preflight(programs, machine) : outcome;
  if (after.kind !== 'ready') process.exitCode = 1;
  if (outcome.kind === 'install') process.stderr.write(after.kind === 'ready' ? 'Installed.\n' : `${after.text}\n`);
}

function installPackages(packages: readonly string[]): void {
  if (packages.some((name) => name.startsWith('postgresql-')) && machine.isRoot) {
    // Without `create_main_cluster = false`, the PostgreSQL package starts a server on port 5432.
    mkdirSync('/etc/postgresql-common', { recursive: true });
    writeFileSync('/etc/postgresql-common/createcluster.conf', 'create_main_cluster = false\n');
  }
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...packages);
}

function apt(...args: readonly string[]): void {
  const [command, ...before] = machine.isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  spawnSync(command ?? 'apt-get', [...before, ...args], {
    // Standard output is reserved for the tests that run next.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
