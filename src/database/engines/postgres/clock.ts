import type { DatabaseClock, Queries } from '../engine.ts';

/** The interval between two queries, in which clocks drift apart by a few milliseconds at most. */
const ASK_EVERY_MS = 60_000;

/** The maximum duration of a query. A slower response is ignored, because its time is too inaccurate. */
const MAX_ASKING_MS = 1000;

/**
 * Reads the clock of a PostgreSQL server. Between queries the returned time advances with a monotonic clock of this
 * process; the error is at most half the duration of the last query.
 *
 * @param queries queries outside a transaction
 * @param elapsed monotonic milliseconds: `performance.now()` when absent
 * @throws the error of the first query
 */
export async function openPostgresClock(
  queries: Queries,
  elapsed: () => number = () => performance.now(),
): Promise<DatabaseClock> {
  async function measure(): Promise<Measured> {
    const start = elapsed();
    const time = await ask(queries);
    const end = elapsed();
    return { offset: time - (start + end) / 2, at: end, took: end - start };
  }

  let last = await measure();
  let askedAt = last.at;

  async function measureAgain(): Promise<void> {
    const next = await measure();
    if (next.took <= MAX_ASKING_MS) last = next;
  }

  return {
    now() {
      const present = elapsed();
      if (present - askedAt > ASK_EVERY_MS) {
        askedAt = present;
        // While the database is unavailable, the clock advances without a correction.
        void measureAgain().catch(() => undefined);
      }
      return Math.round(present + last.offset);
    },
    ask,
  };
}

type Measured = { readonly offset: number; readonly at: number; readonly took: number };

async function ask(queries: Queries): Promise<number> {
  const row = await queries.get<{ time: number }>(SELECT_TIME);
  if (row === undefined) throw new Error('PostgreSQL returned no row for its clock');
  return row.time;
}

/** `now()` would be the start of the transaction (postgresql.org/docs/current/functions-datetime.html). */
const SELECT_TIME = 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS time';
