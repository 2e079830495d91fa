import type { ByteStream } from '../../bytes/byte-stream.ts';
import { type Compression, decompress } from '../../bytes/compression.ts';
import { EXPANSION_LIMITS, type ExpansionLimits } from '../../bytes/compression-bounds.ts';
import { ClairError } from '../../errors.ts';

/** One document of a feed. It is read, or passed over, before the next one comes. */
export type FeedDocument = {
  /** A path with `/` below what was opened, without the suffix of its compression: `cve/2024/x.json` of `x.json.zst`. */
  readonly name: string;
  /** What to call it in messages. */
  readonly where: string;
  /** Its bytes without their compression. */
  readonly stream: ByteStream;
};

/** The forms in which a document, or an archive of documents, may be compressed. */
export const ACCEPTED_COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

/** The largest feeds of many documents have some 300,000 of them. */
const MAX_DOCUMENTS = 1_000_000;

/** Of one document, and of all together, without their compression; the largest of all feeds has some 10 GiB. */
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 3;
const MAX_TOTAL_BYTES = 64 * 1024 ** 3;

/** What may lie in a temporary file: an archive without its compression, or as it was downloaded. */
const MAX_ARCHIVE_BYTES = 16 * 1024 ** 3;

/** Directories in directories. */
const MAX_DEPTH = 32;

/** The bounds of reading the documents of one feed; sizes in bytes. */
export type DocumentLimits = {
  readonly maxDocuments: number;
  readonly maxDocumentBytes: number;
  readonly maxTotalBytes: number;
  readonly maxArchiveBytes: number;
  readonly maxDepth: number;
  /** What a document may expand to, however few its compressed bytes are. */
  readonly expansionFreeBytes: number;
};

export const DOCUMENT_LIMITS: DocumentLimits = {
  maxDocuments: MAX_DOCUMENTS,
  maxDocumentBytes: MAX_DOCUMENT_BYTES,
  maxTotalBytes: MAX_TOTAL_BYTES,
  maxArchiveBytes: MAX_ARCHIVE_BYTES,
  maxDepth: MAX_DEPTH,
  expansionFreeBytes: EXPANSION_LIMITS.expansionFreeBytes,
};

export type DocumentOptions = {
  /** Tells by its name, without the suffix of its compression, whether a document is wanted; all are by default. */
  readonly wants?: (name: string) => boolean;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<DocumentLimits>;
};

/** Counts the documents of one feed and their bytes, and undoes the compression of each. */
export class DocumentIntake {
  readonly limits: DocumentLimits;
  readonly signal: AbortSignal | undefined;
  readonly #wants: (name: string) => boolean;
  #documents = 0;
  #bytes = 0;

  constructor(options: DocumentOptions) {
    this.limits = { ...DOCUMENT_LIMITS, ...options.limits };
    this.signal = options.signal;
    this.#wants = options.wants ?? ((): boolean => true);
  }

  /** How far one document may expand. */
  get expansion(): ExpansionLimits {
    const { maxDocumentBytes, expansionFreeBytes } = this.limits;
    return { ...EXPANSION_LIMITS, maxUncompressedBytes: maxDocumentBytes, expansionFreeBytes };
  }

  /** Tells whether a document with this path is wanted. */
  wants(path: string): boolean {
    return this.#wants(nameOf(path));
  }

  /**
   * Takes a document in; its bytes are asked for when it is read.
   *
   * @throws ClairError `bytes/limit-exceeded` beyond a bound above, from here or while it is read; the reason of the signal.
   */
  document(path: string, where: string, open: () => ByteStream): FeedDocument {
    this.signal?.throwIfAborted();
    this.#documents += 1;
    if (this.#documents > this.limits.maxDocuments) {
      throw new ClairError('bytes/limit-exceeded', `${where}: more than ${this.limits.maxDocuments} documents`);
    }
    return { name: nameOf(path), where, stream: this.#bytesOf(where, open) };
  }

  async *#bytesOf(where: string, open: () => ByteStream): AsyncGenerator<Uint8Array> {
    const { stream } = await decompress(open(), {
      where,
      accept: ACCEPTED_COMPRESSIONS,
      limits: this.expansion,
      ...(this.signal && { signal: this.signal }),
    });
    for await (const chunk of stream) {
      this.#bytes += chunk.length;
      if (this.#bytes > this.limits.maxTotalBytes) {
        throw new ClairError('bytes/limit-exceeded', `${where}: with it more than ${this.limits.maxTotalBytes} bytes`);
      }
      yield chunk;
    }
  }
}

const SUFFIX_OF_COMPRESSION = /\.(?:gz|xz|zst|bz2)$/i;

function nameOf(path: string): string {
  return path.replace(SUFFIX_OF_COMPRESSION, '');
}
