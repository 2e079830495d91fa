import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Pair } from './oracle-answers.ts';

/** 400,000 result lines take less than 2 MB. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/**
 * Compares pairs with a program in this folder. For each pair, the program reads a line with two versions separated by
 * a tab. The program prints -1, 0 or 1, or x if the package manager rejects one of the versions.
 *
 * @returns -1, 0 or 1 for each pair; undefined if the program prints x
 * @throws Error if the program fails or prints anything else
 */
export function askProgram(
  interpreter: string | readonly [command: string, ...options: string[]],
  program: string,
  pairs: readonly Pair[],
): readonly (number | undefined)[] {
  const [command, ...options] = typeof interpreter === 'string' ? [interpreter] : interpreter;
  const output = execFileSync(command, [...options, fileURLToPath(new URL(program, import.meta.url))], {
    input: pairs.map(([a, b]) => `${a}\t${b}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
  });
  const answers = output.split('\n').slice(0, -1);
  if (answers.length !== pairs.length)
    throw new Error(`${program} gave ${answers.length} answers to ${pairs.length} pairs`);
  return answers.map((answer) => {
    if (!/^(-1|0|1|x)$/.test(answer)) throw new Error(`${program} answered ${answer}`);
    return answer === 'x' ? undefined : Number(answer);
  });
}
