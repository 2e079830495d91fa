import { type Coordinates, isId, isVersion } from './coordinates.ts';

/** Matches the path of a Maven descriptor; applications may contain descriptors in their directory of classes. */
const PLACE = /^(?:(?:WEB-INF\/|BOOT-INF\/)?classes\/)?META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.(properties|xml)$/;

export type PomPlace = { readonly group: string; readonly artifact: string; readonly kind: 'properties' | 'xml' };

/** Returns the coordinates in the path of a descriptor in an archive; undefined for other files. */
export function pomPlace(name: string): PomPlace | undefined {
  // Most names in an archive are names of classes, which this check excludes faster than the expression.
  if (!name.endsWith('/pom.properties') && !name.endsWith('/pom.xml')) return undefined;
  const [, group, artifact, kind] = PLACE.exec(name) ?? [];
  if (!isId(group) || !isId(artifact)) return undefined;
  return { group, artifact, kind: kind === 'xml' ? 'xml' : 'properties' };
}

/** The fields of a descriptor that are present and valid. */
export type PomFields = Partial<Coordinates>;

/** Reads a `pom.properties` file (the format of `java.util.Properties`). */
export function readPomProperties(bytes: Uint8Array): PomFields {
  const fields = new Map<string, string>();
  for (const line of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .split(/[\r\n]+/)) {
    const [, key, value] = /^\s*(groupId|artifactId|version)\s*[=:\s]\s*(.*)$/.exec(line.slice(0, MAX_LINE)) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, value.trim().replaceAll(/\\(.)/g, '$1'));
  }
  return pomFields(fields.get('groupId'), fields.get('artifactId'), fields.get('version'));
}

const MAX_LINE = 1024;

/** Returns the valid fields: a build may leave placeholders such as `${project.version}`. */
export function pomFields(group?: string, artifact?: string, version?: string): PomFields {
  return {
    ...(isId(group) && { group }),
    ...(isId(artifact) && { artifact }),
    ...(isVersion(version) && { version }),
  };
}
