/** The name of the global variable that `public/early.js` sets. */
const NAME = 'clairEarly';

type Early = { readonly path: string; readonly token: string | null; readonly response: Promise<Response> };

/**
 * Returns the response that `public/early.js` requested before this script was loaded, if it is for this path and token.
 * Each response is returned once; later requests start anew.
 */
export function takeEarlyResponse(
  scope: object,
  { path, token }: Pick<Early, 'path' | 'token'>,
): Promise<Response> | undefined {
  const early: unknown = Reflect.get(scope, NAME);
  if (!isEarly(early) || early.path !== path || early.token !== token) return undefined;
  Reflect.deleteProperty(scope, NAME);
  return early.response;
}

function isEarly(value: unknown): value is Early {
  return typeof value === 'object' && value !== null && 'path' in value && 'token' in value && 'response' in value;
}
