import { isUtf8 } from 'node:buffer';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { type Advisory, type AffectedPackage, isAdvisoryId } from '../../../model/advisories/advisory.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { readPocket } from './pockets.ts';
import { type Priorities, readPriorities } from './priorities.ts';
import { combineVerdicts, readSubscribersVerdict, readVerdict, type Verdict } from './state.ts';
import { readTrackerFile, type StateLine, type TrackerFile } from './tracker-file.ts';

/** The maximum size of a file in bytes; the largest file of the tracker, for the kernel, is 57 kB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a file of the Ubuntu CVE tracker about one CVE; skips a rejected CVE. Adds a diagnostic to `recordDiagnostics`
 * for each part that it cannot interpret.
 *
 * @throws ClairError the errors of reading the document.
 */
export async function* parseUbuntuTracker(
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Advisory> {
  const bytes = await allBytes(document.stream, MAX_FILE_BYTES);
  if (bytes === undefined) {
    addRecordDiagnostic(recordDiagnostics, skipped(`${document.name} skipped: larger than ${MAX_FILE_BYTES} bytes`));
    return;
  }
  const { advisory, diagnostics } = readRecord(document.name, bytes);
  for (const diagnostic of diagnostics) addRecordDiagnostic(recordDiagnostics, diagnostic);
  if (advisory !== undefined) yield advisory;
}

/**
 * Returns whether a path of the tracker is a file about a CVE. The file is named `CVE-…`, and is in the directory
 * `active`, `retired` or `ignored`, or in no directory. Other files are templates (`00boilerplate…`), lists, additions
 * of other teams (`subprojects`) and test data.
 */
export function isTrackerRecord(path: string): boolean {
  return (
    /^(?:(?:.*\/)?(?:active|retired|ignored)\/)?CVE-[^/]+$/.test(path) && !/(?:^|\/)(?:subprojects|test)\//.test(path)
  );
}

export type RecordReading = { readonly advisory?: Advisory; readonly diagnostics: readonly RecordDiagnostic[] };

/** Reads a file of the tracker. Never throws. */
export function readRecord(name: string, bytes: Uint8Array): RecordReading {
  const file = readTrackerFile(new TextDecoder().decode(bytes));
  const id = file.fields.get('Candidate')?.[0] ?? '';
  if (!isAdvisoryId(id)) {
    const reason = id === '' ? 'missing candidate' : `invalid identifier ${JSON.stringify(id)}`;
    return { diagnostics: [skipped(`${name} skipped: ${reason}`)] };
  }
  const description = textOf(file, 'Description');
  if (REJECTED.test(description)) return { diagnostics: [] };
  const { affected, diagnostics } = readAffected(file);
  const diagnosticsOfText = isUtf8(bytes)
    ? []
    : [inexact('contains bytes that are not UTF-8; these bytes were replaced')];
  return {
    advisory: {
      id,
      link: `${PAGE}${id}`,
      description: description === '' ? textOf(file, 'Ubuntu-Description') : description,
      affected,
    },
    diagnostics: [...diagnosticsOfText, ...diagnostics].map((diagnostic) => at(id, diagnostic)),
  };
}

const PAGE = 'https://ubuntu.com/security/';

/** The texts with which MITRE marks a rejected CVE, in the old and the new format of CVE records. */
const REJECTED = /^(?:\*\* REJECT(?:ED)? \*\*|Rejected reason:)/i;

const PACKAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9.+_-]*$/;

type Affected = { readonly affected: readonly AffectedPackage[]; readonly diagnostics: readonly RecordDiagnostic[] };

/** The statements about a package of a release, in the archive and in the subscribers' pockets. */
type Release = {
  readonly codename: string;
  readonly namespace: string;
  readonly package: string;
  readonly archive: StateLine[];
  readonly esm: StateLine[];
};

function readAffected(file: TrackerFile): Affected {
  const diagnostics = file.strays.map((line) => skipped(`line skipped because it belongs to no field: ${line}`));
  const priorities = readPriorities(file, diagnostics);
  const affected: AffectedPackage[] = [];
  for (const release of releasesOf(file.states, diagnostics)) {
    const verdict = verdictOf(release);
    if (verdict?.diagnostic !== undefined)
      diagnostics.push(inexact(`in ${release.namespace} ${release.package} ${verdict.diagnostic}`));
    if (verdict?.status !== undefined) affected.push(affectedPackage(release, verdict, verdict.status, priorities));
  }
  return { affected, diagnostics };
}

function affectedPackage(
  { codename, namespace, package: name }: Release,
  { fixed }: Verdict,
  status: AffectedPackage['status'],
  priorities: Priorities,
): AffectedPackage {
  return { namespace, package: name, ...(fixed !== undefined && { fixed }), ...priorities(name, codename), status };
}

/** Groups the states by release and package. Skips packages that do not exist (`DNE`). */
function releasesOf(states: readonly StateLine[], diagnostics: RecordDiagnostic[]): Iterable<Release> {
  const releases = new Map<string, Release>();
  for (const line of states) {
    if (line.state === 'DNE') continue;
    const pocket = readPocket(line.place);
    if (pocket === undefined) diagnostics.push(skipped(`in ${line.place} skipped: unknown release`));
    else if (pocket.kind === 'other') continue;
    else if (!PACKAGE_NAME.test(line.package)) {
      diagnostics.push(skipped(`in ${line.place} skipped: invalid package name ${JSON.stringify(line.package)}`));
    } else {
      const { codename, namespace } = pocket;
      const key = `${codename} ${line.package}`;
      const release = releases.get(key) ?? { codename, namespace, package: line.package, archive: [], esm: [] };
      releases.set(key, release);
      release[pocket.kind].push(line);
    }
  }
  return releases.values();
}

function verdictOf({ archive, esm }: Release): Verdict | undefined {
  const [first, ...others] = archive;
  if (first && others.some(({ state, note }) => state !== first.state || note !== first.note)) {
    return { status: 'unknown', diagnostic: 'treated as affected: conflicting states' };
  }
  return combineVerdicts(
    first && readVerdict(first.state, first.note),
    esm.map(({ state, note }) => readSubscribersVerdict(state, note)),
  );
}

function textOf({ fields }: TrackerFile, name: string): string {
  return (fields.get(name) ?? []).filter((line) => line !== '').join(' ');
}
