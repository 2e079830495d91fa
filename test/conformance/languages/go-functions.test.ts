/** Builds Go programs without a network, and compares their functions with the functions that `go tool nm` lists. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { programFunctions } from '../../../src/model/programs/program-functions.ts';
import type { ProgramFunctions } from '../../../src/model/reachability.ts';
import { goPrograms } from '../../../src/worker/detectors/libraries/golang/detector.ts';
import { functionName } from '../../../src/worker/detectors/libraries/golang/functions/function-name.ts';
import { runsWith } from '../../fixtures/run-count.ts';
import { works } from '../program.ts';

const HAS_GO = works('go', ['version']);
if (!HAS_GO)
  console.warn('go: SKIPPED the functions of Go programs, missing the program go (Debian package golang-go)');

const SOURCES: Readonly<Record<string, string>> = {
  'main.go': `package main

import (
	"os"

	"example.org/alpha"
	"example.org/beta"
	"gopkg.in/dotted.v3"
	"example.org/fork/sub"
	"example.org/generic"
)

func main() {
	println(alpha.Called(len(os.Args)), alpha.Inlined(len(os.Args)), beta.Kept(len(os.Args)), beta.Size)
	var server alpha.Server
	server.Serve()
	println(dotted.Parse(len(os.Args)), sub.Fixed(len(os.Args)), generic.Largest([]int{len(os.Args), 2}))
	println(alpha.Check()(len(os.Args)))
}
`,
  'go.mod': `module example.com/app

go 1.18

require (
	example.org/alpha v1.2.3
	example.org/beta v1.0.0
	example.org/constants v1.0.0
	gopkg.in/dotted.v3 v3.0.0
	example.org/fork v1.0.0
	example.org/generic v1.0.0
)

replace example.org/fork => example.net/fork v1.0.1
`,
  'constants.go': `package main

import "example.org/constants"

const _ = constants.Name
`,
  'vendor/modules.txt': `# example.org/alpha v1.2.3
## explicit
example.org/alpha
# example.org/beta v1.0.0
## explicit
example.org/beta
# example.org/constants v1.0.0
## explicit
example.org/constants
# gopkg.in/dotted.v3 v3.0.0
## explicit
gopkg.in/dotted.v3
# example.org/fork v1.0.0 => example.net/fork v1.0.1
## explicit
example.org/fork/sub
# example.org/generic v1.0.0
## explicit; go 1.18
example.org/generic
# example.org/fork => example.net/fork v1.0.1
`,
  'vendor/example.org/alpha/alpha.go': `package alpha

var calls int

func init() { calls = len("first") }

func init() { calls *= 2 }

//go:noinline
func Called(n int) int { return n + calls }

func Inlined(n int) int { return n * calls }

//go:noinline
func NotCalled(n int) int { return n - calls }

type Server struct{ n int }

//go:noinline
func (s *Server) Serve() { s.n = Called(s.n) }

//go:noinline
func (s *Server) Stop() { s.n = NotCalled(s.n) }

// Check leaves only its closure.
func Check() func(int) int {
	return func(n int) int { return Called(n) }
}
`,
  'vendor/example.org/beta/beta.go': `package beta

const Size = 7

//go:noinline
func Kept(n int) int { return n + 1 }

//go:noinline
func Vulnerable(n int) int { return n + 2 }
`,
  'vendor/example.org/constants/constants.go':
    'package constants\n\nconst Name = "x"\n\nfunc Vulnerable() int { return 1 }\n',
  'vendor/gopkg.in/dotted.v3/dotted.go': 'package dotted\n\n//go:noinline\nfunc Parse(n int) int { return n }\n',
  'vendor/example.org/fork/sub/sub.go': 'package sub\n\n//go:noinline\nfunc Fixed(n int) int { return n }\n',
  'vendor/example.org/generic/generic.go': `package generic

//go:noinline
func Largest[N int | string](all []N) N {
	largest := all[0]
	for _, each := range all {
		if each > largest {
			largest = each
		}
	}
	return largest
}
`,
};

/** The functions that the programs contain, some of them inlined, as `path symbol`. */
const LINKED = [
  'example.com/app main',
  'example.org/alpha Called',
  'example.org/alpha Inlined',
  'example.org/alpha Server.Serve',
  'example.org/alpha init#1',
  'example.org/alpha init#2',
  'example.org/alpha Check',
  'example.org/beta Kept',
  'gopkg.in/dotted.v3 Parse',
  'example.org/fork/sub Fixed',
  'example.net/fork/sub Fixed',
  'example.org/generic Largest',
  'runtime main',
];
const NOT_LINKED = [
  'example.org/alpha NotCalled',
  'example.org/alpha Server.Stop',
  'example.org/alpha init#3',
  'example.org/beta Vulnerable',
  'example.org/constants Vulnerable',
  'main main',
  'net/http Get',
];

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'clair-go-functions-'));
afterAll(() => rmSync(folder, { recursive: true }));

function writeModule(name: string, files: Readonly<Record<string, string>> = SOURCES): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

async function go(args: readonly string[], cwd: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const offline = { CGO_ENABLED: '0', GO111MODULE: 'on', GOFLAGS: '-mod=vendor', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const maxBuffer = 64 * 1024 * 1024;
  const { stdout } = await run('go', args, { cwd, env: { ...env, ...offline, ...settings }, maxBuffer });
  return stdout;
}

function read(program: string): ProgramFunctions {
  const [facts] = goPrograms.read('usr/bin/app', readFileSync(program)).programs ?? [];
  if (facts === undefined) throw new Error(`${program} has no build information`);
  const { functions, ...rest } = facts;
  return programFunctions({ ...rest, ...(functions && { functions: Buffer.from(functions, 'base64') }) });
}

function isLinked({ hasSymbol }: ProgramFunctions, pathAndSymbol: string): boolean {
  const [path = '', symbol = ''] = pathAndSymbol.split(' ');
  return hasSymbol(path, symbol);
}

/** Returns the functions in the symbol table, as `path symbol`, without closures and the bounds of the code. */
function listedFunctions(nm: string): readonly string[] {
  return nm.split('\n').flatMap((line) => {
    // Only the symbol table contains the calling convention of assembly functions.
    const [, name] = /^ *[0-9a-f]+ [Tt] (.*?)(?:\.abi0)?$/.exec(line) ?? [];
    const isBound = name === 'runtime.text' || name === 'runtime.etext';
    const found = name === undefined || isBound ? undefined : functionName(name);
    return found === undefined || found.isClosure ? [] : [`${found.path} ${found.symbol}`];
  });
}

type Build = {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
};

const SOME: readonly Build[] = [
  { name: 'with symbols' },
  { name: 'stripped', options: ['-ldflags', '-s -w'] },
  { name: 'position-independent', options: ['-buildmode=pie'] },
  { name: 'without inlining', options: ['-gcflags=all=-l', '-ldflags', '-s'], settings: {} },
  { name: 'linux arm64', settings: { GOOS: 'linux', GOARCH: 'arm64' } },
  { name: 'linux s390x', settings: { GOOS: 'linux', GOARCH: 's390x' }, options: ['-ldflags', '-s -w'] },
  { name: 'windows amd64', settings: { GOOS: 'windows', GOARCH: 'amd64' }, options: ['-ldflags', '-s -w'] },
  { name: 'darwin arm64', settings: { GOOS: 'darwin', GOARCH: 'arm64' } },
];
const MORE: readonly Build[] = [
  ['linux', '386'],
  ['linux', 'arm'],
  ['linux', 'mips'],
  ['linux', 'mips64le'],
  ['linux', 'ppc64le'],
  ['linux', 'riscv64'],
  ['windows', '386'],
  ['windows', 'arm64'],
  ['darwin', 'amd64'],
  ['freebsd', 'amd64'],
].map(([GOOS = '', GOARCH = '']) => ({ name: `${GOOS} ${GOARCH}`, settings: { GOOS, GOARCH } }));

describe.skipIf(!HAS_GO)('the functions of a program', () => {
  it.each(runsWith([...SOME, ...MORE], SOME))(
    'are the functions that the sources call: $name',
    async ({ name, settings = {}, options = [] }) => {
      const module = writeModule(name.replaceAll(' ', '-'));
      await go(['build', '-o', 'built', ...options], module, settings);
      const program = read(join(module, 'built'));
      expect(program.unknown).toBeUndefined();
      const target = { os: settings['GOOS'] ?? 'linux', arch: settings['GOARCH'] };
      expect(program).toMatchObject(target.arch === undefined ? { os: target.os } : target);
      expect(LINKED.filter((each) => !isLinked(program, each))).toEqual([]);
      expect(NOT_LINKED.filter((each) => isLinked(program, each))).toEqual([]);
      const modules = ['alpha', 'beta', 'constants', 'fork', 'generic'].map((each) => `example.org/${each}`);
      expect(modules.filter((each) => !program.hasModule(each))).toEqual(['example.org/constants']);
      expect(
        ['example.com/app', 'example.net/fork', 'gopkg.in/dotted.v3', 'stdlib'].filter(program.hasModule),
      ).toHaveLength(4);
    },
    120_000,
  );

  it('include all that `go tool nm` lists for a program with net/http', async () => {
    const module = writeModule('http', {
      'main.go': 'package main\n\nimport "net/http"\n\nfunc main() { println(http.ListenAndServe("", nil)) }\n',
      'go.mod': 'module example.com/http\n\ngo 1.18\n',
    });
    await go(['build', '-mod=mod', '-o', 'built'], module, {});
    await go(['build', '-mod=mod', '-ldflags', '-s -w', '-o', 'stripped'], module, {});
    const listed = listedFunctions(await go(['tool', 'nm', 'built'], module, {})).map((each) =>
      each.replace(/^main /, 'example.com/http '),
    );
    expect(listed.length).toBeGreaterThan(4000);
    for (const name of ['built', 'stripped']) {
      const program = read(join(module, name));
      expect(listed.filter((each) => !isLinked(program, each))).toEqual([]);
      expect(program.hasSymbol('net/http', 'Server.Serve')).toBe(true);
      expect(program.hasPackage('golang.org/x/net/http/httpguts')).toBe(false);
      expect(program.hasPackage('net/http/httputil')).toBe(false);
    }
  }, 120_000);

  it.skipIf(!works('gcc', ['--version']))(
    'are found with an external linker, which creates no section for the table',
    async () => {
      const module = writeModule('external');
      const options = ['-buildmode=pie', '-ldflags', '-s -w -linkmode=external'];
      await go(['build', '-o', 'built', ...options], module, { CGO_ENABLED: '1' });
      const program = read(join(module, 'built'));
      expect(LINKED.filter((each) => !isLinked(program, each))).toEqual([]);
      expect(NOT_LINKED.filter((each) => isLinked(program, each))).toEqual([]);
    },
    120_000,
  );

  it('are found when a folder of GOPATH has vendored packages', async () => {
    const path = writeModule('gopath/src/example.com/old', {
      'main.go': 'package main\n\nimport "example.org/y/z"\n\nfunc main() { println(z.F()) }\n',
      'vendor/example.org/y/z/z.go': 'package z\n\n//go:noinline\nfunc F() int { return 1 }\n',
    });
    await go(['build', '-o', 'built'], path, { GO111MODULE: 'off', GOFLAGS: '', GOPATH: join(folder, 'gopath') });
    const program = read(join(path, 'built'));
    expect([program.hasSymbol('example.org/y/z', 'F'), program.hasPackage('example.org/y')]).toEqual([true, false]);
  }, 120_000);

  it('are read from a program built with Go 1.17', async () => {
    const root = (await go(['env', 'GOROOT'], folder, {})).trim();
    const encoded = readFileSync(join(root, 'src/debug/buildinfo/testdata/go117/go117.base64'), 'latin1');
    writeFileSync(join(folder, 'go117'), Buffer.from(encoded, 'base64'));
    const program = read(join(folder, 'go117'));
    expect(program).toMatchObject({ os: 'linux', arch: 'amd64' });
    expect(program.hasSymbol('example.com/go117', 'main')).toBe(true);
    expect(program.hasSymbol('runtime', 'main')).toBe(true);
  });
});
