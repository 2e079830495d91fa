/** A layer with 400,000 files has a table of about 16 MiB and a tar-split of about 24 MiB, both compressed. */
const MAX_PACKED_BYTES = 32 * 1024 * 1024;

/** The limit of containers/storage for a table of contents. */
const MAX_TOC_BYTES = 150 * 1024 * 1024;

/** Each member has a header of at least 512 bytes, which Base64 extends by a third. */
const MAX_TAR_SPLIT_BYTES = 1024 * 1024 * 1024;

/** A layer of 10 GB has about 160,000 chunks; an entry takes about 300 bytes of memory. */
const MAX_ENTRIES = 400_000;

/** A line can contain the headers of a member with long PAX records; a PAX header has at most 1 MiB. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** A chunk of zstd:chunked has about 64 KiB on average; the whole chunk is in memory, compressed and uncompressed. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/** Zeros need no bytes in the layer, so only this limit bounds the zeros of wanted files. */
const MAX_ZERO_BYTES = 512 * 1024 * 1024;

/** Registries limit the number of requests. */
const MAX_REQUESTS = 512;

/** On an average connection, the overhead of a request takes as long as the transfer of 256 KiB. */
const MAX_GAP_BYTES = 256 * 1024;

const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/** Each request has up to {@link MAX_REQUEST_BYTES} in memory, or one chunk of up to {@link MAX_CHUNK_BYTES}. */
const MAX_CONCURRENT_REQUESTS = 3;

/** A partial reading that saves less takes longer than reading the whole layer. */
const MIN_SAVED_BYTES = 1024 * 1024;
const MIN_SAVED_SHARE = 0.25;

/** The whole layer is read after this time, so this time adds to the time limit of a layer. */
const MAX_PARTS_MILLISECONDS = 3 * 60_000;

export type PartLimits = {
  /** The maximum compressed size of a table of contents, and of a tar-split. */
  readonly maxPackedBytes: number;
  /** The maximum uncompressed size of a table of contents. */
  readonly maxTocBytes: number;
  /** The maximum uncompressed size of a tar-split. */
  readonly maxTarSplitBytes: number;
  /** The maximum number of members and chunks in a table of contents. */
  readonly maxTocEntries: number;
  /** The maximum size of one line of a tar-split. */
  readonly maxLineBytes: number;
  /** The maximum size of a chunk, compressed or not. */
  readonly maxChunkBytes: number;
  /** The maximum number of zeros in the wanted files of a layer. */
  readonly maxZeroBytes: number;
  /** The maximum number of requests for the chunks of one layer. */
  readonly maxRequests: number;
  /** The maximum distance between two chunks that are requested together. */
  readonly maxGapBytes: number;
  /** The maximum size of a request for several chunks; a larger chunk has its own request. */
  readonly maxRequestBytes: number;
  readonly maxConcurrentRequests: number;
  /** The minimum number of bytes, and the minimum share of the layer, that a partial reading must save. */
  readonly minSavedBytes: number;
  readonly minSavedShare: number;
  /** The maximum time to read a layer in part. */
  readonly maxPartsMilliseconds: number;
};

export const PART_LIMITS: PartLimits = {
  maxPackedBytes: MAX_PACKED_BYTES,
  maxTocBytes: MAX_TOC_BYTES,
  maxTarSplitBytes: MAX_TAR_SPLIT_BYTES,
  maxTocEntries: MAX_ENTRIES,
  maxLineBytes: MAX_LINE_BYTES,
  maxChunkBytes: MAX_CHUNK_BYTES,
  maxZeroBytes: MAX_ZERO_BYTES,
  maxRequests: MAX_REQUESTS,
  maxGapBytes: MAX_GAP_BYTES,
  maxRequestBytes: MAX_REQUEST_BYTES,
  maxConcurrentRequests: MAX_CONCURRENT_REQUESTS,
  minSavedBytes: MIN_SAVED_BYTES,
  minSavedShare: MIN_SAVED_SHARE,
  maxPartsMilliseconds: MAX_PARTS_MILLISECONDS,
};
