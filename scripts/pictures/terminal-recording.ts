import { openPseudoTerminal, type PseudoTerminalOptions } from '../../test/fixtures/pseudo-terminal.ts';

/** What a terminal was sent, in its order; times are milliseconds since the beginning. */
export type Recording = readonly { readonly at: number; readonly text: string }[];

export type RecordedCommand = Pick<PseudoTerminalOptions, 'columns' | 'cwd' | 'program' | 'variables'> & {
  /** The arguments of `clair`. */
  readonly args: readonly string[];
  /** The exit status that it must have. */
  readonly status: number;
};

/** How fast people type, and how long they look at what they typed. */
const TYPED_MS = 20;
const LOOKED_MS = 400;

/** Nobody likes to wait: longer pauses are shortened to it. */
export const MAX_PAUSE_MS = 700;

/**
 * Runs `clair` in a terminal, and records what it writes there, behind a prompt at which somebody seems to type it.
 *
 * @throws Error when it ends otherwise than it must.
 */
export async function recordCommand({ args, status, ...options }: RecordedCommand): Promise<Recording> {
  const recording: { at: number; text: string }[] = [...typed(args)];
  const begin = performance.now() - (recording.at(-1)?.at ?? 0) - LOOKED_MS;
  const terminal = await openPseudoTerminal(args, {
    ...options,
    wrote: (text) => recording.push({ at: performance.now() - begin, text }),
  });
  const ended = await terminal.ended;
  if (ended !== status) throw new Error(`clair ${args.join(' ')} ended with status ${ended}:\n${terminal.screen()}`);
  return withoutLongPauses(recording);
}

/** Shortens the pauses of a recording to {@link MAX_PAUSE_MS}, and gives whole tenths of a second. */
export function withoutLongPauses(recording: Recording): Recording {
  let [last, saved] = [0, 0];
  return recording.map(({ at, text }) => {
    saved += Math.max(0, at - last - MAX_PAUSE_MS);
    last = at;
    return { at: Math.round((at - saved) / 100) * 100, text };
  });
}

function typed(args: readonly string[]): Recording {
  const command = `clair ${args.join(' ')}\r\n`;
  const letters = Array.from(command, (text, index) => ({ at: LOOKED_MS + index * TYPED_MS, text }));
  return [{ at: 0, text: '\u001B[32m$\u001B[39m ' }, ...letters];
}
