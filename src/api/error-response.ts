import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Type } from 'typebox';
import { ClairError, type ErrorCode, type ErrorKind } from '../errors.ts';

/** The error format of an API family. */
export type ErrorFormat = {
  readonly body: (response: ErrorResponse) => object;
  /** The schema of the body, for the OpenAPI document. */
  readonly schema: Type.TSchema;
  /**
   * Status codes that differ from {@link STATUS}; an entry for a code takes precedence over an entry for its category.
   */
  readonly statuses?: Readonly<Partial<Record<ErrorKind | ErrorCode, number>>>;
};

/** The error of a failed request, from which the error format creates the body. */
export type ErrorResponse = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What the client can do next. */
  readonly remedy: string;
  readonly type?: string;
};

/** The HTTP status codes of errors, unless the error format has its own status codes. */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  unsupported: 415,
  unreachable: 502,
  unreadable: 400,
  busy: 503,
  'disk-full': 507,
  internal: 500,
};

/** Returns the HTTP status code of an error category, unless an error format overrides it. */
export function statusOfKind(kind: ErrorKind): number {
  return STATUS[kind];
}

/**
 * The messages that clients receive instead of an original message that contains internals, such as a path. The log
 * contains the original message.
 */
const SAID_INSTEAD: Partial<Record<ErrorCode, string>> = { 'database/unavailable': 'the database is not available' };

/** Sends the error response of a failed request, and logs server errors. */
export async function sendError(
  error: unknown,
  format: ErrorFormat,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const response = errorResponse(error, format, request.routeOptions.bodyLimit);
  const { status } = response;
  // The client disconnected and thereby aborted the request.
  if (reply.raw.closed) request.log.info({ err: error }, 'the client aborted the request');
  // The error is expected under load, and the client retries later.
  else if (error instanceof ClairError && error.retryAfter !== undefined) {
    request.log.info({ code: error.code, reason: error.message }, 'request rejected, retry later');
    reply.header('retry-after', String(Math.ceil(error.retryAfter / 1000)));
  } else if (status >= 500) request.log.error({ err: error }, 'request failed');
  await reply.status(status).send(format.body(response));
}

/**
 * Returns the error response for any error. The message of an unexpected error stays in the log, because the message
 * can contain internals.
 *
 * @param bodyLimit the maximum size of the request body in bytes; absent if no route received the request
 */
export function errorResponse(
  error: unknown,
  format: Pick<ErrorFormat, 'statuses'>,
  bodyLimit?: number,
): ErrorResponse {
  const { statuses = {} } = format;
  if (error instanceof ClairError) {
    const { code, kind } = error;
    const status = statuses[code] ?? statuses[kind] ?? STATUS[kind];
    const message = SAID_INSTEAD[code] ?? error.message;
    return { status, code, message, remedy: error.remedy, ...(code === 'request/timeout' && { type: 'Timeout' }) };
  }
  if (isRequestError(error)) {
    const { statusCode: status } = error;
    if (status === 413) return errorResponse(new ClairError('request/too-large', tooLargeText(bodyLimit)), format);
    const { code, message, remedy } = new ClairError('request/invalid', error.message);
    return { status, code, message, remedy };
  }
  return {
    status: statuses.internal ?? STATUS.internal,
    code: 'internal',
    message: 'an unexpected error occurred; the server log contains the details',
    remedy: 'Find the error in the server log by the X-Request-Id of the response.',
  };
}

function tooLargeText(limit: number | undefined): string {
  if (limit === undefined) return 'the body is too large';
  const kibibytes = limit / 1024;
  return `the body is larger than ${kibibytes % 1024 === 0 ? `${kibibytes / 1024} MiB` : `${kibibytes} KiB`}`;
}

/**
 * Returns whether the framework itself rejected the request, for example because of a large body or a path that is not
 * UTF-8.
 */
function isRequestError(error: unknown): error is FastifyError & { readonly statusCode: number } {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}
