import { ClairError } from '../../errors.ts';
import { type TemporaryFile, writeTemporaryFile } from '../../updater/feed/temporary-file.ts';
import type { ImageSet } from '../../worker/sources/image-set.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import type { Console } from '../console.ts';

/** What standard input is called where a target is named, and as the reference of an image that has none. */
export const STANDARD_INPUT = '-';

/** As much as an image may have uncompressed: it fills the disk before anything of it can be judged. */
const MAX_BYTES = 64 * 1024 ** 3;

/**
 * Writes standard input into a temporary file, since archives name their layers at their end. Whoever asked removes it.
 *
 * @throws ClairError `cli/usage` where nothing comes in, or only what somebody types, `bytes/limit-exceeded` beyond `maxBytes`; the
 * reason of the signal. No file is left then.
 */
export async function readStandardInput(
  console: Pick<Console, 'input' | 'signal'>,
  maxBytes: number = MAX_BYTES,
): Promise<TemporaryFile> {
  return await withStandardInput(
    console,
    'clair scan -',
    async (bytes) => await writeTemporaryFile(bytes, 'standard input', maxBytes, console.signal),
  );
}

/**
 * Does the work with what comes in, and lets go of it.
 *
 * @param command that wants it, for messages
 * @throws ClairError `cli/usage` where nothing comes in, or only what somebody types; what the work throws
 */
export async function withStandardInput<Result>(
  { input, signal }: Pick<Console, 'input' | 'signal'>,
  command: string,
  work: (bytes: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  if (input === undefined || input.isTerminal) {
    throw new ClairError(
      'cli/usage',
      `standard input is no archive: write one into it, as in docker save x | ${command}`,
    );
  }
  // Whoever waits for bytes that never come does not hear of the signal by itself.
  signal.addEventListener('abort', input.close, { once: true });
  try {
    return await work(await begun(input.bytes, command));
  } finally {
    signal.removeEventListener('abort', input.close);
    input.close();
  }
}

/** Gives the bytes as they are, once the first of them came. @throws ClairError `cli/usage` when none comes */
async function begun(bytes: AsyncIterable<Uint8Array>, command: string): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  for (;;) {
    const first = await iterator.next();
    if (first.done === true) {
      throw new ClairError(
        'cli/usage',
        `standard input is empty: write an archive into it, as in docker save x | ${command}`,
      );
    }
    if (first.value.length > 0) return continued(first.value, iterator);
  }
}

async function* continued(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** What went wrong with the file that standard input was written to, said of standard input. */
export function errorOfStandardInput(error: unknown, { path }: TemporaryFile): unknown {
  if (!(error instanceof ClairError) || !error.message.includes(path)) return error;
  return new ClairError(error.code, error.message.replaceAll(path, 'standard input'), { cause: error });
}

/** Images that were read from standard input, by its name instead of that of the file; closing them removes it. */
export function imagesOfStandardInput({ images, close }: ImageSet, { path, remove }: TemporaryFile): ImageSet {
  const named = (image: ImageSource): ImageSource => ({
    ...image,
    target: STANDARD_INPUT,
    reference: image.reference === path ? STANDARD_INPUT : image.reference,
  });
  return {
    images: images.map(({ platform, open }) => ({ platform, open: async () => named(await open()) })),
    async close() {
      try {
        await close();
      } finally {
        await remove();
      }
    },
  };
}
