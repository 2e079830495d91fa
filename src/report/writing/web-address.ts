/**
 * The address if it is one of the web, as RFC 3986 writes it; undefined for any other, such as `javascript:…`. Links come
 * from feeds, and stand in documents that are clicked on.
 */
export function webAddress(link: string): string | undefined {
  if (link.length > MAX_LENGTH || !URL.canParse(link)) return undefined;
  const { protocol, hostname, href, username, password } = new URL(link);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  if (username !== '' || password !== '' || !/^[a-z0-9.-]+$/.test(hostname)) return undefined;
  const [address = '', ...fragment] = href.split('#');
  return [address, ...(fragment.length === 0 ? [] : [fragment.join('%23')])].map(encoded).join('#');
}

/** Browsers take no longer ones everywhere. */
const MAX_LENGTH = 2000;

/** The URL Standard leaves characters alone that RFC 3986 does not allow. */
function encoded(part: string): string {
  return part
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
    .replace(/[^\w\-.~:/?@!$&'()*+,;=%]/g, (character) => encodeURIComponent(character));
}
