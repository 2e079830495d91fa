import { shownName } from '../../../../bytes/tar/name.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import { createSkippedEntries } from '../../packages/skipped-entries.ts';
import { objectOf, readJson } from '../json-value.ts';
import { textFault } from '../library-fields.ts';

/** The largest applications have about 1,000 libraries in 1 MiB. */
export const MAX_DEPS_BYTES: number = 16 * 1024 * 1024;

export const MAX_LIBRARIES = 20_000;

/** The libraries of an application, and the runtime that it was built for. */
export type DepsJson = {
  readonly libraries: readonly LibraryPackage[];
  /** The runtime identifier, such as `linux-musl-x64`; undefined for a portable application. */
  readonly runtime: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Reads a `*.deps.json` file, the .NET SDK's list of the libraries of an application: packages and runtime packs that
 * have files in the target of `runtimeTarget`. Projects and references are not packages; a package without files is
 * part of the shared framework or is used only by the compiler.
 *
 * Source: runtime-configuration-file.md in dotnet/sdk.
 */
export function readDepsJson(path: string, bytes: Uint8Array): DepsJson {
  const reading = readJson(bytes, MAX_DEPS_BYTES);
  if ('problem' in reading) return unreadable(path, `it ${reading.problem}`);
  const { runtimeTarget, targets, libraries } = objectOf(reading.value) ?? {};
  const target = nameOfTarget(runtimeTarget);
  if (target === undefined) return unreadable(path, 'it has no runtime target');
  const entries = objectOf(objectOf(targets)?.[target]);
  const descriptions = objectOf(libraries);
  if (entries === undefined) return unreadable(path, `it has no target ${shownName(target)}`);
  if (descriptions === undefined) return unreadable(path, 'it has no object `libraries`');
  const skipped = createSkippedEntries(path, 'package-entry-unreadable');
  const found = new Map<string, LibraryPackage>();
  let isCut = false;
  for (const [at, [key, entry]] of Object.entries(entries).entries()) {
    const type = objectOf(descriptions[key])?.['type'];
    if (!hasFiles(entry) || (typeof type === 'string' && !isPackage(type))) continue;
    const [name, version] = coordinatesOf(key);
    const fault = typeof type === 'string' ? (textFault('name', name) ?? textFault('version', version)) : 'no type';
    if (fault !== undefined || version === undefined) skipped.add(`an entry has ${fault ?? 'no version'}`, at + 1);
    else if (found.size >= MAX_LIBRARIES) isCut = true;
    else found.set(key.toLowerCase(), { type: 'nuget', name, version });
  }
  const runtime = target.split('/')[1];
  return {
    libraries: [...found.values()],
    runtime: runtime === undefined || textFault('runtime', runtime) !== undefined ? undefined : runtime,
    diagnostics: [...skipped.diagnostics(), ...(isCut ? [full(path)] : [])],
  };
}

/** Before .NET Core 1.0, the target was a string. */
function nameOfTarget(value: unknown): string | undefined {
  const name = typeof value === 'string' ? value : objectOf(value)?.['name'];
  return typeof name === 'string' ? name : undefined;
}

function isPackage(type: string): boolean {
  return ['package', 'runtimepack'].includes(type.toLowerCase());
}

/** NuGet writes `_._` for a package that has nothing to install for a target. */
function hasFiles(entry: unknown): boolean {
  const { runtime, native, runtimeTargets } = objectOf(entry) ?? {};
  return [runtime, native, runtimeTargets].some((files) => {
    return Object.keys(objectOf(files) ?? {}).some((file) => !file.endsWith('/_._') && file !== '_._');
  });
}

const RUNTIME_PACK = /^runtimepack\./i;

/** The key of a library is its name, a slash and its version. */
function coordinatesOf(key: string): readonly [name: string, version: string | undefined] {
  const slash = key.lastIndexOf('/');
  const name = (slash === -1 ? key : key.slice(0, slash)).replace(RUNTIME_PACK, '');
  return [name, slash === -1 ? undefined : key.slice(slash + 1)];
}

function unreadable(path: string, why: string): DepsJson {
  const message = `${shownName(path)} is not a valid list of NuGet packages: ${why}`;
  const diagnostic = { code: 'package-database-unreadable', message, where: path } as const;
  return { libraries: [], runtime: undefined, diagnostics: [diagnostic] };
}

function full(where: string): Diagnostic {
  const message = `${shownName(where)} has more than ${MAX_LIBRARIES} packages; the rest were not read`;
  return { code: 'package-limit-reached', message, where };
}
