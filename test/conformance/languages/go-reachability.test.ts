/** Builds Go programs without a network, and judges their findings by the functions that advisories name. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import type { Explanation } from '../../../src/report/explanation/explanation.ts';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { works } from '../program.ts';

const HAS_GO = works('go', ['version']);
if (!HAS_GO)
  console.warn('go: SKIPPED the functions of Go programs, missing the program go (Debian package golang-go)');

const SOURCES: Readonly<Record<string, string>> = {
  'main.go': `package main

import (
	"example.org/alpha"
	"example.org/gamma"
)

func main() { println(alpha.Called(3), gamma.Called(4), alpha.Size) }
`,
  'go.mod': `module example.com/app

go 1.18

require (
	example.org/alpha v1.2.3
	example.org/gamma v1.0.0
)

replace example.org/gamma => example.net/fork v1.1.0
`,
  'vendor/modules.txt': `# example.org/alpha v1.2.3
## explicit
example.org/alpha
# example.org/gamma v1.0.0 => example.net/fork v1.1.0
## explicit
example.org/gamma
# example.org/gamma => example.net/fork v1.1.0
`,
  'vendor/example.org/alpha/alpha.go': `package alpha

const Size = 7

//go:noinline
func Called(n int) int { return n * Size }

//go:noinline
func NotCalled(n int) int { return n + Size }
`,
  'vendor/example.org/gamma/gamma.go': `package gamma

//go:noinline
func Called(n int) int { return n - 1 }
`,
};

function record(id: string, name: string, imports?: readonly object[], aliases: readonly string[] = []): object {
  return {
    id,
    modified: '2099-01-01T00:00:00Z',
    aliases,
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [
      {
        package: { ecosystem: 'Go', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
        ...(imports && { ecosystem_specific: { imports } }),
      },
    ],
  };
}

const ALPHA = 'example.org/alpha';
const RECORDS: Readonly<Record<string, object>> = {
  'GO-2099-0001': record('GO-2099-0001', ALPHA, [{ path: ALPHA, symbols: ['Called', 'NotCalled'] }]),
  'GO-2099-0002': record('GO-2099-0002', ALPHA, [{ path: ALPHA, symbols: ['NotCalled'] }], ['CVE-2099-0002']),
  'GHSA-2222-2222-2222': record('GHSA-2222-2222-2222', ALPHA, undefined, ['CVE-2099-0002']),
  'GO-2099-0003': record('GO-2099-0003', ALPHA, [{ path: `${ALPHA}/other` }]),
  'GO-2099-0004': record('GO-2099-0004', ALPHA),
  'GO-2099-0005': record('GO-2099-0005', ALPHA, [{ path: ALPHA, symbols: ['Called'], goos: ['windows'] }]),
  'GHSA-6666-6666-6666': record('GHSA-6666-6666-6666', ALPHA),
  'GO-2099-0007': record('GO-2099-0007', 'example.net/fork', [{ path: 'example.net/fork', symbols: ['Called'] }]),
};

const folder = mkdtempSync(join(tmpdir(), 'clair-go-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function build(path: string, options: readonly string[] = [], settings: Readonly<Record<string, string>> = {}): void {
  const offline = { CGO_ENABLED: '0', GO111MODULE: 'on', GOFLAGS: '-mod=vendor', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const cwd = join(folder, 'app');
  execFileSync('go', ['build', '-o', join(folder, path), ...options], {
    cwd,
    env: { ...env, ...offline, ...settings },
  });
}

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', join(folder, 'clair.db')]);
}

const target = (name: string): string => `rootfs:${join(folder, name)}`;

/** Scans a directory; returns the states of its findings, `ID STATE BASIS`. */
async function states(name: string, ...options: readonly string[]): Promise<readonly string[]> {
  const { findings } = await scanned(name, ...options);
  return findings.map((each) => [each.id, each.reachability, each.reachabilityBasis].join(' ')).toSorted();
}

async function scanned(name: string, ...options: readonly string[]): Promise<Report> {
  return JSON.parse((await clair('scan', target(name), '-f', 'json', ...options)).out) as Report;
}

const ALL_STATES = [
  'CVE-2099-0002 package-linked symbol',
  'GHSA-6666-6666-6666 unknown ',
  'GO-2099-0001 linked symbol',
  'GO-2099-0003 not-linked package',
  'GO-2099-0004 linked module',
  'GO-2099-0005 not-linked package',
  'GO-2099-0007 linked symbol',
];

describe.skipIf(!HAS_GO)('the functions of a Go program', () => {
  beforeAll(async () => {
    for (const [path, text] of Object.entries(SOURCES)) write(`app/${path}`, text);
    for (const [id, each] of Object.entries(RECORDS)) write(`osv/Go/${id}.json`, JSON.stringify(each));
    expect((await clair('update', '--feed', 'osv', '--from', join(folder, 'osv'))).status).toBe(0);
    build('plain/usr/bin/app');
  }, 240_000);

  it('determine the state of each finding', async () => {
    expect(await states('plain')).toEqual(ALL_STATES);
  }, 120_000);

  it('are read from a stripped program, too', async () => {
    build('stripped/usr/bin/app', ['-ldflags', '-s -w']);
    expect(await states('stripped')).toEqual(ALL_STATES);
  }, 120_000);

  it('are judged by the worst of several programs, and for the system of each', async () => {
    write('app/main.go', 'package main\n\nfunc main() { println(1) }\n');
    build('both/bin/without');
    write('app/main.go', SOURCES['main.go']!);
    build('both/bin/app.exe', [], { GOOS: 'windows', GOARCH: 'amd64' });
    expect(await states('both')).toEqual(
      ALL_STATES.map((each) => (each.startsWith('GO-2099-0005') ? 'GO-2099-0005 linked symbol' : each)),
    );
  }, 240_000);

  it('limit the findings that --reachable shows and evaluates, and the other findings are counted', async () => {
    const { findings, counts, diagnostics } = await scanned('plain', '--reachable');
    expect(findings.map(({ id }) => id).toSorted()).toEqual([
      'GHSA-6666-6666-6666',
      'GO-2099-0001',
      'GO-2099-0004',
      'GO-2099-0007',
    ]);
    expect(counts.findings).toBe(ALL_STATES.length);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: 'findings-hidden', message: expect.stringContaining('hides 3 findings') }),
    );
    const all = await clair('scan', target('plain'), '--fail-on', 'critical');
    expect(all).toMatchObject({ status: 4, err: expect.stringContaining(': 7 findings of severity critical') });
    expect(all.out).toContain('; 3 whose code is not in the binary');
    const reachable = await clair('scan', target('plain'), '--fail-on', 'critical', '--reachable');
    expect(reachable).toMatchObject({ status: 4, err: expect.stringContaining(': 4 findings of severity critical') });
  }, 120_000);

  it('are named by clair explain', async () => {
    const { out } = await clair('explain', 'GO-2099-0002', target('plain'));
    expect(out).toContain(
      'package-linked: The binary contains a vulnerable package, but none of the vulnerable functions. The advisory names alpha.NotCalled of example.org/alpha.',
    );
    const json = await clair('explain', 'GO-2099-0001', target('plain'), '--format', 'json');
    expect((JSON.parse(json.out) as Explanation).packages).toMatchObject([
      { reachability: 'linked', reachabilityReason: 'The binary contains alpha.Called of example.org/alpha.' },
    ]);
  }, 120_000);

  it('of the advisories are kept in exports of the database', async () => {
    const file = join(folder, 'export');
    expect((await clair('db', 'export', file)).status).toBe(0);
    const other = ['--db', join(folder, 'other.db')];
    expect((await runClair(['db', 'import', file, ...other])).status).toBe(0);
    const { out } = await runClair(['scan', target('plain'), '-f', 'json', ...other]);
    const { findings } = JSON.parse(out) as Report;
    expect(findings.map(({ reachability }) => reachability)).toContain('package-linked');
  }, 120_000);
});
