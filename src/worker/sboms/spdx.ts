import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../../model/json-values.ts';
import { factOfText, given, namedFacts } from './named-facts.ts';
import type { SbomComponent, SbomFacts } from './sbom-document.ts';
import type { StatedStatus, WrittenStatement } from './sbom-statements.ts';
import { cutText, MAX_NAMES, MAX_REFERENCES, timeOf } from './statement-bounds.ts';

/** Returns a package of SPDX 2 (ISO/IEC 5962), as its JSON schema writes it. */
export function spdxComponent(value: JsonObject): SbomComponent {
  const { SPDXID, name, versionInfo, primaryPackagePurpose, externalRefs, sourceInfo, supplier } = value;
  // The category is written as PACKAGE-MANAGER or PACKAGE_MANAGER, so only the type counts.
  const purl = objectsOf(externalRefs).find(({ referenceType }) => referenceType === 'purl');
  const texts = [
    ...textsOf(value['attributionTexts']),
    ...objectsOf(value['annotations']).map(({ comment }) => textOf(comment)),
  ];
  const facts = namedFacts(texts.flatMap((text) => factOfText(text) ?? []));
  const source = sourceInWords(textOf(sourceInfo));
  const isSystemById = textOf(SPDXID).startsWith('SPDXRef-OperatingSystem');
  return {
    ref: textOf(SPDXID),
    type: isSystemById ? 'operating-system' : textOf(primaryPackagePurpose).toLowerCase(),
    name: textOf(name),
    version: known(textOf(versionInfo)),
    purl: textOf(purl?.['referenceLocator']),
    facts: {
      ...(source !== undefined && { source }),
      ...given('vendor', /^Organization: (.+)$/s.exec(textOf(supplier))?.[1]),
      ...facts,
    },
  };
}

/** Returns the source package in `built package from: NAME VERSION`, as Trivy and Clair write it. */
function sourceInWords(text: string): SbomFacts['source'] {
  const [, name, version] = /^built package from: (\S+) (\S+)$/.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

function known(text: string): string {
  return text === 'NOASSERTION' || text === 'NONE' ? '' : text;
}

/** A relationship: `from` was built from `to`. */
export type Generation = { readonly from: string; readonly to: string };

/** Returns the relationship of a binary package to its source package; undefined for other relationships. */
export function spdxGeneration(value: JsonObject): Generation | undefined {
  if (value['relationshipType'] !== 'GENERATED_FROM') return undefined;
  return { from: textOf(value['spdxElementId']), to: textOf(value['relatedSpdxElement']) };
}

/** The content of an SPDX 3 element. */
export type Spdx3Element = {
  readonly component?: SbomComponent;
  readonly generations?: readonly Generation[];
  readonly isIncomplete?: true;
  readonly vulnerability?: { readonly ref: string; readonly ids: readonly string[] };
  readonly statement?: Omit<WrittenStatement, 'place'>;
};

/**
 * Reads an element of SPDX 3.0 in JSON-LD with the one context of its JSON schema. Names of types and fields are
 * accepted with and without the prefix of their profile.
 */
export function spdx3Element(value: JsonObject): Spdx3Element {
  const type = plainType(value);
  const status = VEX_TYPES.get(type);
  if (status !== undefined) return { statement: vexStatement(value, status) };
  if (type === 'Vulnerability') return { vulnerability: vulnerabilityOf(value) };
  if (type === 'Relationship' || type === 'LifecycleScopedRelationship') {
    const isIncomplete = textOf(value['completeness']) === 'incomplete';
    const from = textOf(value['from']);
    const generates = value['relationshipType'] === 'generates';
    const generations = generates ? textsOf([value['to']].flat()).map((to) => ({ from: to, to: from })) : [];
    return { generations, ...(isIncomplete && { isIncomplete }) };
  }
  if (type !== 'Package') return {};
  const field = (name: string): string => textOf(value[`software_${name}`]) || textOf(value[name]);
  const identifier = objectsOf(value['externalIdentifier']).find(
    ({ externalIdentifierType }) => externalIdentifierType === 'packageUrl' || externalIdentifierType === 'purl',
  );
  return {
    component: {
      ref: textOf(value['spdxId']) || textOf(value['@id']),
      type: field('primaryPurpose'),
      name: textOf(value['name']),
      version: field('packageVersion'),
      purl: field('packageUrl') || textOf(identifier?.['identifier']),
      facts: {},
    },
  };
}

const VEX_TYPES: ReadonlyMap<string, StatedStatus> = new Map([
  ['VexNotAffectedVulnAssessmentRelationship', 'not_affected'],
  ['VexFixedVulnAssessmentRelationship', 'resolved'],
  ['VexAffectedVulnAssessmentRelationship', 'exploitable'],
  ['VexUnderInvestigationVulnAssessmentRelationship', 'in_triage'],
]);

/** SPDX 3.0.1, security profile; the justifications of SPDX are those of OpenVEX in camel case. */
function vexStatement(value: JsonObject, status: StatedStatus): Omit<WrittenStatement, 'place'> {
  const field = (name: string): string => textOf(value[`security_${name}`]) || textOf(value[name]);
  const code = field('justificationType').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const to = textsOf([value['to']].flat()).slice(0, MAX_REFERENCES);
  return {
    ids: textsOf([value['from']].flat()).slice(0, MAX_NAMES).map(cutText),
    status,
    justification: code === '' ? null : cutText(code),
    reason: cutText(field('impactStatement') || field('statusNotes')),
    timestamp: timeOf(field('modifiedTime') || field('publishedTime')),
    affects: to.map((ref) => ({ ref, versions: [] })),
  };
}

function vulnerabilityOf(value: JsonObject): NonNullable<Spdx3Element['vulnerability']> {
  const identifiers = objectsOf(value['externalIdentifier']).map(({ identifier }) => textOf(identifier));
  const ids = [textOf(value['name']), ...identifiers].filter((id) => id !== '');
  return { ref: textOf(value['spdxId']) || textOf(value['@id']), ids: ids.slice(0, MAX_NAMES).map(cutText) };
}

/** Returns `Package` for `software_Package`, `Software/Package` and `Package`. */
function plainType(value: JsonObject): string {
  const type = textOf(value['type']) || textOf(value['@type']);
  return type.slice(Math.max(type.lastIndexOf('_'), type.lastIndexOf('/'), type.lastIndexOf('#')) + 1);
}

/** Reports whether a JSON-LD context is the context of SPDX 3: a text, or a list or object with such a text. */
export function isSpdx3Context(context: unknown): boolean {
  const texts = [context, ...[context].flat(), ...Object.values(objectOf(context))];
  return texts.some((each) => textOf(each).includes('spdx.org/rdf/3.'));
}
