/** The name of the global variable that `public/early.js` sets. */
const NAME = 'clairEarly';

type Early = { readonly path: string; readonly token: string | null; readonly response: Promise<Response> };

/**
 * Returns the response that `public/early.js` requested before this script was loaded, if it is for this path and
 * token. Only the first request can use the early response; later requests are sent to the server.
 */
export function takeEarlyResponse(
  scope: object,
  { path, token }: Pick<Early, 'path' | 'token'>,
): Promise<Response> | undefined {
  const early: unknown = Reflect.get(scope, NAME);
  // A response that does not match is also discarded, because it would be stale when a later request matches it.
  Reflect.deleteProperty(scope, NAME);
  return isEarly(early) && early.path === path && early.token === token ? early.response : undefined;
}

function isEarly(value: unknown): value is Early {
  return typeof value === 'object' && value !== null && 'path' in value && 'token' in value && 'response' in value;
}
