import { isUtf8 } from 'node:buffer';
import { allBytes } from '../../bytes/all-bytes.ts';
import { asClairError, ClairError } from '../../errors.ts';
import type { FeedDocument } from '../feed/document-intake.ts';

/**
 * Reads a document into memory as text, without a byte order mark.
 *
 * @throws ClairError `feed/limit-exceeded` above `maxBytes`, `feed/invalid` for malformed UTF-8; the errors of the
 * stream.
 */
export async function wholeText({ stream, where }: FeedDocument, maxBytes: number): Promise<string> {
  const bytes = await allBytes(stream, maxBytes);
  if (bytes === undefined) throw new ClairError('feed/limit-exceeded', `${where} is larger than ${maxBytes} bytes`);
  if (!isUtf8(bytes)) throw new ClairError('feed/invalid', `${where} is not UTF-8`);
  return new TextDecoder().decode(bytes);
}

/**
 * Reads a document into memory as JSON (RFC 8259).
 *
 * @throws ClairError the errors of {@link wholeText}; `feed/invalid` also for malformed or incomplete JSON
 */
export async function wholeJson(document: FeedDocument, maxBytes: number): Promise<unknown> {
  const text = await wholeText(document, maxBytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw asClairError(error, 'feed/invalid', `${document.where} is not valid JSON`);
  }
}
