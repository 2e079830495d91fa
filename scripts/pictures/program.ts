import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';

/** A command that runs Clair, its working directory, and additional environment variables. */
export type Program = {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
};

/** A running server. */
export type StartedProgram = { readonly url: string; readonly stop: () => Promise<void> };

/** Runs a `clair` command and returns its output. @throws Error when the command exits with a different status */
export function runProgram(
  { words: [command = '', ...first], cwd, variables }: Program,
  args: readonly string[],
  wanted = 0,
): string {
  const { status, stdout, stderr } = spawnSync(command, [...first, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...env, ...variables },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== wanted) throw new Error(`clair ${args.join(' ')} exited with status ${status}:\n${stderr}`);
  return stdout;
}

/**
 * Starts a server and waits for the line with its address. @throws Error if the server exits before it prints the line
 */
export async function startProgram(
  { words: [command = '', ...first], cwd, variables }: Program,
  args: readonly string[],
): Promise<StartedProgram> {
  const child = spawn(command, [...first, ...args], {
    cwd,
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    const [, url] = /listens on (\S+)\n/.exec(text) ?? [];
    if (url === undefined) continue;
    return {
      url,
      async stop() {
        child.kill('SIGTERM');
        await exited;
      },
    };
  }
  throw new Error(`clair ${args.join(' ')} stopped before it was ready: ${text}`);
}
