import { shownName } from '../../../../bytes/tar/name.ts';
import type { ZipVisitor } from '../../../../bytes/zip/visitor.ts';
import { isLibraryArchive } from './archive-names.ts';
import { CLASS_MARKERS, type ClassMarker } from './class-markers.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type PomFields, type PomPlace, pomPlace, readPomProperties } from './pom-properties.ts';
import { readPomXml } from './pom-xml.ts';

/** The parts of an archive that identify the libraries in it. */
export type JarContents = {
  /** The path of the archive: `srv/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar`. */
  readonly path: string;
  /**
   * One descriptor for each artifact in each directory of classes. A `pom.properties` file with a version is preferred
   * to a `pom.xml` file.
   */
  readonly poms: readonly Pom[];
  /** The manifest; empty if there is no manifest. */
  readonly manifest: Manifest;
  /** The number of classes in each package and in all packages below it, for packages of at most 4 segments. */
  readonly packages: ReadonlyMap<string, number>;
  readonly classes: number;
  /** The first class of each library that has a marker. */
  readonly markers: readonly FoundMarker[];
  /** The text of META-INF/DEPENDENCIES; empty if the file is missing. */
  readonly dependencies: string;
};

export type Pom = { readonly place: PomPlace; readonly fields: PomFields; readonly name: string };

export type FoundMarker = { readonly marker: ClassMarker; readonly name: string };

/** Receives each archive in a file, inner archives before outer archives. */
export type JarVisitor = {
  readonly jar: (contents: JarContents) => void;
  /** Receives a fault in the archive at `path`. */
  readonly fault: (path: string, what: string) => void;
};

/**
 * The maximum sizes of descriptors; larger files are not read. Real `pom.properties` files are about 100 bytes, and
 * real `pom.xml` files are less than 200 KiB.
 */
const MAX_POM_BYTES = { properties: 64 * 1024, xml: 1024 * 1024 };

/** The maximum number of bytes of all `pom.xml` files in a file; parsing this much takes about a second. */
const MAX_XML_BYTES = 16 * 1024 * 1024;

/** PATH_MAX on Linux. */
const MAX_PATH_CHARACTERS = 4096;

const MANIFEST = 'META-INF/MANIFEST.MF';
const DEPENDENCIES = 'META-INF/DEPENDENCIES';

/** The size of all `pom.xml` files that were read from a file and from all archives inside the file. */
type JarUse = { xmlBytes: number };

/** Returns a reader of the archive at a path. */
export function jarReader(path: string, { jar, fault }: JarVisitor, use: JarUse = { xmlBytes: 0 }): ZipVisitor {
  const poms = new Map<string, Pom>();
  const census = packageCensus();
  const markers = new Map<ClassMarker, FoundMarker>();
  let manifest: Manifest = new Map();
  let dependencies = '';
  return {
    member(name) {
      if (name.endsWith('.class')) {
        census.add(name);
        const marker = CLASS_MARKERS.find(({ suffix }) => name.endsWith(suffix));
        if (marker !== undefined && !markers.has(marker)) markers.set(marker, { marker, name });
        return 'skip';
      }
      if (name === MANIFEST || name === DEPENDENCIES || pomPlace(name) !== undefined) return 'content';
      if (!isLibraryArchive(name)) return 'skip';
      if (path.length + name.length <= MAX_PATH_CHARACTERS) return 'archive';
      fault(path, `the path of an inner archive exceeds ${MAX_PATH_CHARACTERS} characters`);
      return 'skip';
    },
    content(name, bytes) {
      if (name === MANIFEST) manifest = readManifest(bytes);
      else if (name === DEPENDENCIES) dependencies = Buffer.from(bytes).toString('utf8');
      else {
        const excess = pomExcess(name, bytes.length, use);
        if (excess === undefined) addPom(poms, name, bytes);
        else fault(path, `${shownName(name)} ${excess}`);
      }
    },
    archive: (name) => jarReader(`${path}!/${name}`, { jar, fault }, use),
    fault: (what) => fault(path, what),
    end() {
      const { packages, classes } = census;
      jar({
        path,
        poms: [...poms.values()],
        manifest,
        packages,
        classes: classes(),
        markers: [...markers.values()],
        dependencies,
      });
    },
  };
}

/**
 * Returns a message part about the limit that a descriptor exceeds; undefined if the descriptor exceeds no limit. Adds
 * the size of a `pom.xml` file to `use`.
 */
function pomExcess(name: string, bytes: number, use: JarUse): string | undefined {
  const kind = pomPlace(name)?.kind ?? 'xml';
  if (bytes > MAX_POM_BYTES[kind]) return `exceeds the limit of ${MAX_POM_BYTES[kind]} bytes`;
  if (kind === 'xml') use.xmlBytes += bytes;
  return use.xmlBytes > MAX_XML_BYTES && kind === 'xml'
    ? `exceeds the limit of ${MAX_XML_BYTES} bytes for all pom.xml files`
    : undefined;
}

function addPom(poms: Map<string, Pom>, name: string, bytes: Uint8Array): void {
  const place = pomPlace(name);
  if (place === undefined) return;
  const key = name.slice(0, name.lastIndexOf('/'));
  const known = poms.get(key);
  if (known?.fields.version !== undefined && (known.place.kind === 'properties' || place.kind === 'xml')) return;
  const fields = place.kind === 'properties' ? readPomProperties(bytes) : readPomXml(bytes);
  if (known === undefined || fields.version !== undefined) poms.set(key, { place, fields, name });
}

/** The directories of classes in applications and modules, and of classes for newer versions of Java. */
const ABOVE_CLASSES = /^(?:(?:WEB-INF\/|BOOT-INF\/)?classes\/|META-INF\/versions\/\d+\/)/;

const MAX_SEGMENTS = 4;

/** The maximum number of packages; real archives have a few thousand packages. */
const MAX_PACKAGES = 10_000;
const MAX_NAME_CHARACTERS = 1024;

function packageCensus(): {
  readonly packages: ReadonlyMap<string, number>;
  readonly classes: () => number;
  readonly add: (name: string) => void;
} {
  const packages = new Map<string, number>();
  let classes = 0;
  return {
    packages,
    classes: () => classes,
    add(name) {
      classes += 1;
      if (name.length > MAX_NAME_CHARACTERS) return;
      const inPackages = name.replace(ABOVE_CLASSES, '');
      let end = inPackages.indexOf('/');
      for (let segments = 1; end !== -1 && segments <= MAX_SEGMENTS; segments += 1) {
        const known = inPackages.slice(0, end);
        const count = packages.get(known);
        if (count !== undefined || packages.size < MAX_PACKAGES) packages.set(known, (count ?? 0) + 1);
        end = inPackages.indexOf('/', end + 1);
      }
    },
  };
}
