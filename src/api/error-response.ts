import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ClairError, type ErrorCode, type ErrorKind } from '../errors.ts';

/**
 * The generations of the API, each with a shape of errors of its own: two of v1, and v2. Where a request to v1 does not tell
 * which is meant, as an unknown path, it is `either`, and the answer can be read as both.
 */
export type Generation = 'first' | 'stable' | 'either' | 'v2';

/** Which generation a request means by its address alone. */
export function generationOfAddress(url: string): Generation {
  return /^\/v2(?:[/?]|$)/.test(url) ? 'v2' : 'either';
}

/** The one place that maps errors to HTTP status codes. */
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

/** Where the original answered otherwise, in one of its generations. */
const STATUS_IN_GENERATION: Readonly<Record<Generation, Partial<Record<ErrorKind | ErrorCode, number>>>> = {
  first: { 'request/not-json': 415 },
  stable: { unreadable: 422, unreachable: 400, 'bytes/not-found': 400 },
  either: {},
  v2: {},
};

/** Where the message names what is no client's business, as a path of the server: the log has it. */
const SAID_INSTEAD: Partial<Record<ErrorCode, string>> = { 'database/unavailable': 'the database does not answer' };

/** Answers a request that failed, in the words of its generation, and logs what is not the fault of the client. */
export async function sendError(
  error: unknown,
  generation: Generation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const response = errorResponse(error, generation);
  const { status } = response;
  // Whoever went away ended the work himself, and nobody reads the answer.
  if (reply.raw.closed) request.log.info({ err: error }, 'request abandoned');
  // The client is told when to come back: nobody has to do anything about it.
  else if (error instanceof ClairError && error.retryAfter !== undefined) {
    request.log.info({ code: error.code, reason: error.message }, 'request refused for now');
    reply.header('retry-after', String(Math.ceil(error.retryAfter / 1000)));
  } else if (status >= 500) request.log.error({ err: error }, 'request failed');
  await reply.status(status).send(bodyOf(response, generation));
}

function bodyOf({ code, message: text, remedy, type }: ErrorResponse, generation: Generation): object {
  if (generation === 'v2') return { error: { code, message: text, remedy } };
  const message = `${text} (${code})`;
  const stable = { Error: { Message: message, ...(type !== undefined && { Type: type }) } };
  return { first: { Message: message }, stable, either: { Message: message, ...stable } }[generation];
}

/** What a failed request answers, before its generation gives it a shape. */
export type ErrorResponse = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly type?: string;
};

/**
 * Says of any error which status and message the client gets. The text of an error that Clair did not throw on purpose
 * stays in the log: it may hold what a client must not see.
 */
export function errorResponse(error: unknown, generation: Generation): ErrorResponse {
  if (error instanceof ClairError) {
    const { code, kind } = error;
    const own = STATUS_IN_GENERATION[generation];
    const status = own[code] ?? own[kind] ?? STATUS[kind];
    const message = SAID_INSTEAD[code] ?? error.message;
    return { status, code, message, remedy: error.remedy, ...(code === 'request/timeout' && { type: 'Timeout' }) };
  }
  if (isRequestError(error)) {
    const { statusCode: status } = error;
    if (status === 413)
      return errorResponse(new ClairError('request/too-large', 'the body has more than 1 MiB'), generation);
    const { code, message, remedy } = new ClairError('request/invalid', error.message);
    return { status, code, message, remedy };
  }
  return {
    status: 500,
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
