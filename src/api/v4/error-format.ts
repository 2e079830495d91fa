import { Type } from 'typebox';
import type { ErrorFormat, ErrorResponse } from '../error-response.ts';

/**
 * The error format of Clair v4. A client interprets 400 as "this image can never be indexed", so the server returns 400
 * only for errors in the request or in the content of the layers. Messages are ASCII, because Quay fails on other
 * characters.
 */
export const V4_ERRORS: ErrorFormat = {
  body: (response) => ({ code: codeOf(response), message: asciiText(`${response.message} (${response.code})`) }),
  schema: Type.Object({ code: Type.String(), message: Type.String() }, { title: 'Error' }),
  statuses: {
    'request/method-not-allowed': 405,
    'manifest/queue-full': 429,
    'layer/host-not-allowed': 500,
    'bytes/limit-exceeded': 500,
    unreachable: 500,
  },
};

function codeOf({ status }: ErrorResponse): string {
  return CODES[status] ?? (status < 500 ? 'bad-request' : 'internal-error');
}

const CODES: Readonly<Record<number, string>> = {
  404: 'not-found',
  405: 'method-not-allowed',
  429: 'too-many-requests',
};

/** Replaces every character outside printable ASCII with `\uXXXX`. */
export function asciiText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007E]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
