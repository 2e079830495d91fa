import type { ByteStream } from '../bytes/byte-stream.ts';
import type { HttpClient } from '../bytes/http/client.ts';

/** The progress of an update. */
export type UpdateProgress = {
  readonly phase: 'reading' | 'storing';
  /** Downloaded bytes, as sent. */
  readonly bytes: number;
  /** Parts of advisories, or enrichments, read so far; in the phase `storing`, compared with the stored data so far. */
  readonly records: number;
};

/** Counts the work of an update and reports each step, possibly very often. */
export type ProgressCounter = {
  /** Counts the bytes of every body. */
  readonly http: (http: Pick<HttpClient, 'get'>) => Pick<HttpClient, 'get'>;
  readonly read: () => void;
  /** Starts from 0 and counts the items while they are stored. */
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
