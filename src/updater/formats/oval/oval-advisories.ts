import { type Advisory, isAdvisoryId } from '../../../model/advisories/advisory.ts';
import type { Severity } from '../../../model/severity.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, joined, skipped } from '../../advisories/record-diagnostics.ts';
import { type OvalDefinition, ovalDefinitions } from './oval.ts';
import type { OvalRules } from './oval-conditions.ts';
import { type OvalRange, readOvalRanges } from './oval-ranges.ts';

export type OvalHead = Pick<Advisory, 'id' | 'link' | 'aliases'>;

/** Adds a diagnostic once per document. */
export type TellOnce = (diagnostic: RecordDiagnostic) => void;

/** The differences between the OVAL documents of rpm distributions. */
export type OvalDialect = {
  readonly rules: (tell: TellOnce) => OvalRules;
  /**
   * Returns the heads of the advisories in a definition. Returns an empty list for a definition without a name, and
   * undefined for a definition that is not about a vulnerability.
   */
  readonly heads: (definition: OvalDefinition) => readonly OvalHead[] | undefined;
  /** Returns the releases of a definition whose criteria name no releases. */
  readonly namespaces: (definition: OvalDefinition) => readonly string[];
  /** The severities by severity word in lower case. */
  readonly severities: ReadonlyMap<string, Severity>;
  /** Applies statements outside the criteria to a range; returns an empty list if the range is not affected. */
  readonly refine?: (range: OvalRange, definition: OvalDefinition, tell: TellOnce) => readonly OvalRange[];
  readonly keepsReferences?: (definitionClass: string) => boolean;
};

/**
 * Returns a parser for an OVAL dialect. Each definition becomes an advisory for each of its heads, even if it affects
 * no package. All faults of its criteria and severity become one diagnostic.
 *
 * The parser throws for a malformed document, because skipping the document would remove the advisories of a whole
 * release.
 */
export function ovalParser(dialect: OvalDialect): DocumentParser {
  return (document, recordDiagnostics) => advisoriesOf(dialect, document, recordDiagnostics);
}

async function* advisoriesOf(
  dialect: OvalDialect,
  { name, where, stream }: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Advisory> {
  const told = new Set<string>();
  const tell: TellOnce = (diagnostic) => {
    if (!told.has(diagnostic.message)) addRecordDiagnostic(recordDiagnostics, at(`${name}:`, diagnostic));
    told.add(diagnostic.message);
  };
  const rules = dialect.rules(tell);
  const { keepsReferences } = dialect;
  for await (const definition of ovalDefinitions(stream, { where, ...(keepsReferences && { keepsReferences }) })) {
    const heads = dialect.heads(definition);
    if (heads === undefined) continue;
    const named = heads.filter(({ id }) => isAdvisoryId(id));
    if (named.length < Math.max(heads.length, 1)) {
      addRecordDiagnostic(
        recordDiagnostics,
        skipped(`${definition.id} skipped: missing identifier: ${JSON.stringify(definition.title)}`),
      );
    }
    if (named.length === 0) continue;
    const { ranges, diagnostics } = readOvalRanges(definition.criteria, {
      rules,
      namespaces: dialect.namespaces(definition),
    });
    const severity = severityOf(definition, dialect);
    const ofSeverity = severity === undefined ? [inexact(`has an unknown severity: ${definition.severity}`)] : [];
    const all = [...diagnostics, ...ofSeverity];
    if (all.length > 0) addRecordDiagnostic(recordDiagnostics, at(`${named[0]?.id}`, joined(all)));
    const { refine = (range: OvalRange): readonly OvalRange[] => [range] } = dialect;
    const affected = ranges.flatMap((range) => refine(range, definition, tell));
    const rated = affected.map((range) => ({ ...range, severity: severity ?? ('Unknown' as const) }));
    for (const head of named) yield { ...head, description: definition.description, affected: rated };
  }
}

/**
 * Returns the severity; undefined for an unknown word. Old documents have no severity word, which needs no diagnostic.
 */
function severityOf({ severity }: OvalDefinition, { severities }: OvalDialect): Severity | undefined {
  return severity === '' ? 'Unknown' : severities.get(severity.toLowerCase());
}
