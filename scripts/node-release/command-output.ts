import { spawn, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program and returns its output. @throws Error with the output if the program fails */
export async function commandOutput(
  command: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio,
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [status, signal] = await once(child, 'close');
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${status ?? signal}:\n${output}`);
  return output;
}
