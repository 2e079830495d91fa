import { type SystemPackage } from '../../../../model/feature.ts';
import type { FileFacts } from '../../detector.ts';
import { createDatabaseDiagnostics, type DatabaseDiagnostics, MAX_FIELD_LENGTH } from '../database-diagnostics.ts';
import { textPieces } from '../text-pieces.ts';
import { parseControl, type Stanza } from './parse-control.ts';
import { signedSource } from './signed-source.ts';
import { thirdPartyOf } from '../third-parties.ts';

/**
 * Reads the installed packages from a dpkg status file, or from one file of `status.d`.
 *
 * The third word of `Status`, the state, determines what is installed (dpkg(1), "Package states"). Packages with files
 * on disk but unfinished configuration are installed, too, and get a diagnostic. Stanzas in `status.d` need no
 * `Status`; files without a stanza in that directory are skipped.
 */
export function readDpkgStatus(path: string, bytes: Uint8Array): FileFacts {
  const inDirectory = path.includes('/status.d/');
  if (inDirectory && !looksLikeStanza(path, bytes)) return { diagnostics: [] };

  const packages: SystemPackage[] = [];
  const diagnostics = createDatabaseDiagnostics(path);
  let stanzas = 0;
  for (const stanza of parseControl(textPieces(bytes))) {
    stanzas += 1;
    const found = packageOf(stanza, inDirectory, diagnostics);
    if (found !== undefined) packages.push(found);
    if (diagnostics.isFull(packages.length, stanzas)) break;
  }
  return diagnostics.facts(packages, { manager: 'dpkg', entries: stanzas, entryNoun: 'stanzas' });
}

/**
 * Files that dpkg keeps for a package (dpkg-deb, "control files"), and debconf templates. Such a file may contain the
 * text of a stanza, such as a script with a here-document; the file is read as a stanza only if it starts like a
 * stanza.
 */
const CONTROL_FILE_PATTERN =
  /\.(?:md5sums|sha256sums|list|conffiles|(?:pre|post)(?:inst|rm)|config|templates|triggers|shlibs|symbols)$/;

const PACKAGE_FIELD_PATTERN = /^package[ \t]*:/im;

const FIRST_FIELD_PATTERN = /^(?:[ \t]*\r?\n|#[^\n]*\n)*[^\s:#][^\s:]*[ \t]*:/;

function looksLikeStanza(path: string, bytes: Uint8Array): boolean {
  let isFirst = true;
  for (const text of textPieces(bytes)) {
    if (isFirst && CONTROL_FILE_PATTERN.test(path) && !FIRST_FIELD_PATTERN.test(text)) return false;
    if (PACKAGE_FIELD_PATTERN.test(text)) return true;
    isFirst = false;
  }
  return false;
}

function packageOf(
  stanza: Stanza,
  statusMayBeMissing: boolean,
  diagnostics: DatabaseDiagnostics,
): SystemPackage | undefined {
  const { fields, line } = stanza;
  const name = fields.get('package') ?? '';
  const tooLong = READ_FIELDS.find((field) => (fields.get(field) ?? '').length > MAX_FIELD_LENGTH);
  const skip = (why: string): undefined => {
    const what = name === '' || tooLong === 'package' ? 'entry' : name;
    diagnostics.add(line, 'package-entry-unreadable', `${what} skipped: ${why}`);
  };

  if (tooLong !== undefined) return skip(`the field ${tooLong} is longer than ${MAX_FIELD_LENGTH} characters`);
  if (stanza.damage !== undefined) return skip(stanza.damage);
  if (name === '') return skip('it has no field Package');
  const status = fields.get('status') ?? (statusMayBeMissing ? 'install ok installed' : '');
  const state = status.split(/\s+/)[2] ?? '';
  if (NOT_INSTALLED.has(state)) return undefined;
  if (status === '') return skip('it has no field Status');
  if (state !== 'installed' && !UNFINISHED.has(state))
    return skip(`the third word of Status is not a known state: "${status}"`);
  const version = fields.get('version') ?? '';
  if (version === '') return skip('it has no field Version');
  const ownSource = sourceOf(fields.get('source') ?? '', name, version);
  if (ownSource === undefined)
    return skip(`Source does not have the form NAME or NAME (VERSION): "${fields.get('source')}"`);
  const source = signedSource({ source: ownSource, version, builtUsing: fields.get('built-using') ?? '' });
  if (source === undefined) {
    const message = `${name}: the version of the code that the source package ${ownSource.name} ${ownSource.version} signs is unknown, because Built-Using does not state it`;
    diagnostics.add(line, 'package-version-invalid', message);
  }

  if (state !== 'installed')
    diagnostics.add(line, 'package-half-configured', `${name} has the state ${state} instead of installed`);
  const maintainer = (fields.get('maintainer') ?? '').slice(0, MAX_FIELD_LENGTH);
  const vendor = thirdPartyOf({ maintainer, version, source: ownSource.name });
  const found: SystemPackage = {
    type: 'deb',
    name,
    version,
    arch: fields.get('architecture') ?? '',
    source: source ?? ownSource,
    ...(vendor !== undefined && { vendor }),
  };
  diagnostics.addInvalidVersions(line, found);
  return found;
}

const READ_FIELDS: readonly string[] = ['package', 'status', 'version', 'source', 'architecture'];

/** The states of packages whose files are absent or in an unknown state (dpkg(1), "Package states"). */
const NOT_INSTALLED: ReadonlySet<string> = new Set(['not-installed', 'config-files', 'half-installed']);

const UNFINISHED: ReadonlySet<string> = new Set([
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
]);

/**
 * Parses the field `Source`, which contains `name` or `name (version)` (Debian Policy 5.6.1). Without the field, the
 * package is its own source package; without the version, the source package has the binary package's version,
 * including the epoch.
 */
function sourceOf(field: string, name: string, version: string): SystemPackage['source'] | undefined {
  if (field === '') return { name, version };
  const [whole, source, sourceVersion] = /^([^\s()]+)\s*(?:\(\s*([^\s()]+)\s*\))?$/.exec(field) ?? [];
  if (whole === undefined || source === undefined) return undefined;
  return { name: source, version: sourceVersion ?? version };
}
