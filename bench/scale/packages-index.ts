import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FigureUnavailable } from '../figure.ts';

/** A binary package of a Debian archive, from its Packages index. */
export type IndexedPackage = {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: { readonly name: string; readonly version: string };
  /** The names of the packages on which the package depends; of alternatives, only the first name. */
  readonly depends: readonly string[];
};

/** The maximum size of apt's output; the main index of Debian 13 for one architecture is 54 MB. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/**
 * Reads a Packages index (deb822, one paragraph per package) from a plain file or from apt on this machine. If several
 * packages have the same name, the first package is used.
 *
 * @throws FigureUnavailable without an index, or for an index of too few packages
 */
export function readPackagesIndex(path?: string): readonly IndexedPackage[] {
  const found = new Map<string, IndexedPackage>();
  for (const paragraph of indexText(path).split('\n\n')) {
    const of = packageOf(paragraph);
    if (of !== undefined && !found.has(of.name)) found.set(of.name, of);
  }
  if (found.size < MIN_PACKAGES) {
    const where = path ?? 'apt on this machine';
    throw new FigureUnavailable(
      `${where} has only ${found.size} packages: pass the index of a whole release (--packages)`,
    );
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
    throw new FigureUnavailable(`cannot read a Packages index of Debian (--packages FILE, or apt-cache): ${why}`);
  }
}

function packageOf(paragraph: string): IndexedPackage | undefined {
  const fields = new Map<string, string>();
  for (const line of paragraph.split('\n')) {
    const colon = line.indexOf(':');
    // A continuation line begins with a blank; no needed field has a continuation line.
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
