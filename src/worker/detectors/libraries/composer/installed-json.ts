import { shownName } from '../../../../bytes/tar/name.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FileFacts } from '../../detector.ts';
import { createSkippedEntries } from '../../packages/skipped-entries.ts';
import { objectOf, readJson } from '../json-value.ts';
import { valueFault } from '../library-fields.ts';

/**
 * The maximum size of the file in bytes, and the maximum number of packages. The largest projects have about 1,000
 * packages in 2 MiB.
 */
export const MAX_INSTALLED_BYTES: number = 16 * 1024 * 1024;

export const MAX_INSTALLED_PACKAGES = 20_000;

export type ListPlace = {
  /** Whether the list is in a directory `vendor`; a file in another directory may have a different format. */
  readonly isStandard: boolean;
  /** Whether another package ships the file; the packages then have the flag `bundled`. */
  readonly isBundled: boolean;
};

/**
 * Reads `composer/installed.json` in the `vendor-dir` of a project, Composer's list of the installed packages. Composer 2
 * writes an object with `packages` and `dev-package-names`, and Composer 1 a list of packages. The returned names are in
 * lower case, as on Packagist; versions are as written, including branches such as `dev-main`. The project itself is not
 * in the file. Outside of `vendor`, a file that Composer did not write is ignored.
 *
 * Source: Composer's FilesystemRepository.
 */
export function readInstalledJson(path: string, bytes: Uint8Array, { isStandard, isBundled }: ListPlace): FileFacts {
  const reading = readJson(bytes, MAX_INSTALLED_BYTES);
  const entries = 'problem' in reading ? undefined : entriesOf(reading.value);
  if (!isStandard && !entries?.every(isWrittenByComposer)) return { diagnostics: [] };
  if ('problem' in reading) return unreadable(path, `it ${reading.problem}`);
  if (entries === undefined) return unreadable(path, 'its packages are neither an array nor an object');
  const development = developmentNames(reading.value);
  const skipped = createSkippedEntries(path, 'package-entry-unreadable');
  const found = new Map<string, LibraryPackage>();
  for (const [at, entry] of entries.entries()) {
    const { name, version } = objectOf(entry) ?? {};
    const fault = valueFault('name', name) ?? valueFault('version', version);
    if (fault !== undefined) skipped.add(`an entry has ${fault}`, at + 1);
    else if (found.size >= MAX_INSTALLED_PACKAGES) {
      return { features: placed(found, path), diagnostics: [...skipped.diagnostics(), full(path)] };
    } else {
      const feature = packageOf(String(name).toLowerCase(), String(version), development, isBundled);
      found.set(`${feature.name}\n${feature.version}`, feature);
    }
  }
  return { features: placed(found, path), diagnostics: skipped.diagnostics() };
}

function packageOf(name: string, version: string, dev: ReadonlySet<string>, isBundled: boolean): LibraryPackage {
  const flags = [...(dev.has(name) ? ['dev' as const] : []), ...(isBundled ? ['bundled' as const] : [])];
  return { type: 'composer', name, version, ...(flags.length > 0 && { flags }) };
}

/** Composer 1 and 2 write this member for each package (Composer's ArrayDumper). */
function isWrittenByComposer(entry: unknown): boolean {
  return typeof objectOf(entry)?.['version_normalized'] === 'string';
}

/** Composer also reads an object instead of a list of packages, and ignores the keys of this object. */
function entriesOf(value: unknown): readonly unknown[] | undefined {
  const { packages = value } = objectOf(value) ?? {};
  if (Array.isArray(packages)) return packages;
  const byKey = objectOf(packages);
  return byKey && Object.values(byKey);
}

function developmentNames(value: unknown): ReadonlySet<string> {
  const names: unknown = objectOf(value)?.['dev-package-names'];
  const texts: readonly unknown[] = Array.isArray(names) ? names : [];
  return new Set(texts.filter((name) => typeof name === 'string').map((name) => name.toLowerCase()));
}

function placed(packages: ReadonlyMap<string, LibraryPackage>, path: string): NonNullable<FileFacts['features']> {
  return [...packages.values()].map((feature) => ({ feature, path }));
}

function unreadable(path: string, why: string): FileFacts {
  const message = `${shownName(path)} is not a valid list of Composer packages: ${why}`;
  return { diagnostics: [{ code: 'package-database-unreadable', message, where: path }] };
}

function full(where: string): Diagnostic {
  const message = `${shownName(where)} has more than ${MAX_INSTALLED_PACKAGES} packages; the rest were not read`;
  return { code: 'package-limit-reached', message, where };
}
