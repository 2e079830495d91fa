import { expect, it } from 'vitest';
import { CLAIR_FILE } from '../fixtures/clair-program.ts';
import { runFaults } from './instances/fault-run.ts';
import { runCount } from '../fixtures/run-count.ts';

// The short form of `npm run faults`, which needs Debian's nginx.
it('three instances lose nothing while all of them and PostgreSQL are killed and disconnected', async () => {
  const said: string[] = [];
  const say = (what: string): void => void said.push(what);
  const options = {
    seconds: runCount(40, 10),
    seed: 1,
    images: 32,
    versions: 2,
    program: [CLAIR_FILE],
    isCached: false,
    say,
  };
  const { failures, counts } = await runFaults(options);
  expect(failures.length === 0 ? [] : [...failures, ...said]).toEqual([]);
  for (const what of ['kill -9 of PostgreSQL', 'notifications', 'reports']) expect(counts.get(what)).toBeGreaterThan(0);
}, 900_000);
