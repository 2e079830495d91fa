import Negotiator from 'negotiator';

/**
 * Returns the media type that an `Accept` header prefers (RFC 9110 section 12.5.1): the type with the highest weight.
 * For equal weights, prefers the type that the most specific range names, then the type that the header names first,
 * then the first type in the list.
 *
 * @param types the media types of the response, with parameters; a request without the header receives the first type
 * @returns undefined if the header allows none of the types
 */
export function acceptedType<MediaType extends string>(
  accept: string | undefined,
  types: readonly MediaType[],
): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return types[0];
  const [preferred] = new Negotiator({ headers: { accept } }).mediaTypes([...types]);
  return types.find((type) => type === preferred);
}
