import type { Feature } from '../../../model/feature.ts';
import type { PlacedFeature } from '../features/feature-census.ts';
import { ancestorsOf } from '../patterns/pattern-index.ts';

/**
 * Returns a function that tests whether a file is in the directory of an installed language package or runtime, using
 * the paths of the files that describe the packages. Installers write a package, with the programs in it, to this
 * directory.
 *
 * @param isRecorded returns whether an installer recorded the files of the package that the file at a path describes;
 * then only the recorded files belong to the package, not the whole directory
 */
export function languageHomes(
  features: Iterable<PlacedFeature>,
  isRecorded: (path: string) => boolean,
): (path: string) => boolean {
  const homes = new Set<string>();
  for (const { feature, path } of features) {
    if (path === '' || isRecorded(path)) continue;
    // The root of the image is never the home of a package.
    for (const home of homesOf(feature, path)) if (home !== '') homes.add(home);
  }
  return (path) => homes.size > 0 && ancestorsOf(withoutPlatform(path)).some((ancestor) => homes.has(ancestor));
}

/** RubyGems builds the extensions of a gem in `extensions/PLATFORM/ABI/GEM`, beside its directory `gems/GEM`. */
function withoutPlatform(path: string): string {
  return path.replace(/(^|\/)extensions\/[^/]+\/[^/]+\/(?=[^/]+\/)/, '$1gems/');
}

function homesOf({ type, name }: Feature, path: string): readonly string[] {
  const homes = (HOMES[type] ?? []).filter(({ evidence, isOf = name }) => isOf === name && evidence.test(path));
  return homes.map(({ evidence, home = '$1' }) => path.replace(evidence, home));
}

type Home = {
  /** Matches the path of the file that describes the package. */
  readonly evidence: RegExp;
  /** The replacement for the path; defaults to the first group. */
  readonly home?: string;
  /** The only package with this home; any package when absent. */
  readonly isOf?: string;
};

/** The rules for the homes (directories) of packages, by the type of the package. */
const HOMES: Readonly<Record<string, readonly Home[]>> = {
  npm: [{ evidence: /^(.+)\/package\.json$/ }],
  // The files of a wheel are beside its metadata, so its home is all of `site-packages` or `dist-packages`. Only
  // installers write to these directories.
  pypi: [{ evidence: /^((?:.+\/)?(?:site|dist)-packages)\/[^/]+\.(?:dist-info|egg-info|egg)(?:\/.*)?$/ }],
  gem: [{ evidence: /^(.*)specifications\/(?:default\/)?([^/]+)\.gemspec$/, home: '$1gems/$2' }],
  composer: [{ evidence: /^(.+)\/composer\/installed\.json$/ }],
  nuget: [
    { evidence: /^(.+)\/[^/]+\.deps\.json$/ },
    // The directory of .NET contains the program `dotnet`, and its SDK.
    { evidence: /^(.+)\/shared\/[^/]+\/[^/]+\/[^/]+\.deps\.json$/ },
  ],
  conda: [{ evidence: /^(.+)\/conda-meta\/[^/]+\.json$/ }],
  otp: [
    { evidence: /^(.+)\/ebin\/[^/]+\.app$/ },
    // An Erlang/OTP release has its programs beside the directory of its applications; `kernel` is always one of these
    // applications.
    { evidence: /^(.+)\/lib\/[^/]+\/ebin\/kernel\.app$/, isOf: 'kernel' },
  ],
  // A Java runtime contains a file named `release`. Other generic packages are recognised by the content of a program;
  // the path of the program does not match.
  generic: [{ evidence: /^(.+)\/release$/ }],
};
