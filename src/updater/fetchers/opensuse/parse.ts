import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { suseParser } from '../suse/parse.ts';
import type { ProductReading } from '../suse/products.ts';

/** Reads SUSE's OVAL of openSUSE, which differs from that of its enterprise products in the products only. */
export const parseOpensuse: DocumentParser = suseParser(opensuseProduct);

/**
 * Tells to which release a product of openSUSE belongs, by its name; undefined for one that is unknown. The names of the
 * namespaces are those of os-release (`ID` and `VERSION_ID`). What is not free (`NonFree`) is in the same release.
 */
export function opensuseProduct(product: string): ProductReading | undefined {
  if (/^openSUSE Tumbleweed\b/.test(product)) return { namespace: 'opensuse-tumbleweed' };
  const [, line, version] =
    /^openSUSE (Leap Micro |Leap )?(\d+\.\d+)(?: NonFree| Non-Free| Update)*$/i.exec(product) ?? [];
  if (version !== undefined) return { namespace: namespaceName(DISTRIBUTIONS.get(line ?? '') ?? 'opensuse', version) };
  // The oldest document: `suse102`.
  const [, major, minor] = /^suse(\d\d)(\d)$/.exec(product) ?? [];
  return major === undefined ? undefined : { namespace: namespaceName('opensuse', `${major}.${minor}`) };
}

const DISTRIBUTIONS: ReadonlyMap<string, string> = new Map([
  ['Leap ', 'opensuse-leap'],
  ['Leap Micro ', 'opensuse-leap-micro'],
]);
