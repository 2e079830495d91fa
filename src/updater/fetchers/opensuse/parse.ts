import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { suseParser } from '../suse/parse.ts';
import type { ProductReading } from '../suse/products.ts';

/**
 * Reads SUSE's OVAL documents for openSUSE, which differ from the documents for enterprise products only in the
 * products.
 */
export const parseOpensuse: DocumentParser = suseParser(opensuseProduct);

/**
 * Returns the namespace of an openSUSE product; undefined for an unknown product. Namespaces use `ID` and `VERSION_ID`
 * of os-release. `NonFree` products belong to the release in their name.
 */
export function opensuseProduct(product: string): ProductReading | undefined {
  if (/^openSUSE Tumbleweed\b/.test(product)) return { namespace: 'opensuse-tumbleweed' };
  const [, line, version] =
    /^openSUSE (Leap Micro |Leap )?(\d+\.\d+)(?: NonFree| Non-Free| Update)*$/i.exec(product) ?? [];
  if (version !== undefined) return { namespace: namespaceName(DISTRIBUTIONS.get(line ?? '') ?? 'opensuse', version) };
  // The oldest document uses names such as `suse102`.
  const [, major, minor] = /^suse(\d\d)(\d)$/.exec(product) ?? [];
  return major === undefined ? undefined : { namespace: namespaceName('opensuse', `${major}.${minor}`) };
}

const DISTRIBUTIONS: ReadonlyMap<string, string> = new Map([
  ['Leap ', 'opensuse-leap'],
  ['Leap Micro ', 'opensuse-leap-micro'],
]);
