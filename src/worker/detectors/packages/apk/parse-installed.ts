import { type SystemPackage } from '../../../../model/feature.ts';
import { isVirtual } from '../../../../ecosystems/apk.ts';
import type { FileFacts } from '../../detector.ts';
import { createDatabaseDiagnostics, type DatabaseDiagnostics, MAX_FIELD_LENGTH } from '../database-diagnostics.ts';
import { apkThirdPartyOf } from '../third-parties.ts';

/**
 * Reads the installed packages from apk's database: records of lines `K:value`, each followed by a blank line
 * (apk-tools, `apk_db_fdb_read`; https://wiki.alpinelinux.org/wiki/Apk_spec, "Installed Database V2"). Accepts lines of
 * any length, CRLF, and a last record without a blank line; skips broken records. A line of one character ends a record
 * like a blank line, as in apk.
 *
 * The origin (`o`) is the source package, whose version is the version of the package. Virtual packages, whose names
 * start with a dot, are listed like other packages but never matched.
 */
export function readApkInstalled(path: string, bytes: Uint8Array): FileFacts {
  const packages: SystemPackage[] = [];
  const diagnostics = createDatabaseDiagnostics(path);
  let entries = 0;
  for (const record of records(new TextDecoder().decode(bytes))) {
    entries += 1;
    const found = packageOf(record, diagnostics);
    if (found !== undefined) packages.push(found);
    if (diagnostics.isFull(packages.length, entries)) break;
  }
  return diagnostics.facts(packages, { manager: 'apk', entries, entryNoun: 'entries' });
}

/** The fields that are read; most other fields describe files. */
const FIELD_NAMES: ReadonlyMap<string, string> = new Map([
  ['P', 'name'],
  ['V', 'version'],
  ['A', 'architecture'],
  ['o', 'origin'],
]);

type ApkRecord = {
  /** The number of the first line, from 1. */
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
  /** The truncated maintainer; empty when absent. */
  readonly maintainer: string;
  /** How the record is damaged; undefined for a valid record. */
  readonly damage: string | undefined;
};

function packageOf(
  { line, fields, maintainer, damage }: ApkRecord,
  diagnostics: DatabaseDiagnostics,
): SystemPackage | undefined {
  const name = fields.get('P') ?? '';
  const version = fields.get('V') ?? '';
  const tooLong = [...fields.keys()].find((field) => (fields.get(field) ?? '').length > MAX_FIELD_LENGTH);
  const skip = (why: string): undefined => {
    const what = name === '' || tooLong === 'P' ? 'entry' : name;
    diagnostics.add(line, 'package-entry-unreadable', `${what} skipped: ${why}`);
  };

  if (tooLong !== undefined)
    return skip(`the ${FIELD_NAMES.get(tooLong)} is longer than ${MAX_FIELD_LENGTH} characters`);
  if (damage !== undefined) return skip(damage);
  if (name === '') return skip('it has no name (P)');
  if (version === '') return skip('it has no version (V)');
  const origin = fields.get('o') ?? '';
  const source = { name: origin === '' ? name : origin, version };
  const vendor = apkThirdPartyOf(maintainer);
  const found: SystemPackage = {
    type: 'apk',
    name,
    version,
    arch: fields.get('A') ?? '',
    source,
    ...(vendor !== undefined && { vendor }),
  };
  if (!isVirtual(found)) diagnostics.addInvalidVersions(line, found);
  return found;
}

/** `apk_db_fdb_read` treats a shorter line as the end of a record. */
const MIN_LINE_LENGTH = 2;

function* records(text: string): Generator<ApkRecord> {
  let fields = new Map<string, string>();
  let maintainer = '';
  let damage: string | undefined;
  let start = 0;
  let line = 0;
  for (let at = 0; at < text.length; ) {
    line += 1;
    const newline = text.indexOf('\n', at);
    const next = newline === -1 ? text.length : newline;
    const end = next > at && text.charAt(next - 1) === '\r' ? next - 1 : next;
    if (end - at < MIN_LINE_LENGTH) {
      if (start > 0) yield { line: start, fields, maintainer, damage };
      fields = new Map();
      maintainer = '';
      damage = undefined;
      start = 0;
    } else {
      if (start === 0) start = line;
      const field = text.charAt(at);
      if (text.charAt(at + 1) !== ':') damage ??= `line ${line} is not a field`;
      else if (field === 'm') maintainer = text.slice(at + 2, Math.min(end, at + 2 + MAX_FIELD_LENGTH));
      // Most lines describe files; they are skipped without a copy.
      else if (FIELD_NAMES.has(field)) {
        if (fields.has(field)) damage ??= `line ${line} repeats the ${FIELD_NAMES.get(field)}`;
        else fields.set(field, text.slice(at + 2, end).trim());
      }
    }
    at = next + 1;
  }
  if (start > 0) yield { line: start, fields, maintainer, damage };
}
