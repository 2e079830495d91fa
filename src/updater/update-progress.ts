import type { ByteStream } from '../bytes/byte-stream.ts';
import type { HttpClient } from '../bytes/http/client.ts';

/** How far an update has come. */
export type UpdateProgress = {
  readonly phase: 'reading' | 'storing';
  /** Bytes that were downloaded, as they are sent. */
  readonly bytes: number;
  /**
   * Parts of advisories, or facts about CVEs, that were read; while they are stored, those that were compared with what is
   * there.
   */
  readonly records: number;
};

/** Counts what an update does, and tells after each step, which may be very often. */
export type ProgressCounter = {
  /** Counts the bytes of every body. */
  readonly http: (http: Pick<HttpClient, 'get'>) => Pick<HttpClient, 'get'>;
  readonly read: () => void;
  /** Counts from 0 again: what is given is being stored. */
  readonly storing: <T>(items: Iterable<T>) => Iterable<T>;
};

export function createProgressCounter(tell: (progress: UpdateProgress) => void): ProgressCounter {
  let phase: UpdateProgress['phase'] = 'reading';
  let bytes = 0;
  let records = 0;

  async function* counted(body: ByteStream): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      bytes += chunk.length;
      tell({ phase, bytes, records });
      yield chunk;
    }
  }

  return {
    http: ({ get }) => ({
      async get(url, options) {
        const answer = await get(url, options);
        return 'body' in answer ? { ...answer, body: counted(answer.body) } : answer;
      },
    }),
    read() {
      records += 1;
      tell({ phase, bytes, records });
    },
    *storing(items) {
      phase = 'storing';
      records = 0;
      for (const item of items) {
        records += 1;
        tell({ phase, bytes, records });
        yield item;
      }
    },
  };
}
