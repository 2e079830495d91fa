import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Type } from 'typebox';
import { ClairError, type ErrorCode, type ErrorKind } from '../errors.ts';

/** How an API family presents errors. */
export type ErrorFormat = {
  readonly body: (response: ErrorResponse) => object;
  /** The schema of the body, for the OpenAPI document. */
  readonly schema: Type.TSchema;
  /** The status codes that are not those of {@link STATUS}; one of a code precedes one of its kind. */
  readonly statuses?: Readonly<Partial<Record<ErrorKind | ErrorCode, number>>>;
};

/** What a failed request answers, before the error format gives it a body. */
export type ErrorResponse = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly type?: string;
};

/** The HTTP status codes of errors, unless an error format has others. */
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

/** Where the message names what is no client's business, as a path of the server: the log has it. */
const SAID_INSTEAD: Partial<Record<ErrorCode, string>> = { 'database/unavailable': 'the database does not answer' };

/** Answers a request that failed, in an error format, and logs what is not the fault of the client. */
export async function sendError(
  error: unknown,
  format: ErrorFormat,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const response = errorResponse(error, format);
  const { status } = response;
  // Whoever went away ended the work himself, and nobody reads the answer.
  if (reply.raw.closed) request.log.info({ err: error }, 'request abandoned');
  // The client is told when to come back: nobody has to do anything about it.
  else if (error instanceof ClairError && error.retryAfter !== undefined) {
    request.log.info({ code: error.code, reason: error.message }, 'request refused for now');
    reply.header('retry-after', String(Math.ceil(error.retryAfter / 1000)));
  } else if (status >= 500) request.log.error({ err: error }, 'request failed');
  await reply.status(status).send(format.body(response));
}

/**
 * Says of any error which status and message the client gets. The text of an error that Clair did not throw on purpose
 * stays in the log: it may hold what a client must not see.
 */
export function errorResponse(error: unknown, format: Pick<ErrorFormat, 'statuses'>): ErrorResponse {
  const { statuses = {} } = format;
  if (error instanceof ClairError) {
    const { code, kind } = error;
    const status = statuses[code] ?? statuses[kind] ?? STATUS[kind];
    const message = SAID_INSTEAD[code] ?? error.message;
    return { status, code, message, remedy: error.remedy, ...(code === 'request/timeout' && { type: 'Timeout' }) };
  }
  if (isRequestError(error)) {
    const { statusCode: status } = error;
    if (status === 413)
      return errorResponse(new ClairError('request/too-large', 'the body has more than 1 MiB'), format);
    const { code, message, remedy } = new ClairError('request/invalid', error.message);
    return { status, code, message, remedy };
  }
  return {
    status: statuses.internal ?? STATUS.internal,
    code: 'internal',
    message: 'an unexpected error happened; it is in the log of the server',
    remedy: 'Look for the error in the log of the server, by the name of the request.',
  };
}

/** Errors of the framework about the request itself: a body that is too large, a path that is no UTF-8. */
function isRequestError(error: unknown): error is FastifyError & { readonly statusCode: number } {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}
