/** Which part of the page is looked at: what stands behind the # of the address. */
export type Place =
  | { readonly page: 'images' }
  | { readonly page: 'image'; readonly digest: string }
  | { readonly page: 'sources' }
  | { readonly page: 'nowhere' };

/** Reads the part of an address behind and with its #; what is none of ours is `nowhere`. */
export function placeOf(hash: string): Place {
  const [page = '', name, ...more] = hash.replace(/^#?\/?/, '').split('/');
  if (more.length > 0) return { page: 'nowhere' };
  if (page === '' && name === undefined) return { page: 'images' };
  if (page === 'sources' && name === undefined) return { page };
  const digest = page === 'images' ? decoded(name) : '';
  return digest === '' ? { page: 'nowhere' } : { page: 'image', digest };
}

/** The address of an image, for a link. */
export function imageAddress(digest: string): string {
  return `#/images/${encodeURIComponent(digest)}`;
}

/** What the window is called there. */
export function titleOf(place: Place): string {
  switch (place.page) {
    case 'images':
      return 'Images';
    case 'image':
      return `Image ${place.digest.slice(0, 19)}`;
    case 'sources':
      return 'Sources';
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
