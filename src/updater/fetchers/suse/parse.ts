import type { Severity } from '../../../model/severity.ts';
import { skipped } from '../../advisories/record-diagnostics.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import type { OvalCriterion, OvalDefinition } from '../../formats/oval/oval.ts';
import { type OvalHead, ovalParser, type TellOnce } from '../../formats/oval/oval-advisories.ts';
import type { OvalVerdict } from '../../formats/oval/oval-conditions.ts';
import { enterpriseProduct, type ProductReading } from './products.ts';

/**
 * Reads SUSE's OVAL documents for its enterprise products. In documents by CVE (`….xml` and `…-affected.xml`), each CVE
 * is an advisory; in documents by patch (`…-patch.xml`), each patch is an advisory.
 */
export const parseSuse: DocumentParser = suseParser(enterpriseProduct);

/**
 * Returns a parser of SUSE's OVAL documents (https://www.suse.com/support/security/oval/).
 *
 * @param productOf returns the namespace of the product with a name; undefined for an unknown product
 */
export function suseParser(productOf: (product: string) => ProductReading | undefined): DocumentParser {
  return ovalParser({
    rules: (tell) => (criterion) => readCriterion(criterion, productOf, tell),
    heads: headsOf,
    namespaces: ({ platforms }) => [...new Set(platforms.flatMap((platform) => productOf(platform)?.namespace ?? []))],
    severities: new Map<string, Severity>([
      ['low', 'Low'],
      ['moderate', 'Medium'],
      ['important', 'High'],
      ['critical', 'Critical'],
    ]),
    keepsReferences: (definitionClass) => definitionClass === 'patch',
  });
}

/**
 * A product criterion is a product name or, in the oldest documents, a short name (`sles10-sp4`); a package criterion
 * contains a version (`tar-1.34-2.2 is installed`).
 */
const PRODUCT = /^(?:(?:openSUSE|SUSE|SLE|HPE|Open|Novell) .+|(?:suse|core|sle[sd])\d+(?:-[a-z]+\d*)*) is installed$/;

function readCriterion(
  { comment }: OvalCriterion,
  productOf: (product: string) => ProductReading | undefined,
  tell: TellOnce,
): OvalVerdict | undefined {
  if (comment.endsWith(' is not affected')) return 'never';
  if (!PRODUCT.test(comment)) return undefined;
  const product = comment.replace(/ is installed$/, '');
  const reading = productOf(product);
  if (reading === undefined) tell(skipped(`criteria skipped: unknown product ${product}`));
  if (reading?.namespace === undefined) return 'never';
  return {
    kind: 'release',
    namespaces: [reading.namespace],
    ...(reading.isForSubscribers === true && { isForSubscribers: true }),
  };
}

const CVE = /^CVE-\d{4}-\d{4,}$/;

function headsOf({ id, class: definitionClass, title, references, cves }: OvalDefinition): readonly OvalHead[] {
  if (definitionClass !== 'patch') {
    return CVE.test(title) ? [{ id: title, link: `https://www.suse.com/security/cve/${title}/` }] : [];
  }
  const notice = references.find(({ source }) => /^(?:open)?SUSE-[A-Z]U$/i.test(source));
  // A patch that was released with a product has a number but no notice.
  const named = notice === undefined ? { id, link: SECURITY } : { id: notice.id, link: notice.url };
  return [{ ...named, aliases: [...new Set(cves.flatMap((text) => /\bCVE-\d+-\d+\b/.exec(text) ?? []))] }];
}

const SECURITY = 'https://www.suse.com/support/update/';
