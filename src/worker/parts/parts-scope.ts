/** Which layers may be read in part: only layers with a tar-split, or all layers with a table of contents. */
export type PartsScope = 'with-tar-split' | 'any';

/** The layers of one registry that may be read in part. */
export type PartialFetch = {
  /** `HOST` or `HOST:PORT`. */
  readonly of: string;
  readonly scope: PartsScope;
};

/** Parses `HOST[:PORT]`, for layers with a tar-split, or `HOST[:PORT]=any`; returns undefined for any other text. */
export function parsePartialFetch(text: string): PartialFetch | undefined {
  const [, of, any] = /^([^=/]+)(=any)?$/.exec(text) ?? [];
  return of === undefined ? undefined : { of, scope: any === undefined ? 'with-tar-split' : 'any' };
}

/**
 * Returns which layers of a registry may be read in part; undefined for none. If several items name the registry, `any`
 * takes precedence.
 *
 * @param isNamed returns whether a name in the list names the registry
 */
export function partsScopeOf(list: readonly PartialFetch[], isNamed: (of: string) => boolean): PartsScope | undefined {
  const scopes = list.filter(({ of }) => isNamed(of)).map(({ scope }) => scope);
  return scopes.includes('any') ? 'any' : scopes[0];
}
