import type { LibraryPackage } from '../../../../model/feature.ts';
import { linkerVersion } from './linker-version.ts';
import type { BuildLines, GoModule } from './parse-build-information.ts';

/** Matches printable text up to a length that no module path or version reaches; both appear in reports. */
const PRINTABLE = /^[\x21-\x7e]{1,1024}$/;

/** A pseudo-version that is not based on a tag does not identify a release. */
const WITHOUT_TAG = /^v\d+\.0\.0-\d{14}-[0-9a-f]{12}(?:\+|$)/;

const RELEASE = /^go(\d+(?:\.\d+)*(?:[a-z]+\d*)?)(?:[ -](?!devel|pre\d).*)?$/s;

export type GoFeatures = {
  readonly features: readonly LibraryPackage[];
  /** The number of modules whose path or version is not printable or too long. */
  readonly invalidModules: number;
};

/**
 * Returns the modules that a program was built from, without duplicates. The version starts with `v`, as in the build
 * information; the version of a module in a local directory is empty, unless the linker writes the version of the main
 * module.
 */
export function moduleFeatures(lines: BuildLines): GoFeatures {
  const modules = [
    ...(lines.main === undefined ? [] : [mainModule(lines.main, lines)]),
    ...lines.dependencies.map(builtModule),
  ];
  const features = new Map<string, LibraryPackage>();
  let invalidModules = 0;
  for (const { path, version } of modules) {
    if (!PRINTABLE.test(path) || (version !== '' && !PRINTABLE.test(version))) invalidModules += 1;
    else features.set(`${path} ${version}`, { type: 'golang', name: path, version });
  }
  return { features: [...features.values()], invalidModules };
}

/**
 * Returns the standard library, and for the go command the toolchain, as the Go vulnerability database names them. The
 * version omits the prefix `go`, experiments and the vendor (`go1.26.5 (Red Hat …)`); a version that is not a release
 * stays as written.
 */
export function toolchainFeatures(
  goVersion: string,
  { path, main }: Pick<BuildLines, 'path' | 'main'>,
): LibraryPackage[] {
  const version = RELEASE.exec(goVersion)?.[1] ?? goVersion;
  const isGoCommand = path === 'cmd/go' && main === undefined;
  return ['stdlib', ...(isGoCommand ? ['toolchain'] : [])].map((name) => ({ type: 'golang', name, version }));
}

/**
 * The build information has a version if `go install MODULE@VERSION` built the program or, from Go 1.24 on, if the
 * repository has tags. Otherwise, the version that the linker writes is used.
 */
function mainModule(main: GoModule, lines: BuildLines): GoModule {
  const built = builtModule(main);
  if (built.version !== '' && !WITHOUT_TAG.test(built.version)) return built;
  return { ...built, version: linkerVersion(lines) ?? '' };
}

/**
 * A module from a local directory keeps its path, because the program imports the packages of the module under this
 * path.
 */
function builtModule({ path, version, replacement }: GoModule): GoModule {
  if (replacement === undefined) return { path, version: version === '(devel)' ? '' : version };
  const isFolder = /^\.{0,2}\/|^\.{1,2}$|^[A-Za-z]:[/\\]|^\.{1,2}\\/.test(replacement.path) || replacement.path === '';
  return isFolder ? { path, version: '' } : builtModule(replacement);
}
