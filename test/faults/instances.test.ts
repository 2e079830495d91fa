import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runFaults } from './instances/fault-run.ts';

/** The sources, which need not be built before. */
const PROGRAM = ['--import', 'tsx', fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))];

// The short form of `npm run faults`, which needs Debian's nginx.
it('loses nothing on three instances while all of them and PostgreSQL are killed and cut off', async () => {
  const said: string[] = [];
  const say = (what: string): void => void said.push(what);
  const options = { seconds: 40, seed: 1, images: 32, versions: 2, program: PROGRAM, isKept: false, say };
  const { failures, counts } = await runFaults(options);
  expect(failures.length === 0 ? [] : [...failures, ...said]).toEqual([]);
  for (const what of ['kill -9 of PostgreSQL', 'notifications', 'reports']) expect(counts.get(what)).toBeGreaterThan(0);
}, 900_000);
