import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { allBytes } from '../bytes/all-bytes.ts';
import { pauseWanted } from '../bytes/http/retries.ts';
import type { HttpResponse } from '../bytes/http/sender.ts';
import { ClairError, ERRORS, type ErrorCode } from '../errors.ts';
import { printable } from '../model/printable.ts';

/** The error in a response of the API. */
const FAULT = Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() });
const BODY = Type.Object({ error: FAULT });

/**
 * The maximum size of the body of an error response, in bytes, and the maximum length of its text in messages, in
 * UTF-16 code units.
 */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_SHOWN_LENGTH = 2000;

/** The statuses of temporary failures. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The meanings of other statuses, for responses without a Clair error. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [404, 'there is no /v2 API at this address'],
  [408, 'the upload was too slow'],
  [413, 'the upload is too large'],
]);

/**
 * Converts an error response to an error.
 *
 * @param server the address of the server, for messages
 * @returns the error of the server. For a response that is not from Clair, such as an error page of a proxy, returns
 *   `server/busy` for a temporary failure and `server/unexpected-answer` otherwise
 */
export async function refusalOf(server: string, answer: HttpResponse): Promise<ClairError> {
  const { status, headers } = answer;
  const body = parsed(await allBytes(answer.body, MAX_BODY_BYTES));
  const wanted = pauseWanted(headers);
  const when = wanted === undefined ? '' : `; retry after ${Math.ceil(wanted / 1000)} s`;
  if (Value.Check(BODY, body) && body.error.code !== 'request/not-found') {
    const error = errorOfServer(body.error);
    return when === '' ? error : new ClairError(error.code, `${error.message}${when}`, { retryAfter: wanted });
  }
  if (PASSING_STATUSES.has(status))
    return new ClairError('server/busy', `${server} responded with status ${status}${when}`, { retryAfter: wanted });
  const location = headers['location'];
  const why = location === undefined ? MEANINGS.get(status) : `redirect to ${shownWords(location)}`;
  const message = `${server} responded with status ${status}${why === undefined ? '' : `: ${why}`}`;
  return new ClairError('server/unexpected-answer', message);
}

/**
 * Converts the error of a server to a ClairError. Keeps the error code if this version of Clair has the code, unless
 * the code means a bug. Any other error becomes `server/refused` with the message, remedy and code of the server.
 */
export function errorOfServer({
  code,
  message,
  remedy,
}: Readonly<Record<'code' | 'message' | 'remedy', string>>): ClairError {
  const words = shownWords(message);
  if (isKnown(code) && ERRORS[code].kind !== 'internal') return new ClairError(code, words);
  return new ClairError('server/refused', `${words}: ${shownWords(remedy)} (${shownWords(code)})`);
}

/** Returns a shortened form of an untrusted text that is safe for a terminal. */
export function shownWords(text: string): string {
  return printable(text.slice(0, MAX_SHOWN_LENGTH));
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function parsed(bytes: Buffer | undefined): unknown {
  try {
    return bytes && JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
