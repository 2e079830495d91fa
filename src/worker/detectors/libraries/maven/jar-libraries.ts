import type { ClassMarker } from './class-markers.ts';
import { type Coordinates, isVersion } from './coordinates.ts';
import { splitFileName, stemOf } from './file-name.ts';
import type { JarContents, Pom } from './jar-contents.ts';
import { identifyJar } from './jar-identity.ts';

export type JarLibrary = {
  /** `GROUP:ARTIFACT`, or the artifact alone if the group is uncertain. */
  readonly name: string;
  /** The version; empty if unknown. */
  readonly version: string;
  /** The artifacts that a library of uncertain group may be, as `GROUP:ARTIFACT`. */
  readonly candidates?: readonly string[];
  /** Whether the library was copied into the archive of another library. */
  readonly isBundled: boolean;
  /** The path of the file that identifies the library. */
  readonly path: string;
};

export type JarLibraries = {
  readonly libraries: readonly JarLibrary[];
  /** The libraries that get a diagnostic because their version is unknown or derived. */
  readonly unknown: readonly UnknownVersion[];
  /** The paths of descriptors without a version. */
  readonly unreadable: readonly string[];
  /** Whether the archive has classes, but neither a descriptor nor a name that may be the name of an artifact. */
  readonly isNameless: boolean;
};

export type UnknownVersion = {
  readonly library: string;
  readonly path: string;
  /** Whether a marker class identified the library, because its descriptor is missing. */
  readonly isMarked: boolean;
  /** The artifacts that a library without a descriptor may be, as `GROUP:ARTIFACT`; absent if there are none. */
  readonly candidates?: readonly string[];
  /** The derived version. */
  readonly version?: string;
};

/**
 * Returns the libraries of an archive: the archive itself, identified by its own descriptor or otherwise by its
 * manifest and name, and the libraries that were copied into the archive (shaded), identified by their descriptors.
 */
export function librariesOfJar(contents: JarContents): JarLibraries {
  const { path, poms, classes } = contents;
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const own = ownPom(poms, fileName);
  const libraries = new Map<string, JarLibrary>();
  const unreadable: string[] = [];
  const add = (library: JarLibrary): void => {
    const key = `${library.name} ${library.version}`;
    if (!libraries.has(key)) libraries.set(key, library);
  };
  for (const pom of own === undefined ? poms : [own, ...poms.filter((each) => each !== own)]) {
    const coordinates = coordinatesOf(pom, pom === own ? contents : undefined);
    if (coordinates === undefined) unreadable.push(`${path}!/${pom.name}`);
    else {
      const { group, artifact, version } = coordinates;
      add({ name: `${group}:${artifact}`, version, isBundled: pom !== own, path: `${path}!/${pom.name}` });
    }
  }
  let isNameless = false;
  // The name of an archive with descriptors identifies a library only if the name contains a version.
  const isNamed = poms.length === 0 || splitFileName(fileName).version !== undefined;
  if (own === undefined && isNamed && !isNamedAfterOther(contents)) {
    const identity = identifyJar(contents);
    isNameless = identity === undefined && classes > 0 && poms.length === 0;
    if (identity !== undefined) {
      const { group, artifact, version, candidates, isInManifest } = identity;
      const at = isInManifest ? `${path}!/META-INF/MANIFEST.MF` : path;
      const name = group === undefined ? { name: artifact, candidates } : { name: `${group}:${artifact}` };
      add({ ...name, version, isBundled: false, path: at });
    }
  }
  const marked = markedLibraries(contents, [...libraries.values()]);
  const names = new Set(marked.libraries.map(({ name }) => name));
  const others = [...libraries.values()].filter(
    ({ version, candidates = [] }) => version !== '' || !candidates.some((each) => names.has(each)),
  );
  return {
    libraries: [...others, ...marked.libraries],
    unknown: [
      ...others
        .filter(({ version }) => version === '')
        .map(({ name, path: at, candidates = [] }): UnknownVersion => {
          return { library: name, path: at, isMarked: false, ...(candidates.length > 0 && { candidates }) };
        }),
      ...marked.unknown,
    ],
    unreadable,
    isNameless,
  };
}

/** Returns whether the name of an archive does not identify its classes. */
function isNamedAfterOther({ path, manifest }: JarContents): boolean {
  // New Relic agents contain an archive named after each library that they instrument. JDK modules are not Maven
  // artifacts.
  return manifest.has('weave-classes') || path.toLowerCase().endsWith('.jmod');
}

/**
 * Returns the descriptor of the archive itself: the descriptor whose artifact is in the file name; otherwise, the
 * descriptor whose version is in the file name. If the file name has no version, a single descriptor is sufficient. All
 * other descriptors belong to libraries that were copied into the archive.
 */
function ownPom(poms: readonly Pom[], fileName: string): Pom | undefined {
  const { artifact, version } = splitFileName(fileName);
  const stem = stemOf(fileName);
  const fitting = poms
    .filter(({ place, fields }) => artifact === place.artifact || isVersioned(stem, place.artifact, fields.version))
    .toSorted(
      (a, b) =>
        b.place.artifact.length - a.place.artifact.length ||
        Number(b.fields.version === version) - Number(a.fields.version === version),
    );
  if (fitting[0] !== undefined) return fitting[0];
  if (version === undefined) return poms.length === 1 ? poms[0] : undefined;
  const same = poms.filter(({ fields }) => fields.version === version);
  return same.length === 1 ? same[0] : undefined;
}

/** Returns whether a name consists of an artifact, with or without a version. */
function isVersioned(stem: string, artifact: string, version: string | undefined): boolean {
  if (!stem.startsWith(artifact)) return false;
  const rest = stem.slice(artifact.length);
  if (rest === '') return true;
  if (version !== undefined && (rest === `-${version}` || rest.startsWith(`-${version}-`))) return true;
  const named = splitFileName(`x${rest}.jar`);
  return named.artifact === 'x' && named.version !== undefined;
}

function coordinatesOf({ place, fields }: Pom, own: JarContents | undefined): Coordinates | undefined {
  const { group, artifact } = { ...place, ...fields };
  const version = fields.version ?? (own === undefined ? undefined : identifyJar(own)?.version);
  return isVersion(version) ? { group, artifact, version } : undefined;
}

/**
 * Returns the libraries whose marker class is in the archive, except those that were already identified with a version.
 */
function markedLibraries(
  { path, markers, dependencies }: JarContents,
  known: readonly JarLibrary[],
): Pick<JarLibraries, 'libraries' | 'unknown'> {
  const libraries: JarLibrary[] = [];
  const unknown: UnknownVersion[] = [];
  // A library without a version is not matched, so the marker must be reported.
  const names = new Set(
    known.filter(({ version }) => version !== '').flatMap(({ name, candidates = [] }) => [name, ...candidates]),
  );
  for (const { marker, name } of markers) {
    const library = `${marker.group}:${marker.artifact}`;
    if (names.has(library)) continue;
    const version = versionInDependencies(dependencies, marker);
    libraries.push({ name: library, version: version ?? '', isBundled: true, path: `${path}!/${name}` });
    unknown.push({ library, path: `${path}!/${name}`, isMarked: true, ...(version !== undefined && { version }) });
  }
  return { libraries, unknown };
}

/**
 * Returns the version in the list of dependencies that Apache's builds add to an archive and that shading keeps
 * (`org.apache.logging.log4j:log4j-api:jar:2.14.1`); undefined unless there is exactly one such version.
 */
function versionInDependencies(text: string, { group, artifact, releasedWith }: ClassMarker): string | undefined {
  const versions = new Set<string>();
  for (const name of [artifact, ...releasedWith]) {
    for (const part of text.split(`${group}:${name}:jar:`).slice(1)) {
      const version = /^[A-Za-z0-9._+-]+/.exec(part)?.[0];
      if (isVersion(version)) versions.add(version);
    }
  }
  const [version] = versions;
  return versions.size === 1 ? version : undefined;
}
