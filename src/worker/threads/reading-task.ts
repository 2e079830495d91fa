import type { ReadableStream } from 'node:stream/web';
import type { FilePart } from '../../bytes/file-bytes.ts';
import type { Digest } from '../../model/digest.ts';
import type { Classifier } from '../detectors/libraries/programs/classifier.ts';
import type { LayerLayout } from '../layer/layer-layout.ts';
import type { FileRequest } from '../layer/layer-reader.ts';
import type { LinkTarget } from '../layer/link-targets.ts';
import type { KnownLayer } from '../rereading/known-layers.ts';
import type { TurnMemory } from './big-file-turn.ts';
import type { LoadMemory } from './reading-load.ts';
import type { SentParts } from './parts-channel.ts';

/** One layer for a thread to read: the fields of its source, and its bytes or their location. */
export type ReadingTask = {
  readonly where: string;
  readonly digest?: Digest;
  readonly diffId?: Digest;
  readonly isPartial?: true;
  readonly layout: LayerLayout;
  readonly targets: readonly LinkTarget[];
  readonly known?: KnownLayer;
  /** The user-defined classifiers. */
  readonly classifiers: readonly Classifier[];
  readonly hasFileDigests: boolean;
  readonly bytes: FilePart | ReadableStream<Uint8Array>;
  /** The reason why the layer is not read in part. */
  readonly partsRefused?: string;
  /** The number of readings of the pool that have not ended, including the readings that wait for a thread. */
  readonly load: LoadMemory;
  /** The shared turn for big files, and this task's number as its holder. */
  readonly turn: { readonly memory: TurnMemory; readonly holder: number };
};

/** A layer to read in part. */
export type PartsTask = Omit<ReadingTask, 'bytes'> & { readonly parts: SentParts };

export type FileTask = ReadingTask & { readonly file: FileRequest };

/** The packed contents of a layer that was read in part, and of the whole layer. */
export type CompareTask = { readonly part: Uint8Array; readonly whole: Uint8Array };
