// This module is loaded into a server by `node --import`. The module appends a line for each turn of the event loop
// that takes more than 20 ms: the end (milliseconds since 1970), the duration, and the processor time of the main
// thread. Other processes used the processor during the rest of the duration.
import { appendFileSync, readFileSync } from 'node:fs';
import { env, pid } from 'node:process';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;
const NOTED_MS = 20;

/**
 * Returns the processor time of the main thread, in milliseconds; the file contains nanoseconds
 * (docs.kernel.org/scheduler/sched-stats.html). The ID of the main thread is the process ID.
 */
function processorMs() {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6;
}

if (isMainThread) {
  let last = performance.now();
  let used = processorMs();
  setInterval(() => {
    const [now, usedNow] = [performance.now(), processorMs()];
    const held = now - last - TICK_MS;
    if (held > NOTED_MS) appendFileSync(env.LOOP_MONITOR_FILE, `${Date.now()} ${held} ${usedNow - used}\n`);
    last = performance.now();
    used = usedNow;
  }, TICK_MS).unref();
}
