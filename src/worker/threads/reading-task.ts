import type { ReadableStream } from 'node:stream/web';
import type { FilePart } from '../../bytes/file-bytes.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerLayout } from '../layer/layer-layout.ts';
import type { FileRequest } from '../layer/layer-reader.ts';
import type { LinkTarget } from '../layer/link-targets.ts';
import type { KnownLayer } from '../rereading/known-layers.ts';
import type { TurnMemory } from './big-file-turn.ts';

/** One layer for a thread to read: all that a source says of itself, and its bytes, or where they lie. */
export type ReadingTask = {
  readonly where: string;
  readonly digest?: Digest;
  readonly diffId?: Digest;
  readonly layout: LayerLayout;
  /** What links lead to. */
  readonly targets: readonly LinkTarget[];
  /** What an earlier reading of the file gave. */
  readonly known?: KnownLayer;
  readonly bytes: FilePart | ReadableStream<Uint8Array>;
  /** Whose turn it is to have a big file in memory, and the number by which this task takes it. */
  readonly turn: { readonly memory: TurnMemory; readonly holder: number };
};

/** One file of a layer for a thread to read. */
export type FileTask = ReadingTask & { readonly file: FileRequest };
