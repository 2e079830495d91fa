/**
 * Reads of which product a CPE is (`cpe:/a:redhat:openshift:4.16::el9`, in the form of CPE 2.2): its name up to the version,
 * in small letters, without the channel behind it, which Red Hat says not to compare.
 *
 * Source: "CPE Matching Logic" of https://redhatproductsecurity.github.io/security-data-guidelines/scanning-vendors/
 *
 * @returns undefined for what names no product
 */
export function productCpe(cpe: string): string | undefined {
  const [scheme = '', part = '', vendor = '', product = '', version = ''] = cpe.toLowerCase().split(':');
  const words = version === '' ? [vendor, product] : [vendor, product, version];
  const name = [scheme, part, ...words].join(':');
  return /^cpe:\/[aho]:/.test(name) && words.every((word) => WORD.test(word)) && name.length <= MAX_LENGTH
    ? name
    : undefined;
}

/**
 * Gives all the names by which documents may mean a product: `cpe:/a:redhat:openshift:4.16`, and of what is not fixed only the
 * major version, `cpe:/a:redhat:openshift:4`, or none, `cpe:/a:redhat:openshift`. Nothing for what names no product.
 *
 * Source: "CPEs in CSAF-VEX" of the same page
 */
export function namesOfProduct(cpe: string): readonly string[] {
  const product = productCpe(cpe);
  if (product === undefined) return [];
  const [version, ...words] = product.split(':').toReversed();
  if (version === undefined || words.length < 4) return [product];
  const unversioned = words.toReversed().join(':');
  const parts = version.split('.');
  return [unversioned, ...parts.map((_, index) => `${unversioned}:${parts.slice(0, index + 1).join('.')}`)];
}

/** Which RHEL a product is for, as its channel tells: `el8` of `cpe:/a:redhat:openshift:4.12::el8`. */
export function releaseOfCpe(cpe: string): string | undefined {
  return /:el(\d{1,3})(?::|$)/i.exec(cpe)?.[1];
}

/** In the characters of a URI. */
const WORD = /^[a-z0-9._~%-]+$/;

const MAX_LENGTH = 256;
