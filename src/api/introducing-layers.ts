import { Type } from 'typebox';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { pagePosition } from './page-position.ts';
import type { PageTokens } from './page-tokens.ts';

/** The documentation that the v1 and v2 routes for introducing layers share. */
export const INTRODUCING_LAYERS: { readonly summary: string; readonly errors: readonly number[] } = {
  summary: 'List the layers that add a vulnerable package. Layers that inherit the package are left out.',
  errors: [400, 404],
};

const POSITION = Type.Object({ list: Type.Literal('introducing-layers'), id: Type.String(), after: Type.Integer() });

export type IntroducingLayersRequest = {
  /** The requested ID; a page token is valid only for the ID of the first page. */
  readonly id: string;
  /** The IDs of the advisories. */
  readonly names: readonly string[];
  readonly page: string | undefined;
  readonly limit: number;
};

/**
 * Returns the names of at most `limit` layers that add a package with one of the vulnerabilities, and the token of the
 * next page; the token is undefined on the last page.
 *
 * @throws ClairError `request/page-invalid`
 */
export async function introducingLayersPage(
  {
    store,
    pages,
  }: { readonly store: { readonly matches: Pick<Store['matches'], 'introducingLayers'> }; readonly pages: PageTokens },
  { id, names, page, limit }: IntroducingLayersRequest,
): Promise<{ readonly layers: readonly string[]; readonly nextPage: string | undefined }> {
  const position = pagePosition(pages, page, POSITION);
  if (position !== undefined && position.id !== id) {
    throw new ClairError(
      'request/page-invalid',
      `the page token belongs to the list for ${position.id}, not for ${id}`,
    );
  }
  const after = position?.after ?? 0;
  const found = await store.matches.introducingLayers(names, { after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const next: Type.Static<typeof POSITION> = { list: 'introducing-layers', id, after: shown.at(-1)?.id ?? after };
  return {
    layers: shown.map(({ name }) => name),
    nextPage: found.length > limit ? pages.seal(next) : undefined,
  };
}
