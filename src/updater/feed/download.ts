import type { ByteStream } from '../../bytes/byte-stream.ts';
import { shownAddress } from '../../bytes/http/client.ts';
import { ClairError } from '../../errors.ts';
import type { FeedValidators, FetchContext } from './fetcher.ts';

export type NotModified = { readonly kind: 'not-modified' };

export type Download =
  | NotModified
  | {
      readonly kind: 'body';
      /** The bytes as sent, possibly compressed. */
      readonly body: ByteStream;
      /** The name in messages: the address without query string and credentials. */
      readonly where: string;
      /** The validators for the next conditional request. */
      readonly validators: FeedValidators;
    };

/**
 * Requests `url` with the validators of `context` (RFC 9110 section 13).
 *
 * @throws ClairError `bytes/not-found`, `bytes/unreachable`, immediately or while the body is read
 */
export async function openDownload(
  url: string,
  { http, validators = {}, signal }: Pick<FetchContext, 'http' | 'validators' | 'signal'>,
): Promise<Download> {
  const where = shownAddress(url);
  const conditions = conditionHeaders(validators);
  const headers = { 'accept-encoding': 'gzip', ...conditions };
  const answer = await http.get(url, { headers, ...(signal && { signal }) });
  if (answer.status === 200) {
    return { kind: 'body', body: answer.body, where, validators: validatorsOf(answer.headers) };
  }
  if (Object.keys(conditions).length > 0) return { kind: 'not-modified' };
  throw new ClairError('bytes/unreachable', `${where} responded with status 304 to an unconditional request`);
}

/**
 * Returns the headers with both validators; a server that supports the first condition ignores the second (RFC 9110
 * section 13.1.3).
 */
function conditionHeaders(validators: FeedValidators): Record<string, string> {
  return {
    ...(validators.etag !== undefined && { 'if-none-match': validators.etag }),
    ...(validators.lastModified !== undefined && { 'if-modified-since': validators.lastModified }),
  };
}

function validatorsOf(headers: Readonly<Record<string, string>>): FeedValidators {
  const { etag, 'last-modified': lastModified } = headers;
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}
