import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { allBytes } from '../bytes/all-bytes.ts';
import { pauseWanted } from '../bytes/http/retries.ts';
import type { HttpResponse } from '../bytes/http/sender.ts';
import { ClairError, ERRORS, type ErrorCode } from '../errors.ts';
import { printable } from '../model/printable.ts';

/** What the API says of a failure: a code of its table of errors, and words. */
const FAULT = Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() });
const BODY = Type.Object({ error: FAULT });

/** Whose words they are does not matter: as much is read, and as much of them is shown. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_SHOWN_LENGTH = 2000;

/** Statuses that say nothing but that it may be otherwise later. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What other statuses mean where Clair, or what stands before it, says no more. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [404, 'there is no /v2'],
  [408, 'what was sent did not arrive in the time that it gives'],
  [413, 'it takes less than was sent'],
]);

/**
 * Gives the error that an answer is which no one wanted, in the words of the server where it has some.
 *
 * @param server its address, for messages
 * @returns the error of the server's own code; `server/busy` for what passes and `server/unexpected-answer` for all else that
 * does not come from Clair, as pages of a proxy
 */
export async function refusalOf(server: string, answer: HttpResponse): Promise<ClairError> {
  const { status, headers } = answer;
  const body = parsed(await allBytes(answer.body, MAX_BODY_BYTES));
  const wanted = pauseWanted(headers);
  const when = wanted === undefined ? '' : `, and wants to be asked again in ${Math.ceil(wanted / 1000)} s`;
  if (Value.Check(BODY, body) && body.error.code !== 'request/not-found') {
    const error = errorOfServer(body.error);
    return when === '' ? error : new ClairError(error.code, `${error.message}${when}`, { retryAfter: wanted });
  }
  if (PASSING_STATUSES.has(status))
    return new ClairError('server/busy', `${server} answered with status ${status}${when}`, { retryAfter: wanted });
  const location = headers['location'];
  const why = location === undefined ? MEANINGS.get(status) : `it redirects to ${shownWords(location)}`;
  const message = `${server} answered with status ${status}${why === undefined ? '' : `: ${why}`}`;
  return new ClairError('server/unexpected-answer', message);
}

/**
 * Gives an error of a server as one of ours: by its own code where that is known here and no defect of this program, else as
 * `server/refused`, with all that the server says.
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

/** Words of somebody else, of which nothing may move the cursor of a terminal, or fill it. */
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
