import type { MessagePort } from 'node:worker_threads';
import { asClairError, type Outcome, outcomeOf, outcomeValue } from '../../errors.ts';
import type { LayerAnchor } from '../parts/layer-anchor.ts';
import type { LayerParts } from '../parts/read-parts.ts';

/** A layer that a thread reads in part; the thread requests the bytes through a port. */
export type SentParts = { readonly anchor: LayerAnchor; readonly size: number; readonly port: MessagePort };

type Question = { readonly id: number; readonly start: number; readonly end: number };

type Answer = { readonly id: number; readonly outcome: Outcome<Uint8Array> };

/**
 * Serves the parts of a layer to a thread until `close` is called. The caller must transfer the port of `sent` to the
 * thread.
 */
export function servedParts(
  { anchor, size, read }: LayerParts,
  signal: AbortSignal | undefined,
): { readonly sent: SentParts; readonly close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const ended = new AbortController();
  const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const answer = async ({ id, start, end }: Question): Promise<void> => {
    const outcome = await outcomeOf(async () => {
      try {
        return await read(start, end, either);
      } catch (error) {
        throw asClairError(error, 'bytes/unreachable', 'a part of the layer cannot be read');
      }
    });
    // The buffer is moved to the thread instead of being copied.
    const moved = 'value' in outcome && outcome.value.buffer instanceof ArrayBuffer ? [outcome.value.buffer] : [];
    port1.postMessage({ id, outcome } satisfies Answer, moved);
  };
  port1.on('message', (question: Question) => void answer(question));
  return {
    sent: { anchor, size, port: port2 },
    close() {
      ended.abort();
      port1.close();
    },
  };
}

/**
 * Returns the parts that a thread received from {@link servedParts}. Call `close` at the end; otherwise the thread
 * cannot become idle.
 */
export function receivedParts({ anchor, size, port }: SentParts): LayerParts & { readonly close: () => void } {
  const waiting = new Map<number, (outcome: Outcome<Uint8Array>) => void>();
  let last = 0;
  port.on('message', ({ id, outcome }: Answer) => {
    waiting.get(id)?.(outcome);
    waiting.delete(id);
  });
  return {
    anchor,
    size,
    async read(start, end, signal) {
      last += 1;
      const id = last;
      signal?.throwIfAborted();
      const answered = new AbortController();
      const outcome = await new Promise<Outcome<Uint8Array>>((resolve, reject) => {
        waiting.set(id, resolve);
        signal?.addEventListener('abort', () => reject(signal.reason), { signal: answered.signal });
        port.postMessage({ id, start, end } satisfies Question);
      }).finally(() => answered.abort());
      return outcomeValue(outcome);
    },
    close: () => port.close(),
  };
}
