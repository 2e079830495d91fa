import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { type XmlElement, xmlElements } from '../../../bytes/documents/xml-elements.ts';
import type { JsonObject } from '../../../model/json-values.ts';
import { SBOM_ERRORS } from '../sbom-errors.ts';
import type { SbomCollector } from '../sbom-collector.ts';
import type { SbomLimits } from '../sbom-limits.ts';

/**
 * Reads CycloneDX in XML, and adds its members in the form of the JSON schema.
 *
 * @param version the version in the namespace of the document
 * @throws ClairError `sbom/…`; the errors of the stream
 */
export async function readCyclonedxXml(
  bytes: ByteStream,
  version: string,
  collector: SbomCollector,
  { where, limits }: { readonly where: string; readonly limits: SbomLimits },
): Promise<void> {
  collector.add('bomFormat', 'CycloneDX');
  collector.add('specVersion', version);
  const options = { where, root: 'bom', depth: 2, maxElementBytes: limits.maxMemberBytes, errors: SBOM_ERRORS };
  for await (const { parent, element } of xmlElements(bytes, options)) {
    if (parent === 'components' && element.name === 'component') collector.add('components', componentOf(element));
    if (parent === 'metadata' && element.name === 'component') {
      collector.add('metadata', { component: componentOf(element) });
    }
    if (parent === 'dependencies') {
      const dependsOn = childrenOf(element).map(({ attributes }) => attributes['ref']);
      collector.add('dependencies', { ref: element.attributes['ref'], dependsOn });
    }
    if (parent === 'compositions') collector.add('compositions', { aggregate: textIn(element, 'aggregate') });
    if (parent === 'vulnerabilities') collector.add('vulnerabilities', vulnerabilityOf(element));
  }
}

/** The reader limits the depth of the elements, and thus the depth of the recursion. */
function componentOf(element: XmlElement): JsonObject {
  const { attributes } = element;
  const supplier = childOf(element, 'supplier');
  const evidence = childOf(element, 'evidence');
  const isVersionRange = childOf(element, 'versionRange') !== undefined;
  return {
    type: attributes['type'],
    'bom-ref': attributes['bom-ref'],
    isExternal: attributes['isExternal'],
    name: textIn(element, 'name'),
    version: textIn(element, 'version'),
    purl: textIn(element, 'purl'),
    scope: textIn(element, 'scope'),
    publisher: textIn(element, 'publisher'),
    ...(isVersionRange && { versionRange: '' }),
    ...(supplier !== undefined && { supplier: { name: textIn(supplier, 'name') } }),
    hashes: childrenOf(childOf(element, 'hashes')).map(({ attributes: of, text }) => {
      return { alg: of['alg'], content: text };
    }),
    properties: childrenOf(childOf(element, 'properties')).map(({ attributes: of, text }) => {
      return { name: of['name'], value: text };
    }),
    ...(evidence !== undefined && { evidence: evidenceOf(evidence) }),
    components: childrenOf(childOf(element, 'components')).map(componentOf),
  };
}

/** Returns a vulnerability with the parts of its VEX statement. */
function vulnerabilityOf(element: XmlElement): JsonObject {
  const analysis = childOf(element, 'analysis');
  const fields = ['state', 'justification', 'detail', 'firstIssued', 'lastUpdated'];
  return {
    id: textIn(element, 'id'),
    references: childrenOf(childOf(element, 'references')).map((each) => ({ id: textIn(each, 'id') })),
    ...(analysis && { analysis: Object.fromEntries(fields.map((name) => [name, textIn(analysis, name)])) }),
    affects: childrenOf(childOf(element, 'affects')).map((target) => ({
      ref: textIn(target, 'ref'),
      versions: childrenOf(childOf(target, 'versions')).map((each) => ({
        version: textIn(each, 'version'),
        status: textIn(each, 'status'),
      })),
    })),
  };
}

function evidenceOf(evidence: XmlElement): JsonObject {
  const identities = evidence.children.filter(({ name }) => name === 'identity');
  return {
    occurrences: childrenOf(childOf(evidence, 'occurrences')).map((each) => ({ location: textIn(each, 'location') })),
    identity: identities.map((each) => {
      return { field: textIn(each, 'field'), concludedValue: textIn(each, 'concludedValue') };
    }),
  };
}

function childOf({ children }: XmlElement, wanted: string): XmlElement | undefined {
  return children.find(({ name }) => name === wanted);
}

function childrenOf(element: XmlElement | undefined): readonly XmlElement[] {
  return element?.children ?? [];
}

function textIn(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? '';
}
