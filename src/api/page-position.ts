import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';
import type { PageTokens } from './page-tokens.ts';
import { textOf } from './request-shape.ts';

/** Returns an optional `limit` parameter with a number from 1 to 999999999. */
export function limitParameter(description: string): Type.TOptional<Type.TString> {
  return Type.Optional(Type.String({ ...textOf('^[1-9][0-9]{0,8}$', 'a number from 1 to 999999999'), description }));
}

/**
 * Opens a page token and returns the position at which the page starts. Returns undefined without a token, for the
 * first page.
 *
 * @param shape the shape of the sealed position; its `list` literal rejects tokens of other lists
 * @throws ClairError `request/page-invalid`
 */
export function pagePosition<Schema extends Type.TSchema>(
  pages: PageTokens,
  token: string | undefined,
  shape: Schema,
): Type.Static<Schema> | undefined {
  if (token === undefined || token === '') return undefined;
  const position = pages.open(token);
  if (Value.Check(shape, position)) return position;
  throw new ClairError('request/page-invalid', 'the page token belongs to another list');
}
