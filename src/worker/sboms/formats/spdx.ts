import { digestsIn, digestsOfHex } from '../sbom-subject.ts';
import type { Containment } from './containment.ts';
import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../../../model/json-values.ts';
import { factOfText, given, namedFacts } from './named-facts.ts';
import type { SbomComponent, SbomFacts } from '../sbom-document.ts';
import type { StatedStatus, WrittenStatement } from '../sbom-statements.ts';
import { cutText, MAX_NAMES, MAX_REFERENCES, timeOf } from './statement-bounds.ts';

/** Returns the component for an SPDX 2 package (ISO/IEC 5962) that has the form of the JSON schema. */
export function spdxComponent(value: JsonObject): SbomComponent {
  const { SPDXID, name, versionInfo, primaryPackagePurpose, externalRefs, sourceInfo, supplier } = value;
  // The category is written as PACKAGE-MANAGER or PACKAGE_MANAGER, so only the type is compared.
  const purl = objectsOf(externalRefs).find(({ referenceType }) => referenceType === 'purl');
  const texts = [
    ...textsOf(value['attributionTexts']),
    ...objectsOf(value['annotations']).map(({ comment }) => textOf(comment)),
  ];
  const facts = namedFacts(texts.flatMap((text) => factOfText(text) ?? []));
  const source = sourceInWords(textOf(sourceInfo));
  const isSystemById = textOf(SPDXID).startsWith('SPDXRef-OperatingSystem');
  const locator = textOf(purl?.['referenceLocator']);
  const isImage = primaryPackagePurpose === 'CONTAINER' || locator.startsWith('pkg:oci/');
  const digests = [
    ...digestsIn([textOf(versionInfo), locator, ...texts.filter((text) => /:(?:ImageID|RepoDigest): /.test(text))]),
    ...objectsOf(value['checksums']).flatMap((each) =>
      digestsOfHex(textOf(each['checksumValue']), textOf(each['algorithm'])),
    ),
  ];
  return {
    ref: textOf(SPDXID),
    type: isSystemById ? 'operating-system' : textOf(primaryPackagePurpose).toLowerCase(),
    name: textOf(name),
    version: known(textOf(versionInfo)),
    purl: locator,
    ...(isImage && { digests }),
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

/** Returns the name of the first tool in `creationInfo`; empty if the document names no tool. */
export function spdxTool({ creators }: JsonObject): string {
  return textsOf(creators).flatMap((text) => /^Tool: (.+)$/s.exec(text)?.[1] ?? [])[0] ?? '';
}

/**
 * Returns the relationship of a package to its parts; undefined for other relationships. Some tools omit the last
 * letter of the relationship type.
 */
export function spdxContainment(value: JsonObject): Containment | undefined {
  const [one, other] = [textOf(value['spdxElementId']), textOf(value['relatedSpdxElement'])];
  switch (value['relationshipType']) {
    case 'CONTAINS':
    case 'CONTAIN':
      return { parent: one, child: other };
    case 'CONTAINED_BY':
      return { parent: other, child: one };
    default:
      return undefined;
  }
}

export type Spdx3Element = {
  readonly component?: SbomComponent;
  readonly generations?: readonly Generation[];
  readonly parts?: readonly Containment[];
  readonly isIncomplete?: true;
  readonly vulnerability?: { readonly ref: string; readonly ids: readonly string[] };
  readonly statement?: Omit<WrittenStatement, 'place'>;
};

/**
 * Reads an SPDX 3.0 element in JSON-LD; assumes the single context that the JSON schema permits. Names of types and
 * fields are accepted with and without the prefix of their profile.
 */
export function spdx3Element(value: JsonObject): Spdx3Element {
  const type = plainType(value);
  const status = VEX_TYPES.get(type);
  if (status !== undefined) return { statement: vexStatement(value, status) };
  if (type === 'Vulnerability') return { vulnerability: vulnerabilityOf(value) };
  if (type === 'Relationship' || type === 'LifecycleScopedRelationship') {
    const isIncomplete = textOf(value['completeness']) === 'incomplete';
    const from = textOf(value['from']);
    const [word, to] = [value['relationshipType'], textsOf([value['to']].flat())];
    const generations = word === 'generates' ? to.map((each) => ({ from: each, to: from })) : [];
    const parts = word === 'contains' ? to.map((child) => ({ parent: from, child })) : [];
    return { generations, parts, ...(isIncomplete && { isIncomplete }) };
  }
  if (type !== 'Package') return {};
  const field = (name: string): string => textOf(value[`software_${name}`]) || textOf(value[name]);
  const identifier = objectsOf(value['externalIdentifier']).find(
    ({ externalIdentifierType }) => externalIdentifierType === 'packageUrl' || externalIdentifierType === 'purl',
  );
  const purl = field('packageUrl') || textOf(identifier?.['identifier']);
  const isImage = field('primaryPurpose') === 'container' || purl.startsWith('pkg:oci/');
  const hashed = objectsOf(value['verifiedUsing']).flatMap(({ algorithm, hashValue }) =>
    digestsOfHex(textOf(hashValue), textOf(algorithm)),
  );
  return {
    component: {
      ref: textOf(value['spdxId']) || textOf(value['@id']),
      type: field('primaryPurpose'),
      name: textOf(value['name']),
      version: field('packageVersion'),
      purl,
      ...(isImage && { digests: [...digestsIn([purl, field('packageVersion')]), ...hashed] }),
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

/**
 * Returns the VEX statement of an element of the security profile (SPDX 3.0.1). The SPDX justifications are the OpenVEX
 * justifications in camel case.
 */
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

/** Returns whether a JSON-LD context is the context of SPDX 3: a string, or a list or object with such a string. */
export function isSpdx3Context(context: unknown): boolean {
  const texts = [context, ...[context].flat(), ...Object.values(objectOf(context))];
  return texts.some((each) => textOf(each).includes('spdx.org/rdf/3.'));
}
