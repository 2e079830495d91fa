import { isId, isVersion } from './coordinates.ts';
import { type NameParts, splitFileName } from './file-name.ts';
import { GROUPS_OF_PACKAGES, isDomainGroup } from './group-ids.ts';
import type { JarContents } from './jar-contents.ts';
import type { Manifest } from './manifest.ts';

/** The identity of an archive without a Maven descriptor. */
export type JarIdentity = {
  readonly artifact: string;
  /** The version; empty if neither the name nor the manifest contains a version. */
  readonly version: string;
  /** The group, if the manifest states it. */
  readonly group?: string;
  /** The artifacts that the archive may be, as `GROUP:ARTIFACT`. */
  readonly candidates: readonly string[];
  readonly isInManifest: boolean;
};

const MAX_CANDIDATES = 16;

/** A package is evidence of the group if it contains at least this share of the classes. */
const MIN_SHARE = 0.2;

/**
 * Identifies an archive by its manifest, its name and the packages of its classes. The group is rarely certain; the
 * candidates combine the artifact with the groups that the manifest and the packages name. Returns undefined for an
 * archive without classes, such as an archive of resources, unless it is a Jenkins plugin, and for an archive without a
 * valid artifact ID.
 */
export function identifyJar({ path, manifest, packages, classes }: JarContents): JarIdentity | undefined {
  const plugin = jenkinsPlugin(manifest);
  if (plugin !== undefined) return plugin;
  if (classes === 0) return undefined;
  const name = splitFileName(path.slice(path.lastIndexOf('/') + 1));
  const symbolic = symbolicName(manifest);
  const artifacts = artifactsOf(name, manifest.get('implementation-title'), symbolic);
  const [artifact] = artifacts;
  if (artifact === undefined) return undefined;
  const groups = unique([
    ...statedGroups(manifest),
    ...groupsOfPackages(packages, classes),
    ...groupsOfSymbolicName(symbolic),
  ]);
  const candidates = groups.flatMap((group) => artifacts.map((each) => `${group}:${each}`)).slice(0, MAX_CANDIDATES);
  return { artifact, ...versionOf(name, manifest), candidates };
}

/** Reads the attributes that `maven-hpi-plugin` writes (https://www.jenkins.io/doc/developer/plugin-development/). */
function jenkinsPlugin(manifest: Manifest): JarIdentity | undefined {
  const [group, artifact, version] = ['group-id', 'short-name', 'plugin-version'].map((name) => manifest.get(name));
  // In a snapshot, the name of the builder follows the version.
  const release = version?.split(' ', 1)[0];
  if (!isId(artifact) || !isVersion(release) || !isId(group)) return undefined;
  return { artifact, group, version: release, candidates: [], isInManifest: true };
}

/**
 * The version in the name comes from the build; versions in manifests have other notations and are not always updated.
 * A single number may be something else: Debian's `freemarker-17.jar` is 2.3.32 for Java 17.
 */
function versionOf({ version }: NameParts, manifest: Manifest): Pick<JarIdentity, 'version' | 'isInManifest'> {
  const named = isVersion(version) ? version : undefined;
  const stated = statedVersion(manifest);
  if (named !== undefined && (stated === undefined || named.includes('.')))
    return { version: named, isInManifest: false };
  return { version: stated ?? '', isInManifest: stated !== undefined };
}

/**
 * Returns the version in the manifest, without the build number that Kotlin's compiler adds (`2.2.21-release-469`), and
 * without text after a space, such as a date.
 */
function statedVersion(manifest: Manifest): string | undefined {
  const fields = ['implementation-version', 'bundle-version', 'specification-version'];
  const versions = fields.map((field) =>
    manifest
      .get(field)
      ?.split(' ', 1)[0]
      ?.replace(/-release-\d+$/, ''),
  );
  return versions.find((version) => isVersion(version) && /^v?\d/i.test(version));
}

/**
 * Returns the artifact in the file name, the artifacts in the title and the name of the bundle, and the artifact in the
 * file name without the number that distributions add (`junit4`). A title takes precedence if the file name contains no
 * version.
 */
function artifactsOf(name: NameParts, title: string | undefined, symbolic: string): readonly string[] {
  const titles = isArtifactTitle(title) ? [title] : [];
  return unique([
    ...(name.version === undefined ? titles : []),
    ...(isId(name.artifact) ? [name.artifact] : []),
    ...titles,
    ...artifactsOfSymbolicName(symbolic),
    ...[name.artifact.replace(/-?\d+(?:\.\d+)*$/, '')].filter((each) => isId(each) && each.length > 1),
  ]);
}

/** Maven writes the group ID as the vendor ID. */
function statedGroups(manifest: Manifest): readonly string[] {
  const vendor = manifest.get('implementation-vendor-id');
  return isId(vendor) && isDomainGroup(vendor) ? [vendor] : [];
}

/** Returns the symbolic name without directives (`org.example.core;singleton:=true`). */
function symbolicName(manifest: Manifest): string {
  return manifest.get('bundle-symbolicname')?.split(';', 1)[0]?.trim() ?? '';
}

function groupsOfSymbolicName(symbolic: string): readonly string[] {
  const above = symbolic.slice(0, Math.max(0, symbolic.lastIndexOf('.')));
  const isArtifact = artifactsOfSymbolicName(symbolic).length > 0;
  return [...(isArtifact ? [] : [symbolic]), above].filter((name) => isId(name) && isDomainGroup(name));
}

/** Returns the last segment if it contains a hyphen, which Java packages cannot contain: `org.apache.tomcat-util`. */
function artifactsOfSymbolicName(symbolic: string): readonly string[] {
  const last = symbolic.slice(symbolic.lastIndexOf('.') + 1);
  return isId(last) && last.includes('-') ? [last] : [];
}

/** Returns whether a title may be the name of an artifact, as opposed to the title of a product. */
function isArtifactTitle(title: string | undefined): title is string {
  return isId(title) && /^[a-z][a-z0-9]*(?:[-._][a-z0-9]+)+$/.test(title);
}

function groupsOfPackages(packages: JarContents['packages'], classes: number): readonly string[] {
  const main = [...packages].filter(([, count]) => count >= MIN_SHARE * classes).toSorted(([, a], [, b]) => b - a);
  const listed = main.flatMap(([path]) => GROUPS_OF_PACKAGES.get(path) ?? []);
  const domains = main.map(([path]) => path.replaceAll('/', '.')).filter((name) => isId(name) && isDomainGroup(name));
  return [...listed, ...domains];
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
