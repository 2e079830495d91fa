/**
 * Determines the order of versions with golang.org/x/mod/semver and the package go/version of the installed Go: `npx
 * tsx scripts/version-oracles/golang.ts [FEED …]`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { golang } from '../../src/versions/golang.ts';
import {
  MODULE_PIECES,
  moduleVersions,
  TOOLCHAIN_PIECES,
  toolchainVersions,
} from '../../src/versions/testing/golang-rule.ts';
import { type Oracle, type Pair, refreshAnswers } from './oracle-answers.ts';

/** Reads pairs separated by tabs and prints -1, 0 or 1 for each pair, or `invalid` if a version is invalid. */
const PROGRAM = `package main

import (
	"bufio"
	"fmt"
	"go/version"
	"oracle/semver"
	"os"
	"strings"
)

func main() {
	compare, isValid := version.Compare, version.IsValid
	if os.Args[1] == "module" {
		compare, isValid = semver.Compare, semver.IsValid
	}
	lines, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		a, b, _ := strings.Cut(lines.Text(), "\\t")
		if isValid(a) && isValid(b) {
			fmt.Fprintln(out, compare(a, b))
		} else {
			fmt.Fprintln(out, "invalid")
		}
	}
}
`;

const folder = mkdtempSync(join(tmpdir(), 'clair-golang-'));
try {
  const goRoot = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  const goVersion = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
  cpSync(join(goRoot, 'src/cmd/vendor/golang.org/x/mod/semver'), join(folder, 'semver'), {
    recursive: true,
    dereference: true,
  });
  writeFileSync(join(folder, 'go.mod'), 'module oracle\n\ngo 1.22\n');
  writeFileSync(join(folder, 'main.go'), PROGRAM);
  execFileSync('go', ['build', '-o', 'oracle', '.'], { cwd: folder, stdio: 'inherit' });

  const answers = (kind: string, pairs: readonly Pair[]): (number | undefined)[] => {
    const input = pairs.map((pair) => `${pair.join('\t')}\n`).join('');
    const printed = execFileSync(join(folder, 'oracle'), [kind], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
    return printed
      .split('\n')
      .slice(0, -1)
      .map((line) => (line === 'invalid' ? undefined : Number(line)));
  };
  const modules: Oracle = {
    scheme: golang,
    file: 'golang-modules-order.txt',
    comment: `The order of golang.org/x/mod/semver in ${goVersion}; see scripts/version-oracles/golang.ts`,
    compare: async (pairs) =>
      answers(
        'module',
        pairs.map(([a, b]): Pair => [withMark(a), withMark(b)]),
      ),
    randomVersions: moduleVersions(),
    pieces: MODULE_PIECES,
  };
  const toolchains: Oracle = {
    scheme: golang,
    file: 'golang-toolchains-order.txt',
    comment: `The order of the package go/version of ${goVersion}; see scripts/version-oracles/golang.ts`,
    compare: async (pairs) => answers('toolchain', pairs),
    randomVersions: toolchainVersions(),
    pieces: TOOLCHAIN_PIECES,
    // The bounds of stdlib, and bounds of modules that look like toolchain versions.
    isRelevant: (version) => /^[12]\.\d+\.\d+(-rc\.\d+|-beta\.\d+)?$/.test(version),
    rewritten: (version) => `go${version.replace(/^(\d+\.\d+)\.0-(\w+)\.(\d+)$/, '$1$2$3')}`,
    isExcepted: (version) => isLanguageVersion(version) || /^go[^ -]*-(?:devel|pre\d)/.test(version),
  };
  await refreshAnswers(modules);
  await refreshAnswers(toolchains);
} finally {
  rmSync(folder, { recursive: true });
}

/** Versions of modules in advisories have no `v`, which golang.org/x/mod/semver requires. */
function withMark(version: string): string {
  return /^\d/.test(version) ? `v${version}` : version;
}

/** Returns whether go/version ranks a version, such as `go1.21`, before the release candidates of its first release. */
function isLanguageVersion(version: string): boolean {
  const [, minor] = /^go\d+\.(\d+)(?:-|$)/.exec(version) ?? [];
  return minor !== undefined && Number(minor) >= 21;
}
