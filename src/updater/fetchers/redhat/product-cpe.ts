/**
 * Returns the product of a CPE 2.2 name, such as `cpe:/a:redhat:openshift:4.16::el9`. The product is the part up to the
 * version, in lower case; the channel must not be compared.
 *
 * Source: "CPE Matching Logic" of https://redhatproductsecurity.github.io/security-data-guidelines/scanning-vendors/
 *
 * @returns undefined for text that names no product
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
 * Returns all names that documents can use for a product, such as `cpe:/a:redhat:openshift:4.16`. For unfixed
 * vulnerabilities, documents also use the name with only the major version (`cpe:/a:redhat:openshift:4`) or without a
 * version (`cpe:/a:redhat:openshift`). Empty for text that names no product.
 *
 * Source: "CPEs in CSAF-VEX" of https://redhatproductsecurity.github.io/security-data-guidelines/scanning-vendors/
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

/** Returns the RHEL release in the channel of a CPE, such as `8` for `cpe:/a:redhat:openshift:4.12::el8`. */
export function releaseOfCpe(cpe: string): string | undefined {
  return /:el(\d{1,3})(?::|$)/i.exec(cpe)?.[1];
}

/** A part of a CPE in URI form, with the characters that the URI form allows. */
const WORD = /^[a-z0-9._~%-]+$/;

const MAX_LENGTH = 256;
