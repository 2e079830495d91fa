/**
 * Returns an HTTP URL in the syntax of RFC 3986. Returns undefined for any other link, such as `javascript:…`, and for
 * a URL that contains credentials, an IPv6 address or more than 2,000 characters. The links come from feeds, and
 * readers can click on the links.
 */
export function webAddress(link: string): string | undefined {
  if (link.length > MAX_LENGTH || !URL.canParse(link)) return undefined;
  const { protocol, hostname, href, username, password } = new URL(link);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  if (username !== '' || password !== '' || !/^[a-z0-9.-]+$/.test(hostname)) return undefined;
  const [address = '', ...fragment] = href.split('#');
  return [address, ...(fragment.length === 0 ? [] : [fragment.join('%23')])].map(encoded).join('#');
}

/** The maximum length of a URL that all browsers support. */
const MAX_LENGTH = 2000;

/** Encodes the characters that the URL Standard permits but RFC 3986 does not. */
function encoded(part: string): string {
  return part
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
    .replace(/[^\w\-.~:/?@!$&'()*+,;=%]/g, (character) => encodeURIComponent(character));
}
