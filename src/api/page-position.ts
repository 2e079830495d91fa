import type { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';
import type { PageTokens } from './page-tokens.ts';

/**
 * Gives where a page starts that a client asks for by a token of the page before; undefined for the first page.
 *
 * @param shape of what was sealed; it tells the list, too, so that the token of another one is refused
 * @throws ClairError `request/page-invalid`.
 */
export function pagePosition<Schema extends Type.TSchema>(
  pages: PageTokens,
  token: string | undefined,
  shape: Schema,
): Type.Static<Schema> | undefined {
  if (token === undefined || token === '') return undefined;
  const position = pages.open(token);
  if (Value.Check(shape, position)) return position;
  throw new ClairError('request/page-invalid', 'the page token is one of another list');
}
