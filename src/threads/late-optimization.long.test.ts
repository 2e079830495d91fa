import { execFileSync } from 'node:child_process';
import { execPath, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('late-optimization.ts', import.meta.url));

/** Node 20 optimizes `sumOf` after 12,000 to 20,000 calls, and with the setting after 60,000 calls. */
const CALLS = 40_000;

/** Returns the output of a program that calls `sumOf`, with one line for each function that V8 has compiled. */
function outputWith(setting: string): string {
  const program = `
    import { optimizeLater } from ${JSON.stringify(MODULE)};
    ${setting}
    function sumOf(one, other) { return one + other; }
    let sum = 0;
    for (let at = 0; at < ${CALLS}; at += 1) sum = sumOf(sum, at);
    console.log('sum', sum);`;
  // Without replacement of the running loop, V8 cannot compile `sumOf` as a part of the loop.
  const flags = ['--trace-opt', '--no-use-osr', '--no-concurrent-recompilation'];
  const args = [...flags, '--import', 'tsx', '--input-type=module', '--eval', program];
  return execFileSync(execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

it('delays the optimization of functions in Node 20, and changes nothing in later releases', () => {
  const optimized = /^\[completed compiling \S+ <JSFunction sumOf /m;
  expect(outputWith('')).toMatch(optimized);
  const later = outputWith('optimizeLater();');
  expect(later).toContain('sum 799980000\n');
  expect(optimized.test(later)).toBe(!versions.v8.startsWith('11.'));
});
