import type { ReadableStream } from 'node:stream/web';
import type { FilePart } from '../../bytes/file-bytes.ts';
import { ClairError, type ErrorCode } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { StoredReading } from '../layer/layer-reader.ts';
import type { LayerLayout } from '../layer/layer-layout.ts';

/** One layer for a thread to read: all that a source says of itself, and its bytes, or where they lie. */
export type ReadingTask = {
  readonly where: string;
  readonly digest?: Digest;
  readonly diffId?: Digest;
  readonly layout: LayerLayout;
  readonly bytes: FilePart | ReadableStream<Uint8Array>;
};

/** What comes back. An error goes through as its words: only plain data can be sent between threads. */
export type ReadingOutcome =
  | { readonly reading: StoredReading }
  | { readonly failure: { readonly code: ErrorCode; readonly message: string } };

/** Runs `read`; of its errors, those that Clair throws on purpose become an outcome. */
export async function outcomeOf(read: () => Promise<StoredReading>): Promise<ReadingOutcome> {
  try {
    return { reading: await read() };
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    return { failure: { code: error.code, message: error.message } };
  }
}

/** Gives the reading of an outcome. @throws ClairError as the thread did. */
export function readingOf(outcome: ReadingOutcome): StoredReading {
  if ('reading' in outcome) return outcome.reading;
  throw new ClairError(outcome.failure.code, outcome.failure.message);
}
