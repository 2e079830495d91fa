import { expect } from 'vitest';
import { runCli } from '../program.ts';

/** Returns the help of a command; without a command, the help of the program. */
export async function helpOf(...command: readonly string[]): Promise<string> {
  let out = '';
  const signal = new AbortController().signal;
  const console = { out: (text: string) => (out += text), err: () => undefined, signal };
  expect(await runCli([...command, '--help'], console)).toBe(0);
  return out;
}
