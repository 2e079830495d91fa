import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { readExecutables } from '../executables/read-executables.ts';
import { unidentified } from '../executables/unidentified.ts';
import { findBundledDeps } from './bundle.ts';
import { type DepsJson, MAX_DEPS_BYTES, readDepsJson } from './deps-json.ts';
import { runtimePackage, sharedFrameworkAt } from './shared-framework.ts';

/** Reads the NuGet packages of .NET applications, and the shared frameworks. */
export const nugetPackages: Detector = {
  id: 'nuget-packages',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'suffix', suffix: '.deps.json' }],
  read: readList,
  coverage: {
    use: 'NuGet packages of .NET applications, from `*.deps.json`, and the shared frameworks of .NET and ASP.NET Core',
    notes: [
      'Only packages with files for the runtime of the application are listed; projects, references, and packages that the shared framework replaces are not listed.',
      'A shared framework is listed by its directory, such as `Microsoft.NETCore.App`, and matched as the package for its runtime, `Microsoft.NETCore.App.Runtime.linux-x64`.',
    ],
  },
};

/** Reads the NuGet packages in single-file .NET applications. */
export const nugetBundles: Detector = {
  id: 'nuget-bundles',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'executable' }],
  read: (path, bytes) => readBundle(path, new ChunkedBytes([bytes])),
  readChunks: readBundle,
  coverage: {
    use: 'NuGet packages in single-file .NET applications, from the `*.deps.json` in the program',
    notes: ['A program that was compiled to machine code (Native AOT) has no list of packages.'],
  },
};

function readList(path: string, bytes: Uint8Array): FileFacts {
  const list = readDepsJson(path, bytes);
  const framework = sharedFrameworkAt(path);
  if (framework === undefined) return facts(path, list.libraries, list.diagnostics);
  const { name, version } = framework;
  const named = runtimePackage(name, list.runtime);
  // The list of a framework contains the framework itself as a package.
  const others = list.libraries.filter((each) => !each.name.toLowerCase().startsWith(`${name}.Runtime.`.toLowerCase()));
  return facts(path, [{ type: 'nuget', name, version, matchedAs: named }, ...others], list.diagnostics);
}

function readBundle(path: string, bytes: ChunkedBytes): FileFacts {
  const found = new Map<string, LibraryPackage>();
  const reasons = new Set<string>();
  for (const executable of readExecutables(bytes)) {
    const list = listIn(path, executable.bytes, findBundledDeps(executable));
    if (list === undefined) continue;
    for (const each of list.libraries) found.set(`${each.name} ${each.version}`, each);
    if (list.diagnostics.length > 0)
      reasons.add('the list of packages in the .NET application cannot be read completely');
  }
  return facts(
    path,
    [...found.values()],
    [...reasons].map((reason) => unidentified(path, reason, found.size)),
  );
}

function listIn(
  path: string,
  bytes: ChunkedBytes,
  place: ReturnType<typeof findBundledDeps>,
): Pick<DepsJson, 'libraries' | 'diagnostics'> | undefined {
  if (place === undefined) return undefined;
  const isReadable = place !== 'unreadable' && place.end - place.start <= MAX_DEPS_BYTES;
  return readDepsJson(path, isReadable ? bytes.range(place.start, place.end) : new Uint8Array(0));
}

function facts(path: string, libraries: readonly LibraryPackage[], diagnostics: FileFacts['diagnostics']): FileFacts {
  return {
    ...(libraries.length > 0 && { features: libraries.map((feature) => ({ feature, path })) }),
    diagnostics,
  };
}
