import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleCode, LOADED_AFTER, type ProgramCode } from '../scripts/package/program-code.ts';
import { NATIVE_LIBRARIES } from '../src/threads/bundle-scope.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let inputs: ProgramCode['metafile']['inputs'];
let outputs: ProgramCode['metafile']['outputs'];

beforeAll(async () => {
  const { metafile } = await bundleCode(ROOT, `${ROOT}dist`, { external: [...NATIVE_LIBRARIES] });
  ({ inputs, outputs } = metafile);
});

describe('the files of the program that `clair scan --help` loads', () => {
  const start = ['src/cli/main.ts', 'src/cli/commands/scan.ts'];

  it('contain the options', () => {
    expect(modulesOf(start)).toEqual(expect.arrayContaining(['src/cli/image-options.ts', 'commander']));
  });

  it.each([
    'typebox',
    'yaml',
    'src/compose',
    'src/database/queries',
    'src/worker/detectors',
    'src/updater/fetchers/index.ts',
  ])('do not contain %s', (name) => {
    expect(modulesOf(start).filter((module) => isBelow(module, name))).toEqual([]);
  });
});

describe('the files of the program that a scan of a local image without a configuration loads', () => {
  const start = [
    'src/cli/main.ts',
    'src/cli/commands/scan.ts',
    'src/cli/image-scan.ts',
    'src/cli/options/config-discovery.ts',
    'src/report/json.ts',
  ];

  it('contain the analysis', () => {
    expect(modulesOf(start)).toEqual(
      expect.arrayContaining(['src/worker/worker.ts', 'src/database/open-store.ts', 'src/report/json.ts']),
    );
  });

  it('are few, because each file takes time to find and to link', () => {
    expect(filesOf(start).length).toBeLessThan(32);
  });

  it.each([
    'fastify',
    'packageurl-js',
    'piscina',
    'prom-client',
    'saxes',
    'tar-stream',
    'typebox',
    'yaml',
    'src/bytes/http/client.ts',
    'src/compose/attestations',
    'src/compose/temporary-analysis.ts',
    'src/config/schema.ts',
    'src/report/html.ts',
    'src/report/table.ts',
    'src/updater/fetchers/index.ts',
    'src/updater/formats',
    'src/worker/detectors/index.ts',
    'src/worker/detectors/libraries',
    'src/worker/layer-recorder.ts',
    'src/worker/layer/layer-reader.ts',
    'src/worker/sources/registry/registry.ts',
  ])('do not contain %s', (name) => {
    expect(modulesOf(start).filter((module) => isBelow(module, name))).toEqual([]);
  });
});

// The executable contains the libraries that esbuild finds, and has no folder `node_modules`.
it('no module of the program loads libraries with createRequire, because esbuild does not bundle them', () => {
  const modules = Object.keys(inputs).filter((path) => path.startsWith('src/'));
  expect(modules).toContain('src/worker/detectors/packages/rpm/read-sqlite.ts');
  expect(modules.filter((path) => readFileSync(join(ROOT, path), 'utf8').includes('createRequire'))).toEqual([]);
});

// The bundle makes modules import the module that they are loaded after, so that only the built program would have an
// import cycle.
it.each(Object.entries(LOADED_AFTER))(
  '%s does not load the modules that the bundle loads after it',
  (first, modules) => {
    const loaded = modulesWith(first);
    expect(loaded.length).toBeGreaterThan(10);
    expect(modules.filter((module) => loaded.includes(module))).toEqual([]);
  },
);

/** Returns a module, and the modules that its import statements load. */
function modulesWith(module: string): readonly string[] {
  const loaded = new Set([module]);
  // The loop also reaches the modules that it adds.
  for (const each of loaded) {
    for (const { kind, path } of inputs[each]?.imports ?? []) if (kind !== 'dynamic-import') loaded.add(path);
  }
  return [...loaded];
}

/**
 * Returns the modules in the files that load with the files of the entry points. Modules of libraries have the names of
 * their packages.
 */
function modulesOf(entryPoints: readonly string[]): readonly string[] {
  const names = filesOf(entryPoints).flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  return [...new Set(names.map((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? name))];
}

/** Returns the files of the entry points, and the files that load with them. */
function filesOf(entryPoints: readonly string[]): readonly string[] {
  const loaded = new Set<string>();
  const waiting = entryPoints.map((entryPoint) => {
    const [path] = Object.entries(outputs).find(([, output]) => output.entryPoint === entryPoint) ?? [];
    if (path === undefined) throw new Error(`${entryPoint} has no file`);
    return path;
  });
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const output = outputs[path];
    if (output === undefined || loaded.has(path)) continue;
    loaded.add(path);
    waiting.push(...output.imports.filter(({ kind }) => kind === 'import-statement').map((each) => each.path));
  }
  return [...loaded];
}

function isBelow(module: string, name: string): boolean {
  return module === name || module.startsWith(`${name}/`);
}
