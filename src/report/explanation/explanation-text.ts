import type { Look } from '../format.ts';
import { instructionText } from '../table/instruction.ts';
import { createPaint, type Paint } from '../table/paint.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { shortened } from '../writing/shortened.ts';
import { countOf } from '../../model/counted-noun.ts';
import { diagnosticWords, suppressionWords } from '../writing/finding-words.ts';
import { ownerWords } from '../writing/library-words.ts';
import { cveFactLines, factFeedLines, riskText } from './cve-facts.ts';
import { severityText } from '../../model/severity.ts';
import type { ExplainedCve, ExplainedPackage, ExplainedRecord, ExplainedRule, Explanation } from './explanation.ts';

/** Returns an explanation as text with the verdict, diagnostics, packages with their rules, CVEs and advisories. */
export function explanationText(explanation: Explanation, { colors = false }: Pick<Look, 'colors'> = {}): string {
  const { id, target, verdict, why, packages, cves, records, diagnostics } = explanation;
  const paint = createPaint(colors);
  const loud = verdict === 'affected' ? paint.alarm : paint.strong;
  const head = `${printable(`${id} in ${target.reference} (${target.platform})`)}: ${loud(VERDICTS[verdict])}`;
  const diagnosticLines = diagnostics
    .filter(({ incomplete }) => incomplete)
    .map((diagnostic) => `${paint.alarm('WARNING')}  ${printable(diagnosticWords(diagnostic))}`);
  const shown = packages.slice(0, MAX_PACKAGES).map((each) => packageText(each, { id, cves, paint }));
  const isDescribed = records.some(({ description }) => description.trim() !== '');
  const more = packages.length - MAX_PACKAGES;
  const parts = [
    [head, printable(why), ...diagnosticLines].join('\n'),
    ...shown,
    more > 0 ? `Use --format json to show ${countOf(more, 'more package')}.` : '',
    ...cves.slice(0, MAX_CVES).map((cve) => cveText(cve, isDescribed, paint)),
    cves.length === 0 ? '' : factFeedsText(explanation, paint),
    ...records.map((record) => recordText(record, paint)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/**
 * The maximum numbers of packages, rules per package and CVEs, and the maximum length of texts in UTF-16 code units.
 */
const MAX_PACKAGES = 20;
const MAX_RULES = 10;
const MAX_CVES = 20;
const MAX_DESCRIPTION = 2000;
const MAX_INSTRUCTION = 200;

const VERDICTS: Readonly<Record<Explanation['verdict'], string>> = {
  affected: 'AFFECTED',
  suppressed: 'affected, but suppressed',
  undecided: 'undetermined',
  'not-affected': 'not affected',
  'not-installed': 'not installed',
  'not-listed': 'not listed for this release',
  'no-data': 'NO DATA',
  unknown: 'UNKNOWN',
};

function packageText(
  of: ExplainedPackage,
  { id, cves, paint }: Pick<Explanation, 'id' | 'cves'> & { readonly paint: Paint },
): string {
  const { package: name, version, source, path, candidates, owner, layer, rules, findings, suppression, verdict } = of;
  const built = source.name === name ? '' : ` (built from ${source.name} ${source.version})`;
  const origin = layer.origin === 'unknown' ? '' : ` (${layer.origin === 'base' ? 'base image' : 'own instruction'})`;
  const instruction = shortened(instructionText(layer.createdBy), MAX_INSTRUCTION);
  const others = findings.filter((each) => each !== id);
  const risk = riskText(of, cves);
  const lines = [
    `${paint.strong(printable(`${name} ${version}`))}${printable(built)}: ${VERDICTS[verdict]}`,
    ...(others.length === 0 ? [] : [`  finding ${printable(others.slice(0, MAX_NAMED).join(', '))}`]),
    ...(path === '' ? [] : [`  path   ${printable(path)}`]),
    ...(candidates.length === 0 ? [] : [`  group  ${printable(`uncertain: perhaps ${candidates.join(' or ')}`)}`]),
    ...(owner === null ? [] : [`  owner  ${printable(ownerWords(owner))}`]),
    `  layer  ${layer.index}${origin}: ${instruction}`,
    ...(of.reachabilityReason === null
      ? []
      : [`  code   ${printable(`${of.reachability}: ${of.reachabilityReason}`)}`]),
    ...(risk === undefined ? [] : [`  risk   ${risk}`]),
    ...rules.slice(0, MAX_RULES).flatMap((rule) => ruleLines(rule, paint)),
  ];
  const more = rules.length - MAX_RULES;
  if (more > 0) lines.push(`  Use --format json to show ${countOf(more, 'more rule')}.`);
  if (suppression !== null) lines.push(`  but    ${printable(suppressionWords(suppression))}`);
  return lines.join('\n');
}

function ruleLines(rule: ExplainedRule, paint: Paint): readonly string[] {
  const { feed, vulnerability, name, isOfSource, from, to, isToAffected, status, severity, product, why } = rule;
  const line = `${isOfSource ? 'source ' : ''}${name} from ${from} to ${to} (${isToAffected ? 'inclusive' : 'exclusive'})`;
  const limits = product === null ? '' : `, of ${product}`;
  return [
    `  rule   ${printable(`${feed} ${vulnerability}: ${line}${limits}, ${status}`)}, ${paint.severity(severity, severityText(rule))}`,
    `         ${printable(why)}`,
  ];
}

/** @param isDescribed whether an advisory describes the vulnerability, so that the text of the NVD is not needed */
function cveText(cve: ExplainedCve, isDescribed: boolean, paint: Paint): string {
  const lines = cveFactLines(cve).map((line) => `  ${printable(line)}`);
  const words = isDescribed ? [] : descriptionLines(cve.description ?? '').map((line) => `        ${line}`);
  return [paint.strong(printable(`Enrichments of ${cve.id}`)), ...lines, ...words].join('\n');
}

/** Returns the lines of a description for the terminal; no lines for an empty description. */
function descriptionLines(description: string): readonly string[] {
  const words = printableLines(shortened(description.trim(), MAX_DESCRIPTION));
  return words === '' ? [] : words.split('\n');
}

function factFeedsText(explanation: Explanation, paint: Paint): string {
  const lines = factFeedLines(explanation).map((line) => `  ${printable(line)}`);
  return [paint.strong('Enrichment feeds'), ...lines].join('\n');
}

function recordText({ feed, name, aliases, link, description, namespaces }: ExplainedRecord, paint: Paint): string {
  const others = aliases.length === 0 ? '' : ` (${aliases.slice(0, MAX_NAMED).join(', ')})`;
  const where = `${namespaces.slice(0, MAX_NAMED).join(', ')}${namespaces.length > MAX_NAMED ? ', …' : ''}`;
  return [
    `${paint.strong(printable(`${name} in ${feed}`))}${printable(others)}`,
    ...(link === '' ? [] : [`  ${printable(link)}`]),
    `  affected releases: ${where === '' ? 'none' : printable(where)}`,
    ...descriptionLines(description).map((line) => `  ${line}`),
  ].join('\n');
}

const MAX_NAMED = 12;
