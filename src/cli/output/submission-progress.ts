import type { ToldSubmission } from '../../client/submission.ts';
import type { Console } from '../console.ts';
import { createProgressLine, REFRESH_MS } from './progress-line.ts';
import { layersText } from './reading-progress.ts';

/** Shows how far a submission has come. */
export type SubmissionProgress = {
  /** How many bytes of an archive are sent, and how many there are where that is known. */
  readonly sent: (bytes: number, size: number | undefined) => void;
  /** Tells that the server has no room yet, and why. */
  readonly waits: (reason: string) => void;
  readonly told: (submission: ToldSubmission) => void;
  /** Takes the line off. */
  readonly end: () => void;
};

/**
 * Shows from now on how far a submission has come, as `clair scan` does of what it reads itself.
 *
 * @param name what is submitted
 */
export function showSubmission(console: Pick<Console, 'err' | 'columns'>, name: string): SubmissionProgress {
  const line = createProgressLine(console, Date.now);
  let text = 'is submitted';
  // By a clock of its own: it must be seen that nothing comes, too.
  const timer = setInterval(() => line.set(name, text), REFRESH_MS);
  return {
    sent(bytes, size) {
      const all = size === undefined ? '' : ` of ${megabytes(size)}`;
      text = `${megabytes(bytes)}${all} MB sent`;
    },
    waits(reason) {
      text = `waits for room: ${reason}`;
    },
    told({ state, layers }) {
      if (state === 'queued') text = 'waits until the server reads it';
      else text = layers.total === 0 ? 'is looked for' : layersText(layers);
    },
    end() {
      clearInterval(timer);
      line.done(name);
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
