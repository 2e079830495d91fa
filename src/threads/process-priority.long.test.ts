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
const lowered = priorities();
lowerPriority(Math.max(...before) + 1);
console.log(JSON.stringify({ before, lowered, after: priorities() }));
`;

it('lowers the priority of all threads of the process, and never raises it', () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const priorities: Record<string, readonly number[]> = JSON.parse(execFileSync(execPath, args, { encoding: 'utf8' }));
  const { before, lowered, after } = priorities;
  expect(lowered!.length).toBeGreaterThanOrEqual(before!.length);
  expect(new Set(lowered)).toEqual(new Set([Math.max(...before!) + 2]));
  expect(new Set(after)).toEqual(new Set(lowered));
});
