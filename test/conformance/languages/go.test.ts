/** Builds Go programs without a network, and compares their modules with `go version -m`. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { goPrograms } from '../../../src/worker/detectors/libraries/golang/detector.ts';
import { runsWith } from '../../fixtures/run-count.ts';
import { works } from '../program.ts';

const HAS_GO = works('go', ['version']);
if (!HAS_GO) console.warn('go: SKIPPED the Go programs, missing the program go (Debian package golang-go)');

const SOURCES: Readonly<Record<string, string>> = {
  'main.go': `package main

import (
	"example.org/alpha"
	"example.org/delta"
	"example.org/gamma/v2"
)

var version = "none"

func main() { println(version, alpha.Name, delta.Name, gamma.Name) }
`,
  'go.mod': `module example.com/app

go 1.18

require (
	example.org/alpha v1.2.3
	example.org/delta v0.2.0
	example.org/gamma/v2 v2.1.0
)

replace example.org/gamma/v2 => example.net/fork/v2 v2.1.1-rc.1

replace example.org/delta => ./delta
`,
  'delta/go.mod': 'module example.org/delta\n',
  'vendor/modules.txt': `# example.org/alpha v1.2.3
## explicit
example.org/alpha
# example.org/delta v0.2.0 => ./delta
## explicit
example.org/delta
# example.org/gamma/v2 v2.1.0 => example.net/fork/v2 v2.1.1-rc.1
## explicit
example.org/gamma/v2
# example.org/gamma/v2 => example.net/fork/v2 v2.1.1-rc.1
# example.org/delta => ./delta
`,
  'vendor/example.org/alpha/alpha.go': 'package alpha\n\nconst Name = "alpha"\n',
  'vendor/example.org/delta/delta.go': 'package delta\n\nconst Name = "delta"\n',
  'vendor/example.org/gamma/v2/gamma.go': 'package gamma\n\nconst Name = "gamma"\n',
};

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'clair-go-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Build = {
  readonly folder: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
};

function writeModule(name: string, files: Readonly<Record<string, string>> = SOURCES): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

async function go(args: readonly string[], { folder: cwd, settings = {} }: Build): Promise<string> {
  const offline = { CGO_ENABLED: '0', GO111MODULE: 'on', GOFLAGS: '-mod=vendor', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const { stdout } = await run('go', args, { cwd, env: { ...env, ...offline, ...settings } });
  return stdout;
}

/** Builds a program; returns its modules as the detector and as `go version -m` list them, and the diagnostics. */
async function built(build: Build) {
  const program = join(build.folder, 'built');
  await go(['build', '-o', program, ...(build.options ?? [])], build);
  const modules = await go(['version', '-m', program], build);
  return { ...read(program), listed: listedModules(modules) };
}

function read(program: string) {
  const { features = [], diagnostics } = goPrograms.read('usr/bin/app', readFileSync(program));
  return {
    found: features.map(({ feature }) => `${feature.name} ${feature.version}`),
    messages: diagnostics.map(({ message }) => message),
  };
}

/** Reads the lines `mod PATH VERSION`, `dep PATH VERSION`, `=> PATH VERSION`, and the Go version of the first line. */
function listedModules(text: string): readonly string[] {
  const [first = '', ...lines] = text.split('\n');
  const modules: string[] = [];
  for (const [word, path = '', version = ''] of lines.map((line) => line.trim().split('\t'))) {
    const written = version === '(devel)' ? '' : version;
    if (word === 'mod' || word === 'dep') modules.push(`${path} ${written}`);
    const replaced = modules.at(-1)?.split(' ')[0] ?? '';
    if (word === '=>') modules.splice(-1, 1, path.startsWith('.') ? `${replaced} ` : `${path} ${written}`);
  }
  return [...modules, `stdlib ${first.split(': go')[1] ?? ''}`];
}

const DEPENDENCIES = ['example.org/alpha v1.2.3', 'example.org/delta ', 'example.net/fork/v2 v2.1.1-rc.1'];

/** The first build for a different processor compiles the runtime. */
const SOME = [
  { GOOS: 'windows', GOARCH: 'amd64' },
  { GOOS: 'darwin', GOARCH: 'arm64' },
  { GOOS: 'linux', GOARCH: 's390x' },
];
const ALL = [
  ...SOME,
  { GOOS: 'linux', GOARCH: 'arm64' },
  { GOOS: 'linux', GOARCH: '386' },
  { GOOS: 'linux', GOARCH: 'mips' },
  { GOOS: 'windows', GOARCH: '386' },
  { GOOS: 'darwin', GOARCH: 'amd64' },
];

describe.skipIf(!HAS_GO)('the modules of a program', () => {
  it('equal the list of `go version -m`, with the version that the linker writes', async () => {
    const options = ['-ldflags', '-s -w -X main.version=1.2.3'];
    const { found, listed, messages } = await built({ folder: writeModule('flags'), options });
    expect(messages).toEqual([]);
    expect(found.slice(0, -1)).toEqual(['example.com/app v1.2.3', ...DEPENDENCIES]);
    expect(found.slice(1)).toEqual(listed.slice(1));
  }, 120_000);

  it('have the version of the tag of their repository', async () => {
    const repository = writeModule('tagged');
    const git = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
      [...git, 'commit', '-qm', 'x'],
      ['tag', 'v1.5.35'],
    ]) {
      await run('git', args, { cwd: repository });
    }
    const build = { folder: repository, options: ['-buildvcs=true'] };
    const { found, listed } = await built(build);
    expect(found).toEqual(listed);
    writeFileSync(join(repository, 'delta/go.mod'), 'module example.org/delta\n\ngo 1.18\n');
    const dirty = await built(build);
    expect(dirty.found).toEqual(dirty.listed);
    // Releases before 1.24 write no version.
    const hasTags = Number(/stdlib 1\.(\d+)/.exec(listed.at(-1) ?? '')?.[1]) >= 24;
    const versions = hasTags ? ['v1.5.35', 'v1.5.35+dirty'] : ['', ''];
    expect([found[0], dirty.found[0]]).toEqual(versions.map((version) => `example.com/app ${version}`));
  });

  it.each(runsWith(ALL, SOME))(
    'are found in a program for $GOOS on $GOARCH',
    async (settings) => {
      const name = `${settings.GOOS}-${settings.GOARCH}`;
      const { found, listed, messages } = await built({ folder: writeModule(name), settings });
      expect(messages).toEqual([]);
      expect(found).toEqual(listed);
      expect(found.slice(0, -1)).toEqual(['example.com/app ', ...DEPENDENCIES]);
    },
    120_000,
  );

  it.each(runsWith(['pie', 'exe'], []))(
    'are found in build mode %s',
    async (mode) => {
      const options = [`-buildmode=${mode}`];
      const { found, listed } = await built({ folder: writeModule(mode), options });
      expect(found).toEqual(listed);
      expect(found).toHaveLength(5);
    },
    120_000,
  );

  it('are unknown when it was built without modules', async () => {
    const main = 'package main\n\nfunc main() { println("hello") }\n';
    const settings = { GO111MODULE: 'off', GOFLAGS: '' };
    const { found, listed, messages } = await built({ folder: writeModule('path', { 'main.go': main }), settings });
    expect(found).toEqual(listed);
    expect(messages).toEqual(['the libraries in "usr/bin/app" are unknown: the Go program has no list of modules']);
  });

  it('are read from a program built with Go 1.17, which stores the addresses of the texts', async () => {
    const root = (await go(['env', 'GOROOT'], { folder })).trim();
    const encoded = readFileSync(join(root, 'src/debug/buildinfo/testdata/go117/go117.base64'), 'latin1');
    const program = join(folder, 'go117');
    writeFileSync(program, Buffer.from(encoded, 'base64'));
    expect(read(program)).toEqual({ found: ['example.com/go117 ', 'stdlib 1.17'], messages: [] });
  });

  it('of the go command are the standard library and the toolchain', async () => {
    const root = (await go(['env', 'GOROOT'], { folder })).trim();
    const version = (await go(['env', 'GOVERSION'], { folder })).trim().replace('go', '');
    expect(read(join(root, 'bin/go'))).toEqual({ found: [`stdlib ${version}`, `toolchain ${version}`], messages: [] });
  });
});

describe.skipIf(!works('skopeo', ['--version']))("Debian's skopeo", () => {
  it('has no list of modules', () => {
    const { found, messages } = read('/usr/bin/skopeo');
    expect(found).toEqual([expect.stringMatching(/^stdlib 1\.\d+/)]);
    expect(messages).toEqual(['the libraries in "usr/bin/app" are unknown: the Go program has no list of modules']);
  });
});
