import type { ToldSubmission } from '../../client/submission.ts';
import type { Console } from '../console.ts';
import { createProgressLine, REFRESH_MS } from './progress-line.ts';
import { layersText } from './reading-progress.ts';

export type SubmissionProgress = {
  /** Sets the number of uploaded bytes; `size` is undefined if the total is unknown. */
  readonly sent: (bytes: number, size: number | undefined) => void;
  /** Shows the reason why the server has no capacity yet. */
  readonly waits: (reason: string) => void;
  readonly told: (submission: ToldSubmission) => void;
  /** Removes the progress line. */
  readonly end: () => void;
};

/** Shows the progress of a submission until `end`. @param name the submitted image */
export function showSubmission(console: Pick<Console, 'err' | 'columns'>, name: string): SubmissionProgress {
  const line = createProgressLine(console, Date.now);
  let text = 'submitting';
  // The timer also updates the line in the time between two events.
  const timer = setInterval(() => line.set(name, text), REFRESH_MS);
  return {
    sent(bytes, size) {
      const all = size === undefined ? '' : ` of ${megabytes(size)}`;
      text = `${megabytes(bytes)}${all} MB uploaded`;
    },
    waits(reason) {
      text = `waiting for the server: ${reason}`;
    },
    told({ state, layers }) {
      if (state === 'queued') text = 'queued on the server';
      else text = layers.total === 0 ? 'the server is opening the image' : layersText(layers);
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
