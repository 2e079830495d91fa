import { namespaceName } from '../../../model/releases/namespace.ts';
import type { Severity } from '../../../model/severity.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import type { OvalDefinition, OvalNode } from '../../formats/oval/oval.ts';
import { type OvalHead, ovalParser } from '../../formats/oval/oval-advisories.ts';
import { namedBySource } from '../../advisories/source-named.ts';

/**
 * Reads Microsoft's OVAL documents for Azure Linux and CBL-Mariner, with one definition per CVE and source package.
 * Only the package versions state the release (`0:2.6.7-3.azl3`).
 */
export const parseAzureLinux: DocumentParser = ovalParser({
  rules: () => () => undefined,
  heads: headsOf,
  namespaces: ({ criteria }) => [...new Set(criteria === undefined ? [] : releasesOf(criteria))],
  severities: new Map<string, Severity>([
    ['low', 'Low'],
    ['medium', 'Medium'],
    ['high', 'High'],
    ['critical', 'Critical'],
  ]),
  // Microsoft defines this value as "This CVE either no longer is or was never applicable."
  refine: (range, { patchable }) => (patchable === 'Not Applicable' ? [] : [namedBySource(range)]),
});

function headsOf({ references }: OvalDefinition): readonly OvalHead[] {
  return references.filter(({ source }) => source === 'CVE').map(({ id, url }) => ({ id, link: url }));
}

const DISTRIBUTIONS: ReadonlyMap<string, string> = new Map([
  ['cm', 'mariner'],
  ['azl', 'azurelinux'],
]);

function releasesOf(node: OvalNode): readonly string[] {
  if (node.kind === 'criteria') return node.children.flatMap(releasesOf);
  return (node.test?.fields ?? []).flatMap(({ value }) => {
    const [, tag = '', major = ''] = /\.(cm|azl)(\d+)$/.exec(value) ?? [];
    const distribution = DISTRIBUTIONS.get(tag);
    return distribution === undefined ? [] : [namespaceName(distribution, `${major}.0`)];
  });
}
