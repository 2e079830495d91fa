import type { DatabaseClock, Queries } from '../engine.ts';

/** How often it is asked again: clocks of machines run apart by less than a millisecond in that time. */
const ASK_EVERY_MS = 60_000;

/** An answer that took longer tells too little. */
const MAX_ASKING_MS = 1000;

/**
 * Reads the clock of a PostgreSQL server, which stands for all instances. Between two questions the time goes on by a clock
 * of this process that nobody can set; what it shows is right to half the time that the last question took.
 *
 * @param queries asks outside of a transaction
 * @param elapsed milliseconds since any moment, never set back: `performance.now()` when absent
 * @throws ClairError `database/…` when the first question fails.
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
        // While the database is away its clock goes on here, and is asked again the next time.
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
  if (row === undefined) throw new Error('a select of a function gave no row');
  return row.time;
}

/** Not `now()`, which is when the transaction began (postgresql.org/docs/current/functions-datetime.html). */
const SELECT_TIME = 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS time';
