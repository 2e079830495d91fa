/** A trace event of Chromium; times and durations are in microseconds. */
export type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** The processor time of the thread. */
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
};

/** The main thread and the frames of a page during a trace; times are in milliseconds. */
export type Frames = {
  readonly count: number;
  /** The longest time between two frames. */
  readonly longestFrame: number;
  /**
   * The processor time of the longest task of the main thread; unlike wall time, it does not depend on other programs.
   */
  readonly longestTask: number;
};

/**
 * Returns the frames of a trace with the categories `devtools.timeline` and `disabled-by-default-devtools.timeline`.
 * The page must request an animation frame in each frame. The page is the process with the most animation frames.
 */
export function framesOf(events: readonly TraceEvent[]): Frames {
  const page = busiest(events.filter(({ name }) => name === 'FireAnimationFrame').map(({ pid }) => pid));
  const main = events.find(
    ({ name, pid, args }) => name === 'thread_name' && pid === page && args?.name === 'CrRendererMain',
  );
  const own = events.filter(({ pid, tid }) => pid === main?.pid && tid === main.tid);
  const starts = own.flatMap(({ name, ts }) => (name === 'FireAnimationFrame' ? [ts] : [])).toSorted((a, b) => a - b);
  const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  const tasks = own.flatMap(({ name, ph, dur = 0, tdur = dur }) => (name === 'RunTask' && ph === 'X' ? [tdur] : []));
  return { count: starts.length, longestFrame: greatest(gaps) / 1000, longestTask: greatest(tasks) / 1000 };
}

function busiest(processes: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const id of processes) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.max(one, other), 0);
}
