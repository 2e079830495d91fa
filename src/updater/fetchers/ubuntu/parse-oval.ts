import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { isAdvisoryId } from '../../../model/advisories/advisory.ts';
import type { Severity } from '../../../model/severity.ts';
import { ubuntuNamespace } from '../../../model/releases/ubuntu-releases.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import { type OvalDefinition, type OvalNode, ovalDefinitions } from '../../formats/oval/oval.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, joined, skipped } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { readVerdict, type Verdict } from './state.ts';
import { countOf } from '../../../model/counted-noun.ts';

/**
 * Reads Canonical's OVAL documents by CVE (`com.ubuntu.RELEASE.cve.oval.xml`). The tests in the document name binary
 * packages, but images are matched by source package. The parser therefore reads the comments of the criteria, which
 * contain the source package and the tracker's state in words. Adds a diagnostic to `recordDiagnostics` for each part
 * that it cannot interpret.
 */
export async function* parseUbuntuOval(
  { name, where, stream }: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Advisory> {
  let others = 0;
  for await (const definition of ovalDefinitions(stream, { where })) {
    // An inventory definition only states that the release is installed.
    if (definition.class === 'inventory') continue;
    const reading = readDefinition(definition);
    if (reading === undefined) others += 1;
    else {
      if (reading.diagnostics.length > 0)
        addRecordDiagnostic(recordDiagnostics, at(reading.id, joined(reading.diagnostics)));
      if (reading.advisory !== undefined) yield reading.advisory;
    }
  }
  if (others > 0) {
    addRecordDiagnostic(
      recordDiagnostics,
      inexact(`${name}: ignored ${countOf(others, 'definition')} about special builds, which Clair does not match`),
    );
  }
}

type DefinitionReading = {
  readonly id: string;
  readonly advisory?: Advisory;
  readonly diagnostics: readonly RecordDiagnostic[];
};

/** Reads a definition; returns undefined for a definition about separate builds, such as FIPS. */
function readDefinition(definition: OvalDefinition): DefinitionReading | undefined {
  const { title, references, criteria, description } = definition;
  const reference = references.find(({ source }) => source === 'CVE');
  const id = reference?.id ?? /^\S*/.exec(title)?.[0] ?? '';
  const [, product = '', codename = ''] = /^\S+ on (.*) \(([a-z]+)\) - /.exec(title) ?? [];
  if (OTHER_PRODUCT.test(product)) return undefined;
  if (!isAdvisoryId(id)) return { id: definition.id, diagnostics: [skipped('skipped: missing CVE')] };
  const namespace = ubuntuNamespace(codename);
  if (namespace === undefined)
    return { id, diagnostics: [skipped(`skipped: unknown release: ${JSON.stringify(title)}`)] };

  const diagnostics: RecordDiagnostic[] = [];
  const severity = SEVERITY_OF_WORD.get(definition.severity.toLowerCase());
  if (severity === undefined) {
    diagnostics.push(inexact(`has an unknown priority: ${JSON.stringify(definition.severity)}`));
  }
  const affected: AffectedPackage[] = [];
  for (const comment of criteria === undefined ? [] : commentsOf(criteria)) {
    const reading = readComment(comment);
    if (reading === undefined) {
      diagnostics.push(skipped(`criterion skipped: missing package: ${JSON.stringify(comment)}`));
      continue;
    }
    const { status, fixed, diagnostic } = reading.verdict;
    if (diagnostic !== undefined) diagnostics.push(inexact(`${reading.package} ${diagnostic}`));
    if (status === undefined) continue;
    affected.push({
      namespace,
      package: reading.package,
      ...(fixed !== undefined && { fixed }),
      severity: severity ?? 'Unknown',
      status,
    });
  }
  return { id, advisory: { id, link: `${PAGE}${id}`, description, affected }, diagnostics };
}

/** The base URL of CVE pages; the references in old documents have other URLs. */
const PAGE = 'https://ubuntu.com/security/';

const OTHER_PRODUCT = /\b(?:fips|realtime|bluefield)/i;

const SEVERITY_OF_WORD: ReadonlyMap<string, Severity> = new Map([
  ['negligible', 'Negligible'],
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['high', 'High'],
  ['critical', 'Critical'],
  ['untriaged', 'Unknown'],
  ['', 'Unknown'],
]);

/** Returns the comments of all criteria. Skips references to the definition that checks the installed release. */
function commentsOf(node: OvalNode): readonly string[] {
  if (node.kind === 'criteria') return node.children.flatMap(commentsOf);
  return node.kind === 'definition' ? [] : [node.comment];
}

type CommentReading = { readonly package: string; readonly verdict: Verdict };

/**
 * Parses the comment of a criterion, which the tracker's `generate-oval` writes. In the newest documents, the comment
 * starts with the CVE in brackets.
 */
function readComment(comment: string): CommentReading | undefined {
  const [, name, words = '', note = ''] = COMMENT.exec(comment) ?? [];
  if (name === undefined) return undefined;
  const state = STATE_OF_WORDS.find(([pattern]) => pattern.test(words))?.[1];
  if (state === undefined) {
    return {
      package: name,
      verdict: { status: 'unknown', diagnostic: `treated as affected: unknown state ${JSON.stringify(comment)}` },
    };
  }
  if (state === 'released' && ESM.test(note)) return { package: name, verdict: readVerdict('released-esm', note) };
  const verdict = readVerdict(state === NEVER_VULNERABLE ? 'released' : state, note);
  // The note need not be a version, for example `8.0.x only`.
  const isUnaffected = state === NEVER_VULNERABLE && verdict.fixed === undefined;
  return { package: name, verdict: isUnaffected ? readVerdict('not-affected', note) : verdict };
}

/** Matches `NAME package in RELEASE …` or `NAME: …`, with an optional note at the end, such as `(note: '1.2-3')`. */
const COMMENT = /^(?:\(CVE-[\d-]+\) )?([a-z0-9][^\s:,]*)(?: package in [a-z]+\b|:)(.*?)(?:\(note: '(.*)'\))?\.?$/s;

/**
 * The states of the tracker, by the words in comments. Missing packages and most unaffected packages have no criterion.
 */
const STATE_OF_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bwas vulnerable but has been fixed\b/, 'released'],
  [/\bis related to the CVE in some way and has been fixed\b/, 'not-affected'],
  [/\bneeds fixing\b/, 'needed'],
  [/\bmay need fixing\b/, 'needs-triage'],
  [/\bpending publication\b/, 'pending'],
  [/\bdecision has been made to defer\b/, 'deferred'],
  [/\bdecision has been made to ignore\b/, 'ignored'],
];

/**
 * The state of a package that was never vulnerable. The criterion may contain the first unaffected version, which is
 * read as a fixed version.
 */
const NEVER_VULNERABLE = 'not-affected';

/** The mark in versions for subscribers. */
const ESM = /[~+]esm\d/;
