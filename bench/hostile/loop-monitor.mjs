// Loaded into a server by `node --import`: notes for how long its event loop was held. A line for each turn that took longer than
// 20 ms: when it ended (milliseconds since 1970), how long it took, and how much of that the main thread was on a processor (what
// is left is other processes, of which a busy machine has many).
import { appendFileSync, readFileSync } from 'node:fs';
import { env, pid } from 'node:process';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;
const NOTED_MS = 20;

/** Nanoseconds on a processor (docs.kernel.org/scheduler/sched-stats.html); the main thread has the number of the process. */
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
