import { type JsonObject, objectOf, objectsOf, textOf } from '../../model/json-values.ts';
import { given, namedFacts } from './named-facts.ts';
import type { SbomAbsence, SbomComponent } from './sbom-document.ts';

/**
 * Returns a component of CycloneDX (ECMA-424) and the components in it. Ignores components of its pedigree, because
 * they are not installed.
 */
export function cyclonedxComponents(value: JsonObject): readonly SbomComponent[] {
  const found: SbomComponent[] = [];
  // A list instead of recursion: the stack is smaller than the maximum depth of a document.
  const waiting: JsonObject[] = [value];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    found.push(componentOf(each));
    for (const inner of objectsOf(each['components']).toReversed()) waiting.push(inner);
  }
  return found;
}

function componentOf(value: JsonObject): SbomComponent {
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
    ...(absence !== undefined && { absence }),
    facts: {
      ...given('vendor', textOf(publisher) || textOf(objectOf(supplier)['name'])),
      ...named,
      ...(paths.length > 0 && { paths }),
    },
  };
}

function absenceOf({ scope, isExternal, versionRange }: JsonObject): SbomAbsence | undefined {
  if (scope === 'excluded') return 'excluded';
  return isExternal === true || isExternal === 'true' || versionRange !== undefined ? 'external' : undefined;
}

/** Returns the package URL that the evidence concludes (1.5: an object; 1.6 and later: also an array). */
function identityOf(evidence: unknown): string {
  const found = objectsOf(objectOf(evidence)['identity']).find(({ field }) => field === 'purl');
  return textOf(found?.['concludedValue']);
}

/** Reports whether a composition states that components are missing: `incomplete`, `incomplete_first_party_only`. */
export function isIncompleteComposition({ aggregate }: JsonObject): boolean {
  return textOf(aggregate).startsWith('incomplete');
}
