import { namespaceName } from '../../../model/releases/namespace.ts';
import type { Severity } from '../../../model/severity.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import type { OvalCriterion, OvalDefinition } from '../../formats/oval/oval.ts';
import { type OvalHead, ovalParser } from '../../formats/oval/oval-advisories.ts';
import type { OvalVerdict } from '../../formats/oval/oval-conditions.ts';

/**
 * Reads VMware's OVAL documents for Photon OS, with one definition per source package of an advisory.
 *
 * The numbers in titles (`PHSA-2024:00001`) are sequential numbers of definitions; the reference names the advisory
 * (`PHSA-5.0-184`). The few definitions without such a reference are read under their CVEs.
 */
export const parsePhoton: DocumentParser = ovalParser({
  rules: () => readCriterion,
  heads: headsOf,
  namespaces: ({ platforms }) =>
    platforms.flatMap((platform) => namespaceOf(/^Photon(?: OS)? (\d+(?:\.\d+)?)$/, platform)),
  severities: new Map<string, Severity>([
    ['low', 'Low'],
    ['moderate', 'Medium'],
    ['important', 'High'],
    ['critical', 'Critical'],
  ]),
});

function readCriterion({ comment }: OvalCriterion): OvalVerdict | undefined {
  const namespaces = namespaceOf(/^Photon OS (\d+(?:\.\d+)?) is installed$/, comment);
  return namespaces.length === 0 ? undefined : { kind: 'release', namespaces };
}

/**
 * Returns the namespace of a release. The feed states only the first number of a release, but os-release contains two
 * numbers, such as `3.0`.
 */
function namespaceOf(pattern: RegExp, text: string): readonly string[] {
  const [, version] = pattern.exec(text) ?? [];
  if (version === undefined) return [];
  return [namespaceName('photon', version.includes('.') ? version : `${version}.0`)];
}

/**
 * References contain the number of the definition, for example `PHSA:00001:3.0:0036` and `CVE:00001:CVE-2019-16168`.
 */
const ADVISORY = /^PHSA:\d+:(\d+\.\d+):(\d+)$/;
const CVE = /CVE-\d+-\d+$/;

function headsOf({ references, cves }: OvalDefinition): readonly OvalHead[] {
  const advisory = references.find(({ id }) => ADVISORY.test(id));
  const [, release = '', number = ''] = ADVISORY.exec(advisory?.id ?? '') ?? [];
  if (advisory !== undefined) return [{ id: `PHSA-${release}-${number}`, link: advisory.url, aliases: cves }];
  return references.flatMap(({ id, url }) => {
    const [cve] = CVE.exec(id) ?? [];
    return cve === undefined ? [] : [{ id: cve, link: url }];
  });
}
