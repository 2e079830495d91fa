import type { ClassMarker } from './class-markers.ts';
import { type Coordinates, isVersion } from './coordinates.ts';
import { splitFileName } from './file-name.ts';
import type { JarContents, Pom } from './jar-contents.ts';
import { identifyJar } from './jar-identity.ts';

/** A library in an archive. */
export type JarLibrary = {
  /** `GROUP:ARTIFACT`, or the artifact alone if the group is uncertain. */
  readonly name: string;
  /** The version; empty if unknown. */
  readonly version: string;
  /** The artifacts that a library of uncertain group may be, as `GROUP:ARTIFACT`. */
  readonly candidates?: readonly string[];
  /** Whether the library was copied into the archive of another library. */
  readonly isBundled: boolean;
  /** The path of the evidence. */
  readonly path: string;
};

export type JarLibraries = {
  readonly libraries: readonly JarLibrary[];
  /** Libraries that must not be taken for absent: their versions are unknown or derived. */
  readonly unknown: readonly { readonly library: string; readonly path: string; readonly version?: string }[];
  /** The paths of descriptors without a version. */
  readonly unreadable: readonly string[];
};

/**
 * Returns the libraries of an archive: the archive itself, by its own descriptor, or else by its manifest and name, and
 * the libraries that were copied into it (shaded), by their descriptors.
 */
export function librariesOfJar(contents: JarContents): JarLibraries {
  const { path, poms, manifest } = contents;
  // The agents of New Relic have an archive named after each library that they instrument.
  if (manifest.has('weave-classes')) return { libraries: [], unknown: [], unreadable: [] };
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
  // The name of an archive with descriptors identifies a library only with a version.
  if (own === undefined && (poms.length === 0 || splitFileName(fileName).version !== undefined)) {
    const identity = identifyJar(contents);
    if (identity !== undefined) {
      const { group, artifact, version, candidates, isInManifest } = identity;
      const at = isInManifest ? `${path}!/META-INF/MANIFEST.MF` : path;
      const name = group === undefined ? { name: artifact, candidates } : { name: `${group}:${artifact}` };
      add({ ...name, version, isBundled: false, path: at });
    }
  }
  const marked = markedLibraries(contents, [...libraries.values()]);
  for (const library of marked.libraries) add(library);
  return { libraries: [...libraries.values()], unknown: marked.unknown, unreadable };
}

/**
 * Returns the descriptor of the archive itself: the descriptor whose artifact is in the file name, else the descriptor
 * with the version of the file name, else the only descriptor of an archive without a version in its name. All other
 * descriptors belong to libraries that were copied into the archive.
 */
function ownPom(poms: readonly Pom[], fileName: string): Pom | undefined {
  const { artifact, version } = splitFileName(fileName);
  const stem = fileName.slice(0, Math.max(0, fileName.lastIndexOf('.')));
  const fitting = poms
    .filter(
      ({ place }) => stem === place.artifact || artifact === place.artifact || stem.startsWith(`${place.artifact}-`),
    )
    .toSorted((a, b) => b.place.artifact.length - a.place.artifact.length);
  if (fitting[0] !== undefined) return fitting[0];
  if (version === undefined) return poms.length === 1 ? poms[0] : undefined;
  const same = poms.filter(({ fields }) => fields.version === version);
  return same.length === 1 ? same[0] : undefined;
}

function coordinatesOf({ place, fields }: Pom, own: JarContents | undefined): Coordinates | undefined {
  const { group, artifact } = { ...place, ...fields };
  const version = fields.version ?? (own === undefined ? undefined : identifyJar(own)?.version);
  return isVersion(version) ? { group, artifact, version } : undefined;
}

/** Returns the libraries of which the archive has a class, but no descriptor. */
function markedLibraries(
  { path, markers, dependencies }: JarContents,
  known: readonly JarLibrary[],
): Pick<JarLibraries, 'libraries' | 'unknown'> {
  const libraries: JarLibrary[] = [];
  const unknown: JarLibraries['unknown'][number][] = [];
  for (const { marker, name } of markers) {
    const library = `${marker.group}:${marker.artifact}`;
    const isKnown = known.some((each) => each.name === library || each.candidates?.includes(library) === true);
    if (isKnown || libraries.some((each) => each.name === library)) continue;
    const version = versionInDependencies(dependencies, marker);
    libraries.push({ name: library, version: version ?? '', isBundled: true, path: `${path}!/${name}` });
    unknown.push({ library, path: `${path}!/${name}`, ...(version !== undefined && { version }) });
  }
  return { libraries, unknown };
}

/**
 * Returns the version in the list of dependencies that Apache's builds add to an archive, where shading leaves it
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
