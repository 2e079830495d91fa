import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { NOTES, type NoteKind } from '../../../model/advisories/status.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { skipped } from '../../advisories/record-diagnostics.ts';
import { shown } from '../../formats/json-fields.ts';
import {
  boundsOf,
  type OsvAffected,
  type OsvReading,
  type OsvRecord,
  type OsvSeverity,
  statusOf,
} from '../../formats/osv.ts';
import type { OsvInterval } from '../../formats/osv-intervals.ts';
import { ecosystemNamed, type OsvEcosystem } from './ecosystems.ts';
import { importsOfModules, type ModuleImports } from './go-imports.ts';

/**
 * Converts a document to one advisory for each ecosystem in which the document has packages. All advisories have the
 * identifier of the document. An update of one ecosystem therefore replaces only packages of this ecosystem.
 */
export function readLanguageRecord(record: OsvRecord, ecosystems: readonly OsvEcosystem[]): OsvReading {
  const diagnostics: RecordDiagnostic[] = [];
  const aliases = [...new Set(record.aliases)].filter((alias) => alias !== record.id);
  const advisories = ecosystems.flatMap((ecosystem): Advisory[] => {
    const members = record.affected.filter((each) => ecosystemNamed(each.ecosystem, [ecosystem]) !== undefined);
    const imports = ecosystem.namesImports === true ? importsOfModules(members) : NO_IMPORTS;
    const affected = members.flatMap((each) => affectedOf(record, each, { ecosystem, imports }, diagnostics));
    if (affected.length === 0) return [];
    const { id } = record;
    const of = { id, link: linkOf(id), description: descriptionOf(record), affected: unique(affected) };
    return [aliases.length === 0 ? of : { ...of, aliases }];
  });
  return { advisories, diagnostics };
}

const NO_IMPORTS: ModuleImports = new Map();

/** The form of package names that are accepted: up to 512 characters other than control characters. */
const NAME = /^[^\p{Cc}]{1,512}$/u;

function affectedOf(
  record: OsvRecord,
  each: OsvAffected,
  {
    ecosystem: { namespace, nameOf, boundOf = (bound) => bound },
    imports: ofModules,
  }: { readonly ecosystem: OsvEcosystem; readonly imports: ModuleImports },
  diagnostics: RecordDiagnostic[],
): readonly AffectedPackage[] {
  if (!NAME.test(each.name)) {
    diagnostics.push(skipped(`affected entry skipped: invalid name ${shown(each.name)}`));
    return [];
  }
  const { severity, from } = ratingOf(record, each);
  const note = noteOf(each);
  const imports = ofModules.get(each.name);
  return each.intervals.map(({ introduced, end, ...others }) => {
    const interval: OsvInterval = {
      ...others,
      ...(introduced !== undefined && { introduced: boundOf(introduced, each.name) }),
      ...(end !== undefined && { end: { ...end, version: boundOf(end.version, each.name) } }),
    };
    return {
      namespace,
      package: nameOf(each.name),
      ...boundsOf(interval),
      severity,
      ...(from === 'cvss' && { severityFrom: from }),
      status: note ?? statusOf(interval),
      ...(imports !== undefined && { imports }),
    };
  });
}

/**
 * Returns the severity of a package. A malicious package (`MAL-…`, from the OpenSSF) has no score, but runs an
 * attacker's code when it is installed.
 */
function ratingOf({ id, severity }: OsvRecord, each: OsvAffected): OsvSeverity {
  const rating = each.severity ?? severity;
  if (rating !== undefined) return rating;
  return { severity: id.startsWith('MAL-') ? 'Critical' : 'Unknown', from: 'feed' };
}

/**
 * Returns the kind of an informational RustSec advisory (https://github.com/rustsec/advisory-db, "Advisory Format");
 * undefined for other advisories.
 */
function noteOf({ database: { informational } }: OsvAffected): NoteKind | undefined {
  if (typeof informational !== 'string' || informational === '') return undefined;
  return NOTES.find((kind) => kind === informational) ?? 'notice';
}

/** The web pages of advisories, by ID prefix; OSV has a page for every document. */
const PAGES: readonly (readonly [prefix: string, page: (id: string) => string])[] = [
  ['GHSA-', (id) => `https://github.com/advisories/${id}`],
  ['GO-', (id) => `https://pkg.go.dev/vuln/${id}`],
  ['RUSTSEC-', (id) => `https://rustsec.org/advisories/${id}.html`],
  ['', (id) => `https://osv.dev/vulnerability/${id}`],
];

function linkOf(id: string): string {
  return PAGES.find(([prefix]) => id.startsWith(prefix))?.[1](id) ?? '';
}

/** The maximum length of a description in characters, because details can be many pages of Markdown. */
const MAX_DESCRIPTION = 10_000;

/** Returns the summary, otherwise the details. Removes NUL characters, which PostgreSQL cannot store. */
function descriptionOf({ summary, details }: OsvRecord): string {
  return (summary === '' ? details : summary).slice(0, MAX_DESCRIPTION).replaceAll('\0', '');
}

/** Removes duplicates, because several members with the same name may contain the same interval. */
function unique(affected: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return [...new Map(affected.map((each) => [JSON.stringify(each), each])).values()];
}
