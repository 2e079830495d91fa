import { shownName } from '../../../../bytes/tar/name.ts';
import { ClairError } from '../../../../errors.ts';
import { type SystemPackage } from '../../../../model/feature.ts';
import { moduleStreamOf } from '../../../../ecosystems/rpm.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FileFacts } from '../../detector.ts';
import { createDatabaseDiagnostics, type DatabaseDiagnostics } from '../database-diagnostics.ts';
import { createOwnedPaths, type FileFilter, type FileOwnership } from '../owned-paths.ts';
import { addFileList } from './add-file-list.ts';
import { headerFields, openHeader, type OpenHeader, type RpmHeader } from './parse-header.ts';
import { isBdb, isBtree, readBdb } from './read-bdb.ts';
import { isNdb, readNdb } from './read-ndb.ts';
import { isSqlite, readSqlite } from './read-sqlite.ts';
import type { RpmEntry } from './rpm-entry.ts';

/**
 * Reads the installed packages from an rpm database in BerkeleyDB, ndb or SQLite format, detected by its bytes.
 *
 * Skips a damaged header with a diagnostic. If the database itself is damaged, lists the packages read so far and adds
 * a diagnostic. Does not verify signatures: an intact header is accepted, as for `rpm --nosignature --nodigest`. Keys
 * (`gpg-pubkey`) are not packages.
 *
 * With `wants`, also reads the file list of each package, and skips a damaged list with a diagnostic.
 */
export function readRpmDatabase(path: string, bytes: Uint8Array, wants?: FileFilter): FileFacts {
  const form = FORMS.find(({ isForm }) => isForm(bytes));
  if (form === undefined && isBtree(bytes)) {
    const what = 'is a BerkeleyDB btree, the format of rpm5, which is not supported, so the packages are unknown';
    return { diagnostics: [unreadable(path, `${path} ${what}`)] };
  }
  if (form === undefined) {
    const what =
      bytes.length === 0 ? 'is empty' : `is not in a supported format (${FORMS.map(({ name }) => name).join(', ')})`;
    return { diagnostics: [unreadable(path, `${path} ${what}, so it is not an rpm database`)] };
  }
  const packages: SystemPackage[] = [];
  const diagnostics = createDatabaseDiagnostics(path);
  const files = wants && createOwnedPaths(path, wants);
  let entries = 0;
  const told = (): FileFacts =>
    withOwned(diagnostics.facts(packages, { manager: 'rpm', entries, entryNoun: 'headers' }), files?.collected());
  try {
    for (const entry of form.read(bytes)) {
      entries += 1;
      const header = openedHeader(entry, diagnostics);
      const found = header && packageOf(header, entry.number, diagnostics);
      if (found !== undefined) packages.push(found);
      if (header !== undefined && found !== undefined && files !== undefined) {
        const { type, name, version, arch } = found;
        addFileList(header, { owner: { type, name, version, arch }, number: entry.number }, files);
      }
      if (diagnostics.isFull(packages.length, entries)) break;
    }
    return told();
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    const read = packages.length === 1 ? '1 package was read' : `${packages.length} packages were read`;
    const extent = packages.length === 0 ? 'cannot be read' : `is only partly readable: ${read}`;
    const message = `${path} ${extent} (${form.name}): ${error.message}`;
    const { packages: _, diagnostics: others, ...owned } = told();
    return {
      ...(packages.length > 0 && { packages }),
      ...owned,
      diagnostics: [...others, unreadable(path, message)],
    };
  }
}

function withOwned(found: FileFacts, files: FileOwnership | undefined): FileFacts {
  if (files === undefined) return found;
  const { owned, diagnostics } = files;
  return {
    ...found,
    ...(owned.length > 0 && { ownedPaths: owned }),
    diagnostics: [...found.diagnostics, ...diagnostics],
  };
}

type DatabaseForm = {
  readonly name: string;
  readonly isForm: (bytes: Uint8Array) => boolean;
  /** Yields the entries. Throws ClairError when the database as a whole is damaged. */
  readonly read: (bytes: Uint8Array) => Iterable<RpmEntry>;
};

const FORMS: readonly DatabaseForm[] = [
  { name: 'SQLite', isForm: isSqlite, read: readSqlite },
  { name: 'ndb', isForm: isNdb, read: readNdb },
  { name: 'BerkeleyDB', isForm: isBdb, read: readBdb },
];

/** rpm stores trusted keys as packages (lib/rpmts.c, rpmtsImportPubkey). */
const KEY_NAME = 'gpg-pubkey';

function packageOf(header: OpenHeader, number: number, diagnostics: DatabaseDiagnostics): SystemPackage | undefined {
  const parsed = readable(number, diagnostics, () => parsedHeader(header));
  if (parsed === undefined || parsed.name === KEY_NAME) return undefined;
  const { name, epoch, version, release, arch, vendor, module } = parsed;
  const found: SystemPackage = {
    type: 'rpm',
    name,
    version: epoch === 0 ? `${version}-${release}` : `${epoch}:${version}-${release}`,
    arch,
    source: sourceOf(parsed),
    ...(vendor !== '' && { vendor }),
    ...(module !== undefined && { module }),
  };
  diagnostics.addInvalidVersions(number, found);
  if (moduleStreamOf(found) === undefined) {
    const message = `${name} is a modular package without a modularity label, so it was not matched`;
    diagnostics.add(number, 'package-module-unknown', message);
  }
  return found;
}

function openedHeader({ number, header }: RpmEntry, diagnostics: DatabaseDiagnostics): OpenHeader | undefined {
  return readable(number, diagnostics, () => openHeader(header()));
}

function parsedHeader(header: OpenHeader): RpmHeader {
  const parsed = headerFields(header);
  // The epoch is a separate field, so a prefix before a colon would be read as a second epoch.
  const full = `${parsed.version}-${parsed.release}`;
  if (!full.includes(':')) return parsed;
  throw new ClairError('bytes/corrupt', `the version or release in ${shownName(full)} contains a colon`);
}

/** Returns the result of `read`; for a damaged entry, adds a diagnostic and returns undefined. */
function readable<Read>(number: number, diagnostics: DatabaseDiagnostics, read: () => Read): Read | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    diagnostics.add(number, 'package-entry-unreadable', `entry skipped: ${error.message}`);
    return undefined;
  }
}

/**
 * A source rpm name, `name-version-release.src.rpm`, has no epoch. A package without a source rpm is treated as its own
 * source package.
 */
function sourceOf({ name, version, release, sourceRpm }: RpmHeader): SystemPackage['source'] {
  const [, source, sourceVersion] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(sourceRpm) ?? [];
  if (source === undefined || sourceVersion === undefined) return { name, version: `${version}-${release}` };
  return { name: unsignedName(source), version: sourceVersion };
}

/**
 * Azure Linux and CBL-Mariner sign the binaries of another source package under the version of that source package
 * (SPECS-SIGNED of https://github.com/microsoft/azurelinux): `kernel-signed-x86_64` signs `kernel`, the name in the
 * feed.
 */
function unsignedName(source: string): string {
  const [, unsigned] = /^(.+)-signed-(?:x86_64|aarch64)$/.exec(source) ?? [];
  return unsigned === 'grub2-efi-binary' ? 'grub2' : (unsigned ?? source);
}

function unreadable(path: string, message: string): Diagnostic {
  return { code: 'package-database-unreadable', message, where: path };
}
