/** One figure of docs/explanation/scale.md: a measured subject and its reference, each run in a separate process. */
export type Figure = {
  readonly title: string;
  readonly against: string;
  /** The lowest ratio of the speeds of subject and reference that meets the aim. */
  readonly aim?: number;
  /** The aim is a peak memory of Clair below this number of MB. */
  readonly aimMegabytes?: number;
  /** The aim is that the subject takes less than this number of milliseconds more than the reference. */
  readonly aimAddedMilliseconds?: number;
  /** The aim is that the subject has less than this number of MB more peak memory than the reference. */
  readonly aimAddedMegabytes?: number;
  /** Restricts the reference to one processor, because Node decompresses in separate threads. */
  readonly referenceOnOneProcessor?: boolean;
  /** The number of measured pairs of runs, by default 5; lower for figures with long runs. */
  readonly pairs?: number;
  /**
   * Creates the input of both sides once, in a folder that is deleted afterwards.
   *
   * @throws FigureUnavailable when the input is not available on this machine
   */
  readonly prepare: (folder: string) => Promise<void>;
  readonly subject: (folder: string) => Promise<Run>;
  readonly reference: (folder: string) => Promise<Run>;
  /**
   * Returns the Node arguments that run one side in a built program, which must call `printRun` at its end; by default,
   * the source runs through the TypeScript loader.
   */
  readonly command?: (side: Side, folder: string) => readonly string[];
};

export type Side = 'subject' | 'reference';

/** A measurement that reports lines of text instead of a ratio, such as the memory of a server over several minutes. */
export type Course = {
  readonly title: string;
  /** Creates the input of the measurement. @throws FigureUnavailable when the input is not available on this machine */
  readonly prepare: (folder: string) => Promise<void>;
  readonly observe: (folder: string, minutes: number) => Promise<readonly string[]>;
};

/**
 * The work of a run, and its duration without the start of the process. Some figures measure processor time or a
 * response time instead of the duration.
 */
export type Run = Work & { readonly milliseconds: number };

/**
 * The work of a run. The speed is computed from the amount of work, which is a number of bytes or of the items that
 * `unit` names.
 */
export type Work = {
  readonly what: string;
  readonly amount?: { readonly count: number; readonly unit: 'bytes' | 'members' | 'records' | 'requests' | 'layers' };
};

/** Thrown when a figure cannot be measured on this machine; the other figures are still measured. */
export class FigureUnavailable extends Error {
  override readonly name = 'FigureUnavailable';
}

/** Does the work and measures its duration. */
export async function timed(work: () => Promise<string | Work>): Promise<Run> {
  const start = performance.now();
  const done = await work();
  return { milliseconds: performance.now() - start, ...(typeof done === 'string' ? { what: done } : done) };
}
