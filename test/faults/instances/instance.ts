import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { bindToThisProcess } from './bound-process.ts';

/** A `clair serve` process on its own port, which is restarted after a kill and after an unexpected exit. */
export type Instance = {
  readonly name: string;
  readonly url: string;
  readonly start: () => Promise<void>;
  /** Kills the process with SIGKILL, without a restart. */
  readonly kill: () => Promise<void>;
  /** Ends the process with SIGTERM. Returns the reason if the process does not exit normally, otherwise undefined. */
  readonly stop: () => Promise<string | undefined>;
  /** Descriptions of the unexpected exits. */
  readonly ends: readonly string[];
};

export type InstanceOptions = {
  readonly name: string;
  /** The Node arguments up to the Clair command. */
  readonly program: readonly string[];
  readonly folder: string;
  readonly port: number;
  readonly config: object;
};

/** Creates an instance without starting it. */
export function createInstance({ name, program, folder, port, config }: InstanceOptions): Instance {
  const file = join(folder, `${name}.yaml`);
  const log = join(folder, `${name}.log`);
  writeFileSync(file, stringify({ ...config, api: { port, healthport: null, paginationkey: 'A'.repeat(43) } }));
  const ends: string[] = [];
  /** `turn` changes with each start and end, so that a pending restart is abandoned. */
  const state: { turn: number; child: ChildProcess | undefined } = { turn: 0, child: undefined };

  async function run(turn: number): Promise<void> {
    while (state.turn === turn) {
      const { isListening, ended } = await begin(turn);
      if (isListening) {
        void ended.then(() => run(turn));
        return;
      }
      await ended;
      // Waits before the restart, as a process supervisor does.
      await setTimeout(RESTART_MS);
    }
  }

  /** Resolves when the instance listens or has exited. */
  async function begin(turn: number): Promise<{ readonly isListening: boolean; readonly ended: Promise<void> }> {
    const errors = openSync(log, 'a');
    const child = spawn(execPath, [...program, 'serve', '--config', file], { stdio: ['ignore', 'pipe', errors] });
    closeSync(errors);
    if (child.stdout === null) throw new Error('the instance closed its output');
    bindToThisProcess(child);
    state.child = child;
    const exited = once(child, 'exit');
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited]);
    const isListening = /listens on/.test(String(line));
    return { isListening, ended: noteEnd() };

    async function noteEnd(): Promise<void> {
      const [status, signal] = await exited;
      if (state.turn !== turn) return;
      ends.push(`${name} exited with ${status ?? signal}${isListening ? '' : ' before it listened'}`);
    }
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    state.turn += 1;
    const { child } = state;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return 0;
    const exited = once(child, 'exit');
    child.kill(signal);
    const late = new AbortController();
    // A process that ignores SIGTERM is killed and has no status.
    void setTimeout(STOP_MS, undefined, { signal: late.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    const [status] = (await exited) as [number | null];
    late.abort();
    return status;
  }

  return {
    name,
    url: `http://127.0.0.1:${port}`,
    ends,
    async start() {
      state.turn += 1;
      appendFileSync(log, `--- started at ${new Date().toISOString()}\n`);
      await run(state.turn);
    },
    async kill() {
      await end('SIGKILL');
    },
    async stop() {
      const status = await end('SIGTERM');
      return status === 0 ? undefined : `${name} was told to stop and ended with ${status}`;
    },
  };
}

const RESTART_MS = 500;

/** A time longer than the grace period of running requests. */
const STOP_MS = 60_000;
