import type { ByteStream } from '../bytes/byte-stream.ts';
import type { HttpClient } from '../bytes/http/client.ts';

export type UpdateProgress = {
  readonly phase: 'reading' | 'storing';
  /** The number of downloaded bytes, as sent. */
  readonly bytes: number;
  /**
   * In the phase `reading`, the number of parts of advisories or of enrichments that were read. In the phase `storing`,
   * the number of advisories or enrichments that were compared with stored ones.
   */
  readonly records: number;
};

/** Counts the work of an update and reports each step. */
export type ProgressCounter = {
  readonly http: (http: Pick<HttpClient, 'get'>) => Pick<HttpClient, 'get'>;
  readonly read: () => void;
  /** Returns the items, and counts them from 0 while they are stored. */
  readonly storing: <T>(items: Iterable<T>) => Iterable<T>;
};

/** Creates a counter that starts at 0. @param tell receives each step, possibly very often */
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
