import { execFileSync } from 'node:child_process';
import { execPath, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('process-priority.ts', import.meta.url));

const PROGRAM = `
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { lowerPriority } from ${JSON.stringify(MODULE)};
const priorities = () => ${
  platform === 'linux'
    ? "readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))"
    : '[getPriority()]'
};
const before = priorities();
lowerPriority(Math.max(...before) + 2);
console.log(JSON.stringify({ before, after: priorities() }));
`;

it('lowers the priority of all threads of the process', () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const { before, after }: Record<string, readonly number[]> = JSON.parse(
    execFileSync(execPath, args, { encoding: 'utf8' }),
  );
  expect(after!.length).toBeGreaterThanOrEqual(before!.length);
  expect(new Set(after)).toEqual(new Set([Math.max(...before!) + 2]));
});
