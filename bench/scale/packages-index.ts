import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FigureUnavailable } from '../figure.ts';

/** A binary package of a Debian archive, as its Packages index tells it. */
export type IndexedPackage = {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: { readonly name: string; readonly version: string };
  /** The names that it depends on, of alternatives the first. */
  readonly depends: readonly string[];
};

/** Of what apt prints: the main index of Debian 13 for one architecture has 54 MB. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/**
 * Reads a Packages index (deb822, one paragraph a package): a plain file, or what apt knows on this machine. Of packages
 * with one name the first counts.
 *
 * @throws FigureUnavailable when there is neither.
 */
export function readPackagesIndex(path?: string): readonly IndexedPackage[] {
  const found = new Map<string, IndexedPackage>();
  for (const paragraph of indexText(path).split('\n\n')) {
    const of = packageOf(paragraph);
    if (of !== undefined && !found.has(of.name)) found.set(of.name, of);
  }
  if (found.size < MIN_PACKAGES) {
    const where = path ?? 'apt of this machine';
    throw new FigureUnavailable(`${where} knows ${found.size} packages: name an index of a whole release (--packages)`);
  }
  return [...found.values()];
}

const MIN_PACKAGES = 10_000;

function indexText(path: string | undefined): string {
  try {
    if (path !== undefined) return readFileSync(path, 'utf8');
    return execFileSync('apt-cache', ['dumpavail'], { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FigureUnavailable(`no Packages index of Debian can be read (--packages FILE, or apt-cache): ${why}`);
  }
}

function packageOf(paragraph: string): IndexedPackage | undefined {
  const fields = new Map<string, string>();
  for (const line of paragraph.split('\n')) {
    const colon = line.indexOf(':');
    // A line that goes on begins with a blank; none of the fields that are wanted has one.
    if (colon > 0 && !line.startsWith(' ')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const name = fields.get('Package');
  const version = fields.get('Version');
  const arch = fields.get('Architecture');
  if (name === undefined || version === undefined || arch === undefined) return undefined;
  const [, sourceName = name, sourceVersion = version] = /^(\S+)(?: \((.+)\))?$/.exec(fields.get('Source') ?? '') ?? [];
  return {
    name,
    version,
    arch,
    source: { name: sourceName, version: sourceVersion },
    depends: [fields.get('Pre-Depends'), fields.get('Depends')].flatMap((list) =>
      list === undefined ? [] : list.split(',').map((each) => each.trim().split(/[ :|(]/, 1)[0] ?? ''),
    ),
  };
}
