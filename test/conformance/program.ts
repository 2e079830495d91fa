import { spawn, spawnSync, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { text as textOfStream } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { expect } from 'vitest';

/**
 * Runs a program and returns its output; its errors go to the terminal. Without input, the program has no stdin pipe.
 */
export async function output(command: string, args: readonly string[], input?: string): Promise<string> {
  const child = spawn(command, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const fed = child.stdin === null ? undefined : pipeline([input ?? ''], child.stdin);
  const printing = child.stdout === null ? '' : textOfStream(child.stdout);
  const [printed, [status]] = await Promise.all([printing, closed, fed]);
  expect(status, `exit status of ${command}`).toBe(0);
  return printed;
}

/** Runs a program with input lines and returns its output lines. */
export async function outputLines(
  command: string,
  args: readonly string[],
  lines: readonly string[] = [],
): Promise<string[]> {
  // A program that reads nothing might exit before the write.
  const input = lines.length === 0 ? undefined : lines.map((line) => `${line}\n`).join('');
  return (await output(command, args, input)).split('\n').slice(0, -1);
}

/** Returns whether a program is installed and runs. */
export function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Runs a program and returns its standard output as bytes. */
export function outputBytes(command: string, args: readonly string[]): Buffer {
  return execFileSync(command, args, { maxBuffer: 256 * 1024 * 1024 });
}
