/** Which part of the page is looked at: what stands behind the # of the address. */
export type Place =
  | { readonly page: 'images' }
  | { readonly page: 'image'; readonly digest: string }
  | { readonly page: 'vulnerabilities' }
  | { readonly page: 'vulnerability'; readonly id: string }
  | { readonly page: 'changes' }
  | { readonly page: 'sources' }
  | { readonly page: 'nowhere' };

/** Reads the part of an address behind and with its #; what is none of ours is `nowhere`. */
export function placeOf(hash: string): Place {
  const [page = '', name, ...more] = hash.replace(/^#?\/?/, '').split('/');
  if (more.length > 0) return { page: 'nowhere' };
  if (page === '' && name === undefined) return { page: 'images' };
  if (name === undefined && (page === 'vulnerabilities' || page === 'changes' || page === 'sources')) return { page };
  const named = decoded(name);
  if (page === 'images' && named !== '') return { page: 'image', digest: named };
  if (page === 'vulnerabilities' && named !== '') return { page: 'vulnerability', id: named };
  return { page: 'nowhere' };
}

/** The address of an image, for a link. */
export function imageAddress(digest: string): string {
  return `#/images/${encodeURIComponent(digest)}`;
}

/** The address of a vulnerability, for a link. */
export function vulnerabilityAddress(id: string): string {
  return `#/vulnerabilities/${encodeURIComponent(id)}`;
}

/** What the window is called there. */
export function titleOf(place: Place): string {
  switch (place.page) {
    case 'images':
      return 'Images';
    case 'image':
      return `Image ${place.digest.slice(0, 19)}`;
    case 'vulnerabilities':
      return 'Vulnerabilities';
    case 'vulnerability':
      return place.id;
    case 'changes':
      return 'What changed lately';
    case 'sources':
      return 'Sources and queue';
    case 'nowhere':
      return 'Not found';
  }
}

function decoded(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '');
  } catch {
    // A broken escape is no name of anything.
    return '';
  }
}
