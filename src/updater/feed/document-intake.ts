import type { ByteStream } from '../../bytes/byte-stream.ts';
import { type Compression, decompress } from '../../bytes/compression.ts';
import { EXPANSION_LIMITS, type ExpansionLimits } from '../../bytes/compression-bounds.ts';
import { ClairError } from '../../errors.ts';

/** A document of a feed. Callers must read or skip the document before they request the next document. */
export type FeedDocument = {
  /**
   * The path below the opened directory or archive, with `/` as separator and without the compression suffix, such as
   * `cve/2024/x.json` for `cve/2024/x.json.zst`.
   */
  readonly name: string;
  /** The name of the document in messages. */
  readonly where: string;
  /** The uncompressed bytes. */
  readonly stream: ByteStream;
};

export const ACCEPTED_COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

/** The maximum number of documents; the largest feeds have about 300,000. */
const MAX_DOCUMENTS = 1_000_000;

/** The maximum uncompressed size of a document. */
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 3;

/** The maximum uncompressed size of all documents of a feed; the largest feed is about 10 GiB. */
const MAX_TOTAL_BYTES = 64 * 1024 ** 3;

/** The maximum size of a temporary file, which contains an uncompressed or downloaded archive. */
const MAX_ARCHIVE_BYTES = 16 * 1024 ** 3;

const MAX_DEPTH = 32;

/** The limits for the documents of a feed; sizes are in bytes. */
export type DocumentLimits = {
  readonly maxDocuments: number;
  readonly maxDocumentBytes: number;
  readonly maxTotalBytes: number;
  readonly maxArchiveBytes: number;
  readonly maxDepth: number;
  /** The size up to which the compression ratio of a document is not limited. */
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
  /**
   * Returns whether to read a document, by its name without the compression suffix. By default, all documents are read.
   */
  readonly wants?: (name: string) => boolean;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<DocumentLimits>;
};

/** Decompresses the documents of a feed and enforces the limits. */
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

  get expansion(): ExpansionLimits {
    const { maxDocumentBytes, expansionFreeBytes } = this.limits;
    return { ...EXPANSION_LIMITS, maxUncompressedBytes: maxDocumentBytes, expansionFreeBytes };
  }

  wants(path: string): boolean {
    return this.#wants(nameOf(path));
  }

  /**
   * Returns a document; `open` is called when the bytes are first read.
   *
   * @throws ClairError `bytes/limit-exceeded` above a limit, immediately or while the document is read; the abort
   * reason of the signal
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
        throw new ClairError('bytes/limit-exceeded', `${where}: the feed exceeds ${this.limits.maxTotalBytes} bytes`);
      }
      yield chunk;
    }
  }
}

const SUFFIX_OF_COMPRESSION = /\.(?:gz|xz|zst|bz2)$/i;

function nameOf(path: string): string {
  return path.replace(SUFFIX_OF_COMPRESSION, '');
}
