import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text as textOfStream } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { expect } from 'vitest';

/** Runs a program and gives what it prints; its messages go to the terminal. Without input it gets no pipe to close. */
export async function output(command: string, args: readonly string[], input?: string): Promise<string> {
  const child = spawn(command, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const fed = child.stdin === null ? undefined : pipeline([input ?? ''], child.stdin);
  const printing = child.stdout === null ? '' : textOfStream(child.stdout);
  const [printed, [status]] = await Promise.all([printing, closed, fed]);
  expect(status, `exit status of ${command}`).toBe(0);
  return printed;
}

/** Gives a program `lines` to read, and gives the lines that it prints. */
export async function outputLines(
  command: string,
  args: readonly string[],
  lines: readonly string[] = [],
): Promise<string[]> {
  // A program that reads nothing may end before its input does.
  const input = lines.length === 0 ? undefined : lines.map((line) => `${line}\n`).join('');
  return (await output(command, args, input)).split('\n').slice(0, -1);
}

/** Tells whether a program is here and runs. */
export function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
