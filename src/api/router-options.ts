/** Above what a whole request line may have (nodejs.org/api/http.html, maxHeaderSize): names are checked by their shapes. */
const MAX_PARAMETER_LENGTH = 16 * 1024;

/** How addresses are read, by the server and by the threads that answer for it: the default takes no names above 100 characters. */
export const ROUTER_OPTIONS: { readonly maxParamLength: number } = { maxParamLength: MAX_PARAMETER_LENGTH };
