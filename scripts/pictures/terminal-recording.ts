import { openPseudoTerminal, type PseudoTerminalOptions } from '../../test/fixtures/pseudo-terminal.ts';

/** The output of a terminal in chronological order. Times are in milliseconds since the start. */
export type Recording = readonly { readonly at: number; readonly text: string }[];

export type RecordedCommand = Pick<PseudoTerminalOptions, 'columns' | 'cwd' | 'program' | 'variables'> & {
  readonly args: readonly string[];
  readonly status: number;
};

/** The time per typed character. */
const TYPED_MS = 30;

/** The pauses before and after the typing of the command. */
const LOOKED_MS = 400;

/** Longer pauses are shortened to this length. */
export const MAX_PAUSE_MS = 700;

/**
 * Runs `clair` in a terminal and records its output, after a prompt with the typed command.
 *
 * @throws Error when the command exits with a different status
 */
export async function recordCommand({ args, status, ...options }: RecordedCommand): Promise<Recording> {
  const recording: { at: number; text: string }[] = [...typed(args)];
  const begin = performance.now() - (recording.at(-1)?.at ?? 0) - LOOKED_MS;
  const terminal = await openPseudoTerminal(args, {
    ...options,
    wrote: (text) => recording.push({ at: performance.now() - begin, text }),
  });
  const ended = await terminal.ended;
  if (ended !== status) throw new Error(`clair ${args.join(' ')} exited with status ${ended}:\n${terminal.screen()}`);
  return withoutLongPauses(recording);
}

/**
 * Joins recordings into one recording. Each further recording starts with a clear screen, after a pause of `pause`
 * milliseconds.
 */
export function inSequence(recordings: readonly Recording[], pause: number): Recording {
  const joined: { at: number; text: string }[] = [];
  for (const recording of recordings) {
    const last = joined.at(-1);
    const start = last === undefined ? 0 : last.at + pause;
    if (last !== undefined) joined.push({ at: start, text: CLEAR });
    for (const { at, text } of recording) joined.push({ at: start + at, text });
  }
  return joined;
}

/** Clears the screen, and moves to its first row. */
const CLEAR = '\u001B[2J\u001B[H';

/** Shortens pauses to {@link MAX_PAUSE_MS} and rounds times to tenths of a second. */
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
