import type { FastifyError } from 'fastify';
import { ClairError, type ErrorKind } from '../errors.ts';

/** What a failed request answers, before a generation of the API gives it its own shape. */
export type ErrorResponse = { readonly status: number; readonly message: string };

/** The one place that maps errors to HTTP status codes. */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  unreachable: 502,
  unreadable: 400,
  busy: 503,
  internal: 500,
};

/**
 * Says of any error which status and message the client gets. The text of an error that Clair did not throw on purpose
 * stays in the log: it may hold what a client must not see.
 */
export function errorResponse(error: unknown): ErrorResponse {
  if (error instanceof ClairError) return { status: STATUS[error.kind], message: `${error.message} (${error.code})` };
  if (isRequestError(error)) return { status: error.statusCode, message: error.message };
  return { status: 500, message: 'an unexpected error happened; it is in the log of the server (internal)' };
}

/** Errors of the framework about the request itself: bad JSON, a body that is too large, an unknown media type. */
function isRequestError(error: unknown): error is FastifyError & { readonly statusCode: number } {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}
