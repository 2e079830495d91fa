import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { env, execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The program that `npm run build` writes. */
export const CLAIR: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const POLL_MS = 100;

/** An update of all feeds takes a few minutes. */
const SCHEDULE_MS = 20 * 60_000;

export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

/**
 * Starts `clair serve` on a free port without a health port, and appends its standard error, which includes the access
 * log, to the file `log`.
 */
export async function startClair(
  args: readonly string[],
  { database, log }: { readonly database: string; readonly log: string },
): Promise<ServerProcess> {
  return await startServer([CLAIR, 'serve', '--db', database, '--port', '0', '--no-health-port', ...args], log);
}

/** Starts a Node program, and waits until it prints its first line, which contains its address. */
export async function startServer(
  args: readonly string[],
  log: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const errors = openSync(log, 'a');
  const child = spawn(execPath, args, { stdio: ['ignore', 'pipe', errors], env: { ...env, ...environment } });
  closeSync(errors);
  if (child.stdout === null) throw new Error('the server closed its output');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => ['']),
  ])) as [string];
  const url = /http:\S+/.exec(line)?.[0];
  if (url === undefined || child.pid === undefined)
    throw new Error(`the server did not start: ${readFileSync(log, 'utf8')}`);
  return { url, pid: child.pid, stop: () => stopped(child) };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Runs `clair update` with a configuration, and waits until the command ends. */
export async function updateOnce(config: string, database: string): Promise<void> {
  const child = spawn(execPath, [CLAIR, 'update', '--config', config, '--db', database], { stdio: 'ignore' });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`clair update failed with status ${status}`);
}

/**
 * Waits until the server log shows that the schedule has updated `feeds` feeds.
 * @throws Error when an update fails, or when the updates take longer than 20 minutes
 */
export async function scheduleDone(log: string, feeds: number): Promise<void> {
  const deadline = Date.now() + SCHEDULE_MS;
  for (;;) {
    const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
    if (text.includes('"feed update failed"')) throw new Error(`an update failed: ${text.slice(-2000)}`);
    if (text.split('"feed updated"').length > feeds) return;
    if (Date.now() > deadline) throw new Error(`the log does not show ${feeds} updates: ${text.slice(-2000)}`);
    await setTimeout(POLL_MS);
  }
}
