import { expect, it } from 'vitest';
import { framesOf, type TraceEvent } from './frame-trace.ts';

const MS = 1000;

function frame(at: number, pid = 1, tid = 7): TraceEvent {
  return { name: 'FireAnimationFrame', ph: 'X', ts: at * MS, dur: 10, pid, tid };
}

it('framesOf measures the frames and tasks of the main thread of the page', () => {
  const other = { ph: 'X', pid: 1, tid: 8 };
  expect(
    framesOf([
      { name: 'thread_name', ph: 'M', ts: 0, pid: 1, tid: 7, args: { name: 'CrRendererMain' } },
      { name: 'thread_name', ph: 'M', ts: 0, pid: 1, tid: 8, args: { name: 'Compositor' } },
      // The trace is not sorted, and another process has longer frames.
      frame(50),
      frame(0),
      frame(17),
      ...[0, 900].map((at) => frame(at, 2)),
      { name: 'RunTask', ph: 'X', ts: 20 * MS, dur: 60 * MS, tdur: 24 * MS, pid: 1, tid: 7 },
      { name: 'RunTask', ph: 'X', ts: 45 * MS, dur: 5 * MS, pid: 1, tid: 7 },
      { name: 'RunTask', ts: 0, dur: 300 * MS, ...other },
      { name: 'Layout', ts: 0, dur: 500 * MS, ...other },
    ]),
  ).toEqual({ count: 3, longestFrame: 33, longestTask: 24 });
});

it('framesOf returns zeros for a trace without a page', () => {
  expect(framesOf([])).toEqual({ count: 0, longestFrame: 0, longestTask: 0 });
});
