import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Severity } from '../../model/severity.ts';
import { isModular, moduleStreamsIn, UNTOLD_STREAM } from '../advisories/rpm-modules.ts';
import { withoutListedFixes } from '../advisories/listed-fixes.ts';
import { shown } from './json-fields.ts';
import { boundsOf, type OsvAffected, type OsvReading, type OsvRecord, severityOfWord, statusOf } from './osv.ts';
import type { OsvInterval } from './osv-intervals.ts';

/** What one rebuild of Red Hat Enterprise Linux has of its own. */
export type ErrataSource = {
  /** Names the namespace of an ecosystem (`AlmaLinux:8`); undefined for those of others. */
  readonly namespaceOf: (ecosystem: string) => string | undefined;
  /** What the identifiers of security advisories start with; the others count when they name a CVE. */
  readonly securityPrefix: string;
  /** The page of an advisory. */
  readonly linkOf: (record: OsvRecord) => string;
  /** Tells what no package of the release itself is meant by, though its ecosystem is that of the release. */
  readonly isOther?: (affected: OsvAffected) => boolean;
};

/**
 * Reads an erratum of a rebuild of Red Hat Enterprise Linux, as OSV has it: the advisory is one of the source, and the CVEs
 * that it fixes are its other names. Errata that repair no vulnerability give nothing. The severity is the word in the
 * title, the module streams are those that it names.
 */
export function readErratum(record: OsvRecord, source: ErrataSource): OsvReading {
  const names = [...record.aliases, ...record.upstream, ...record.related];
  const aliases = [...new Set(names.filter((name) => name.startsWith('CVE-')))];
  if (!record.id.startsWith(source.securityPrefix) && aliases.length === 0) return { advisories: [], diagnostics: [] };
  const diagnostics: string[] = [];
  const severity = severityOfTitle(record.summary);
  const streams = moduleStreamsIn(record.summary);
  const affected: AffectedPackage[] = [];
  for (const each of record.affected) {
    const namespace = source.namespaceOf(each.ecosystem);
    if (namespace === undefined) {
      diagnostics.push(`kept without ${each.name} of an unknown release: ${shown(each.ecosystem)}`);
    } else if (source.isOther?.(each) !== true) {
      affected.push(...affectedOf(each, namespace, streams, severity, record));
    }
  }
  if (record.affected.length === 0) diagnostics.push('skipped: it names no package');
  if (affected.length === 0) return { advisories: [], diagnostics };
  const advisory = {
    id: record.id,
    link: source.linkOf(record),
    description: record.details === '' ? record.summary : record.details,
    ...(aliases.length > 0 && { aliases }),
    affected: withoutListedFixes(affected),
  };
  return { advisories: [advisory], diagnostics };
}

/** `Important: ruby:3.3 security update`, or `… security update (Important)` behind. */
function severityOfTitle(title: string): Severity | undefined {
  const word = /^(\w+): /.exec(title)?.[1] ?? '';
  const last = /\((\w+)\)\s*$/.exec(title)?.[1] ?? '';
  return severityOfWord(word) ?? severityOfWord(last);
}

function affectedOf(
  each: OsvAffected,
  namespace: string,
  streams: readonly string[],
  ofTitle: Severity | undefined,
  record: OsvRecord,
): readonly AffectedPackage[] {
  const scored = each.severity ?? record.severity ?? { severity: 'Unknown', from: 'feed' };
  const severity = ofTitle === undefined ? scored : ({ severity: ofTitle, from: 'feed' } as const);
  return each.intervals.flatMap((interval) => {
    const affected: AffectedPackage = {
      namespace,
      package: each.name,
      ...boundsOf(interval),
      severity: severity.severity,
      ...(severity.from === 'cvss' && { severityFrom: 'cvss' }),
      status: statusOf(interval),
    };
    return modulesOf(interval, streams).map((module) => (module === undefined ? affected : { ...affected, module }));
  });
}

/** The module streams that an interval is meant for; undefined stands for what lies outside of modules. */
function modulesOf({ introduced, end }: OsvInterval, streams: readonly string[]): readonly (string | undefined)[] {
  const version = end?.version ?? introduced;
  // Without a version, nothing tells whether the package was built in a module.
  if (version === undefined) return [undefined, ...streams];
  if (!isModular(version)) return [undefined];
  return streams.length === 0 ? [UNTOLD_STREAM] : streams;
}
