/**
 * The maximum length of a parameter. The limit is longer than a whole request line (nodejs.org/api/http.html,
 * maxHeaderSize), so that only schemas limit parameters.
 */
const MAX_PARAMETER_LENGTH = 16 * 1024;

/**
 * The router options of the server and of its threads. By default, Fastify rejects parameters of more than 100
 * characters.
 */
export const ROUTER_OPTIONS: { readonly maxParamLength: number } = { maxParamLength: MAX_PARAMETER_LENGTH };
