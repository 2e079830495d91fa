import { ClairError } from '../../../errors.ts';
import { type Advisory, type AffectedPackage, isAdvisoryId } from '../../../model/advisories/advisory.ts';
import { debianNamespace } from '../../../model/releases/debian-releases.ts';
import type { Severity } from '../../../model/severity.ts';
import type { Status } from '../../../model/advisories/status.ts';
import { dpkg } from '../../../versions/dpkg.ts';
import type { JsonMember } from '../../../bytes/documents/json-members.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { type GroupedItems, groupedItems } from '../../advisories/grouped-items.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';

/**
 * Reads the security tracker's JSON (https://security-tracker.debian.org/tracker/data/json), which is an object `SOURCE
 * PACKAGE: { CVE: { description?, releases: { CODENAME: { status, urgency, fixed_version?, nodsa?, … } } } }`. Returns a
 * part of an advisory for each package and CVE. Adds a diagnostic to `recordDiagnostics` for each part that it cannot
 * interpret.
 *
 * @throws ClairError `feed/empty` if the JSON has no members, `feed/invalid` if no member has this shape; the errors of
 * `members`
 */
export function parseTracker(
  members: AsyncIterable<JsonMember>,
  recordDiagnostics: RecordDiagnostics,
  where: string,
): GroupedItems<Advisory> {
  return groupedItems(packageAdvisories(members, recordDiagnostics, where));
}

async function* packageAdvisories(
  members: AsyncIterable<JsonMember>,
  recordDiagnostics: RecordDiagnostics,
  where: string,
): AsyncGenerator<readonly Advisory[]> {
  let packages = 0;
  let advisories = 0;
  for await (const { key, value } of members) {
    const reading = readSourcePackage(key, value);
    packages += 1;
    advisories += reading.advisories.length;
    for (const example of reading.diagnostics) addRecordDiagnostic(recordDiagnostics, example);
    yield reading.advisories;
  }
  if (packages === 0) throw new ClairError('feed/empty', `${where} contains no package`);
  if (advisories === 0) {
    throw new ClairError('feed/invalid', `${where} is not Debian tracker data: it contains no package with CVEs`);
  }
}

export type SourcePackageReading = {
  readonly advisories: readonly Advisory[];
  readonly diagnostics: readonly RecordDiagnostic[];
};

/**
 * Reads one member of the tracker's JSON. Never throws.
 *
 * @param name the source package
 */
export function readSourcePackage(name: string, value: unknown): SourcePackageReading {
  const advisories: Advisory[] = [];
  const diagnostics: RecordDiagnostic[] = [];
  if (!isObject(value)) return { advisories, diagnostics: [skipped(`${name} skipped: not an object`)] };
  const isVersion = versionCheck();
  for (const id of Object.keys(value)) {
    const reading = readRecord(name, id, value[id], isVersion);
    if (reading.advisory) advisories.push(reading.advisory);
    for (const diagnostic of reading.diagnostics) diagnostics.push(at(`${name} ${id}`, diagnostic));
  }
  return { advisories, diagnostics };
}

const PAGE = 'https://security-tracker.debian.org/tracker/';

/** As a fixed version, 0 means that no version was ever affected. */
const NEVER_AFFECTED = '0';

const SEVERITY_OF_URGENCY: ReadonlyMap<string, Severity> = new Map([
  ['unimportant', 'Negligible'],
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['high', 'High'],
  ['not yet assigned', 'Unknown'],
  ['end-of-life', 'Unknown'],
  ['', 'Unknown'],
]);

/** The asterisks with which the tracker marks an urgency from the NVD. */
const ASTERISKS = /\*{1,2}$/;

/** A JSON object with unvalidated values; null means absent. */
type Fields = Readonly<Record<string, unknown>>;

type RecordReading = { readonly advisory?: Advisory; readonly diagnostics: readonly RecordDiagnostic[] };

function readRecord(name: string, id: string, record: unknown, isVersion: VersionCheck): RecordReading {
  if (!isAdvisoryId(id)) return { diagnostics: [skipped('skipped: invalid identifier')] };
  if (!isObject(record) || !isObject(record['releases']))
    return { diagnostics: [skipped('skipped: missing releases')] };
  const description = record['description'] ?? '';
  const isText = typeof description === 'string';
  const affected: AffectedPackage[] = [];
  const diagnostics = isText ? [] : [inexact('description ignored: not text')];
  const { releases } = record;
  for (const codename of Object.keys(releases)) {
    const reading = readRelease(name, codename, releases[codename], isVersion);
    if (reading.affected !== undefined) affected.push(reading.affected);
    if (reading.diagnostic !== undefined) diagnostics.push(reading.diagnostic);
  }
  const advisory = { id, link: `${PAGE}${id}`, description: isText ? description : '', affected };
  return { advisory, diagnostics };
}

type ReleaseReading = { readonly affected?: AffectedPackage; readonly diagnostic?: RecordDiagnostic };

function readRelease(name: string, codename: string, entry: unknown, isVersion: VersionCheck): ReleaseReading {
  const namespace = debianNamespace(codename);
  if (namespace === undefined) return { diagnostic: skipped(`in ${codename} skipped: unknown release`) };
  if (!isObject(entry)) return { diagnostic: skipped(`in ${codename} skipped: not an object`) };
  const severity = readUrgency(entry['urgency'] ?? '');
  const { status, fixed, diagnostic } = readState(entry, isVersion);
  const affected = status && affectedPackage(namespace, name, fixed, severity ?? 'Unknown', status);
  if (severity !== undefined && diagnostic === undefined) return affected === undefined ? {} : { affected };
  const diagnostics = [
    ...(severity === undefined ? [`has an unknown urgency: ${shown(entry['urgency'])}`] : []),
    ...(diagnostic === undefined ? [] : [diagnostic]),
  ];
  return { ...(affected && { affected }), diagnostic: inexact(`in ${codename} ${diagnostics.join('; ')}`) };
}

function affectedPackage(
  namespace: string,
  name: string,
  fixed: string | undefined,
  severity: Severity,
  status: Status,
): AffectedPackage {
  return fixed === undefined
    ? { namespace, package: name, severity, status }
    : { namespace, package: name, fixed, severity, status };
}

function readUrgency(urgency: unknown): Severity | undefined {
  if (typeof urgency !== 'string') return undefined;
  return SEVERITY_OF_URGENCY.get(urgency) ?? SEVERITY_OF_URGENCY.get(urgency.replace(ASTERISKS, ''));
}

/** The state of a package in a release; without a status, the package was never affected. */
type ReleaseState = { readonly status?: Status; readonly fixed?: string; readonly diagnostic?: string };

function readState(entry: Fields, isVersion: VersionCheck): ReleaseState {
  const isEndOfLife = entry['urgency'] === 'end-of-life';
  switch (entry['status']) {
    case 'resolved':
      return readFix(entry['fixed_version'], isVersion);
    case 'open':
      return { status: isEndOfLife ? 'end-of-life' : readOpenStatus(entry) };
    case 'undetermined':
      return { status: isEndOfLife ? 'end-of-life' : 'undetermined' };
    default: {
      // Use the widest interval for an unknown status, and ignore a fixed version of 0.
      const { fixed } = readFix(entry['fixed_version'], isVersion);
      const diagnostic = `treated as affected: unknown status ${shown(entry['status'])}`;
      return { status: 'unknown', ...(fixed !== undefined && { fixed }), diagnostic };
    }
  }
}

function readFix(version: unknown, isVersion: VersionCheck): ReleaseState {
  if (version === NEVER_AFFECTED) return {};
  if (isVersion(version)) return { status: 'fixed', fixed: version };
  return { status: 'unknown', diagnostic: `treated as affected: dpkg rejects the fixed version ${shown(version)}` };
}

/**
 * Returns the status of an unfixed package. The security team may plan no advisory of its own (`nodsa`), postpone the
 * fix, or ignore the vulnerability.
 */
function readOpenStatus(entry: Fields): Status {
  const reason = entry['nodsa_reason'];
  if (reason === 'ignored' || reason === 'postponed') return reason;
  return (entry['nodsa'] ?? null) === null ? 'open' : 'no-dsa';
}

type VersionCheck = (version: unknown) => version is string;

/** Returns a function that checks each version once, because releases and CVEs share the versions of a package. */
function versionCheck(): VersionCheck {
  const known = new Map<string, boolean>();
  return (version): version is string => {
    if (typeof version !== 'string') return false;
    let isValid = known.get(version);
    if (isValid === undefined) {
      isValid = dpkg.keyOf(version) !== undefined;
      known.set(version, isValid);
    }
    return isValid;
  };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
