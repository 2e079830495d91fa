import type { Containment } from './containment.ts';
import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../../../model/json-values.ts';
import { given, namedFacts } from './named-facts.ts';
import type { SbomAbsence, SbomComponent } from '../sbom-document.ts';
import { digestsIn, digestsOfHex } from '../sbom-subject.ts';

/**
 * Returns a CycloneDX component (ECMA-424) and the components in it. Ignores the components in the pedigree of a
 * component, because they are not installed.
 */
export function cyclonedxComponents(value: JsonObject): readonly SbomComponent[] {
  const found: SbomComponent[] = [];
  // Use a list instead of recursion, because the stack is too small for the maximum depth of a document.
  const waiting: { readonly of: JsonObject; readonly parent: string }[] = [{ of: value, parent: '' }];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    const component = componentOf(each.of, each.parent);
    found.push(component);
    for (const of of objectsOf(each.of['components']).toReversed()) waiting.push({ of, parent: component.ref });
  }
  return found;
}

function componentOf(value: JsonObject, parent: string): SbomComponent {
  const { type, name, version, purl, properties, evidence, publisher, supplier } = value;
  const occurrences = objectsOf(objectOf(evidence)['occurrences']).map(({ location }) => textOf(location));
  const named = namedFacts(
    objectsOf(properties).map((each) => ({ name: textOf(each['name']), value: textOf(each['value']) })),
  );
  const absence = absenceOf(value);
  const paths = [...new Set([...occurrences.filter((path) => path !== ''), ...(named.paths ?? [])])];
  return {
    ref: textOf(value['bom-ref']),
    type: textOf(type),
    name: textOf(name),
    version: textOf(version),
    purl: textOf(purl) || identityOf(evidence),
    ...given('parent', parent),
    ...imageDigests(value),
    ...(absence !== undefined && { absence }),
    facts: {
      ...given('vendor', textOf(publisher) || textOf(objectOf(supplier)['name'])),
      ...named,
      ...(paths.length > 0 && { paths }),
    },
  };
}

/** Trivy names the digests of an image in properties; Syft writes the digest as the version. */
function imageDigests({ type, version, purl, hashes, properties }: JsonObject): Pick<SbomComponent, 'digests'> {
  if (type !== 'container' && !textOf(purl).startsWith('pkg:oci/')) return {};
  const named = objectsOf(properties).filter(({ name }) => DIGEST_PROPERTIES.has(textOf(name)));
  const hashed = objectsOf(hashes).flatMap(({ alg, content }) => digestsOfHex(textOf(content), textOf(alg)));
  const texts = [textOf(version), textOf(purl), ...named.map(({ value }) => textOf(value))];
  return { digests: [...digestsIn(texts), ...hashed] };
}

const DIGEST_PROPERTIES: ReadonlySet<string> = new Set(['aquasecurity:trivy:ImageID', 'aquasecurity:trivy:RepoDigest']);

function absenceOf({ scope, isExternal, versionRange }: JsonObject): SbomAbsence | undefined {
  if (scope === 'excluded') return 'excluded';
  return isExternal === true || isExternal === 'true' || versionRange !== undefined ? 'external' : undefined;
}

/**
 * Returns the package URL in the concluded value of the evidence. `identity` is an object; from CycloneDX 1.6 on, also
 * an array.
 */
function identityOf(evidence: unknown): string {
  const found = objectsOf(objectOf(evidence)['identity']).find(({ field }) => field === 'purl');
  return textOf(found?.['concludedValue']);
}

/**
 * Returns the name of the first tool in `metadata`; empty if the document names no tool. From CycloneDX 1.5 on, `tools`
 * may be an object with components.
 */
export function cyclonedxTool({ tools }: JsonObject): string {
  const list = Array.isArray(tools) ? tools : objectOf(tools)['components'];
  return textOf(objectsOf(list)[0]?.['name']);
}

/** Returns the components that a component depends on, according to the `dependencies` of the document. */
export function cyclonedxDependencies({ ref, dependsOn }: JsonObject): readonly Containment[] {
  const parent = textOf(ref);
  return parent === '' ? [] : textsOf(dependsOn).map((child) => ({ parent, child }));
}

/** Returns whether a composition states that components are missing: `incomplete`, `incomplete_first_party_only`. */
export function isIncompleteComposition({ aggregate }: JsonObject): boolean {
  return textOf(aggregate).startsWith('incomplete');
}
