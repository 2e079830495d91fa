import { describe, expect, it } from 'vitest';
import { MAX_DEPS_BYTES, readDepsJson } from './deps-json.ts';

const PATH = 'app/web.deps.json';
const TARGET = '.NETCoreApp,Version=v8.0/linux-x64';
const DLL = { 'lib/net8.0/a.dll': { assemblyVersion: '1.0.0.0', fileVersion: '8.0.23.53103' } };

type Entry = { readonly type?: unknown; readonly files?: unknown };

function list(entries: Readonly<Record<string, Entry>>, target: unknown = { name: TARGET, signature: '' }): Buffer {
  const named = Object.entries(entries);
  return Buffer.from(
    JSON.stringify({
      runtimeTarget: target,
      targets: {
        '.NETCoreApp,Version=v8.0': { 'Other/1.0.0': { runtime: DLL } },
        [TARGET]: Object.fromEntries(named.map(([key, { files = { runtime: DLL } }]) => [key, files])),
      },
      libraries: {
        'Other/1.0.0': { type: 'package' },
        ...Object.fromEntries(named.map(([key, { type = 'package' }]) => [key, { type, serviceable: true }])),
      },
    }),
  );
}

function read(bytes: Uint8Array) {
  const { libraries, runtime, diagnostics } = readDepsJson(PATH, bytes);
  return { libraries: libraries.map(({ name, version }) => `${name} ${version}`), runtime, diagnostics };
}

describe('the libraries of a .NET application', () => {
  it.each<[what: string, key: string, entry: Entry, expected: readonly string[]]>([
    ['a package with an assembly', 'Newtonsoft.Json/13.0.1', {}, ['Newtonsoft.Json 13.0.1']],
    ['a package with a native library', 'SQLite/2.1.6', { files: { native: { 'a.so': {} } } }, ['SQLite 2.1.6']],
    [
      'a package with files for several runtimes',
      'SQLite/2.1.6',
      { files: { runtimeTargets: { 'runtimes/linux-x64/native/a.so': { rid: 'linux-x64', assetType: 'native' } } } },
      ['SQLite 2.1.6'],
    ],
    [
      'a runtime pack of a self-contained application, by the name of its package',
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1',
      { type: 'runtimepack' },
      ['Microsoft.NETCore.App.Runtime.linux-x64 8.0.1'],
    ],
    ['no package that the framework replaces', 'System.Text.Json/6.0.0', { files: { dependencies: {} } }, []],
    ['no package without files for the target', 'A/1.0.0', { files: { runtime: { 'lib/net8.0/_._': {} } } }, []],
    ['no package with files for the compiler only', 'A/1.0.0', { files: { compile: DLL } }, []],
    ['no project', 'web/1.0.0', { type: 'project' }, []],
    ['no reference', 'System.Runtime/8.0.0.0', { type: 'referenceassembly' }, []],
    ['no library of an unknown type', 'A/1.0.0', { type: 'other' }, []],
    ['no package with invalid files', 'A/1.0.0', { files: { runtime: 'a.dll' } }, []],
  ])('have %s', (_, key, entry, expected) => {
    expect(read(list({ [key]: entry }))).toEqual({ libraries: expected, runtime: 'linux-x64', diagnostics: [] });
  });

  it('are only the libraries of the runtime target', () => {
    const libraries = { 'A/1.0.0': {} };
    expect(read(list(libraries))).toMatchObject({ libraries: ['A 1.0.0'], runtime: 'linux-x64' });
    const forAny = list(libraries, '.NETCoreApp,Version=v8.0');
    expect(read(forAny)).toMatchObject({ libraries: ['Other 1.0.0'], runtime: undefined });
  });

  it('are listed once, because names are case-insensitive', () => {
    expect(read(list({ 'A/1.0.0': {}, 'a/1.0.0': {}, 'A/2.0.0': {} })).libraries).toEqual(['a 1.0.0', 'A 2.0.0']);
  });

  it.each([
    ['no version', 'A'],
    ['an empty name', '/1.0.0'],
    ['an empty version', 'A/'],
    ['a version with unprintable characters', 'A/1\u0000'],
  ])('are skipped and counted with %s', (why, key) => {
    expect(read(list({ [key]: {}, 'B/1.0.0': {} }))).toMatchObject({
      libraries: ['B 1.0.0'],
      diagnostics: [
        { code: 'package-entry-unreadable', message: `1 entry was skipped: an entry has ${why}`, where: `${PATH}:1` },
      ],
    });
  });

  it('are skipped and counted without a description', () => {
    expect(read(list({ 'A/1.0.0': { type: 7 }, 'B/1.0.0': {} }))).toMatchObject({
      libraries: ['B 1.0.0'],
      diagnostics: [{ message: '1 entry was skipped: an entry has no type' }],
    });
  });
});

describe('other files', () => {
  it.each([
    ['it is empty', Buffer.alloc(0)],
    ['it is not JSON', Buffer.from('{')],
    ['it has no runtime target', Buffer.from('{"targets":{}}')],
    ['it has no runtime target', Buffer.from('[]')],
    ['it has no target "a"', Buffer.from('{"runtimeTarget":{"name":"a"},"targets":{}}')],
    ['it has no object `libraries`', Buffer.from('{"runtimeTarget":{"name":"a"},"targets":{"a":{}}}')],
    [`it is larger than ${MAX_DEPS_BYTES} bytes`, Buffer.alloc(MAX_DEPS_BYTES + 1, ' ')],
  ])('are reported: %s', (why, bytes) => {
    const message = `"${PATH}" is not a valid list of NuGet packages: ${why}`;
    expect(read(bytes)).toEqual({
      libraries: [],
      runtime: undefined,
      diagnostics: [{ code: 'package-database-unreadable', message, where: PATH }],
    });
  });
});
