import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';

export type DocumentForm = 'json' | 'xml' | 'text';

/** The maximum number of blank bytes before the first character. */
const MAX_BLANK_BYTES = 64 * 1024;

/**
 * Recognises the form of a document by its first character after blanks and a byte order mark. `<` starts XML, `{` and
 * `[` start JSON, and all other characters start text.
 *
 * @returns the form and a stream of the same bytes
 * @throws ClairError `feed/empty` if the stream contains only blanks or starts with too many blanks; the errors of
 *   `stream`.
 */
export async function recogniseForm(
  stream: ByteStream,
  where: string,
): Promise<{ readonly form: DocumentForm; readonly stream: ByteStream }> {
  const chunks = stream[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  while (length <= MAX_BLANK_BYTES) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head.push(value);
    length += value.length;
    const first = value.find((byte) => !isBlank(byte));
    if (first !== undefined) return { form: formOf(first), stream: together(head, chunks) };
  }
  await chunks.return?.();
  throw new ClairError('feed/empty', `${where} is empty`);
}

/** Returns whether a file name ends with `.json`, in any case. */
export function isNamedJson(name: string): boolean {
  return /\.json$/i.test(name);
}

function formOf(byte: number): DocumentForm {
  if (byte === 0x3c) return 'xml';
  return byte === 0x7b || byte === 0x5b ? 'json' : 'text';
}

const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);

function isBlank(byte: number): boolean {
  return BLANKS.has(byte);
}

async function* together(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
