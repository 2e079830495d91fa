import { describe, expect, it } from 'vitest';
import { nuget } from '../../../../ecosystems/languages/nuget.ts';
import { nugetBundles, nugetPackages } from './detector.ts';
import { bundleFile, DEPS_JSON } from './testing/bundle-file.ts';

const TARGET = '.NETCoreApp,Version=v8.0/linux-musl-x64';

function list(...libraries: readonly string[]): string {
  return JSON.stringify({
    runtimeTarget: { name: TARGET },
    targets: { [TARGET]: Object.fromEntries(libraries.map((key) => [key, { runtime: { 'a.dll': {} } }])) },
    libraries: Object.fromEntries(libraries.map((key) => [key, { type: 'package' }])),
  });
}

const shown = ({ features = [] }: ReturnType<typeof nugetPackages.read>): readonly string[] =>
  features.map(({ feature, path }) => {
    const [line] = nuget.lines(feature);
    return `${feature.name} ${feature.version} as ${line.name} at ${path}`;
  });

describe('NuGet packages', () => {
  it('of an application are matched by lower-case names', () => {
    const path = 'app/web.deps.json';
    const facts = nugetPackages.read(path, Buffer.from(list('Newtonsoft.Json/13.0.1')));
    expect(shown(facts)).toEqual([`Newtonsoft.Json 13.0.1 as newtonsoft.json at ${path}`]);
    expect(facts.diagnostics).toEqual([]);
  });

  it('include a shared framework once, matched as the package for its runtime', () => {
    const path = 'usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json';
    const facts = nugetPackages.read(path, Buffer.from(list('Microsoft.NETCore.App.Runtime.linux-musl-x64/8.0.1')));
    expect(shown(facts)).toEqual([
      `Microsoft.NETCore.App 8.0.1 as microsoft.netcore.app.runtime.linux-musl-x64 at ${path}`,
    ]);
  });

  it('include a shared framework even if its list is unreadable', () => {
    const path = 'shared/Microsoft.AspNetCore.App/8.0.1/Microsoft.AspNetCore.App.deps.json';
    const facts = nugetPackages.read(path, Buffer.from('{'));
    expect(shown(facts)).toEqual([
      `Microsoft.AspNetCore.App 8.0.1 as microsoft.aspnetcore.app.runtime.linux-x64 at ${path}`,
    ]);
    expect(facts.diagnostics).toMatchObject([{ code: 'package-database-unreadable' }]);
  });
});

describe('a single-file application', () => {
  const bundle = (content: string): Buffer =>
    bundleFile({ files: [{ path: 'app.deps.json', type: DEPS_JSON, content }] });

  it('has the packages of its list', () => {
    const facts = nugetBundles.read('app/web', bundle(list('A/1.0.0', 'B/2.0.0')));
    expect(shown(facts)).toEqual(['A 1.0.0 as a at app/web', 'B 2.0.0 as b at app/web']);
    expect(facts.diagnostics).toEqual([]);
  });

  it.each([
    ['a broken list', bundle('{')],
    ['a broken bundle', bundleFile()],
  ])('is reported with %s', (_, bytes) => {
    expect(nugetBundles.read('app/web', bytes)).toEqual({
      diagnostics: [
        {
          code: 'binary-unidentified',
          message:
            'the libraries in "app/web" are unknown: the list of packages in the .NET application cannot be read completely',
          where: 'app/web',
        },
      ],
    });
  });
});
