/** One figure of docs/operating.md: what is measured, against what, in processes of their own. */
export type Figure = {
  readonly title: string;
  /** What the reference does, in words. */
  readonly against: string;
  /** What the ratio of speeds should be at least, if there is an aim. */
  readonly aim?: number;
  /** What Clair's peak memory should be below, in MB, if there is an aim. */
  readonly aimMegabytes?: number;
  /** Whether the reference may use one processor only: Node decompresses in threads of its own. */
  readonly referenceOnOneProcessor?: boolean;
  /** Pairs of runs that count; fewer than usual where one takes long. */
  readonly pairs?: number;
  /**
   * Makes what both sides read, once, in a folder that is deleted afterwards.
   *
   * @throws FigureUnavailable when what it takes cannot be had here.
   */
  readonly prepare: (folder: string) => Promise<void>;
  /** Does the work once. */
  readonly subject: (folder: string) => Promise<Run>;
  readonly reference: (folder: string) => Promise<Run>;
};

/** What a server does over minutes: no ratio, but lines that say how it went. */
export type Course = {
  readonly title: string;
  /** @throws FigureUnavailable when what it takes cannot be had here. */
  readonly prepare: (folder: string) => Promise<void>;
  readonly observe: (folder: string, minutes: number) => Promise<readonly string[]>;
};

/** One run: how long the work itself took, without starting the process, and what it did. */
export type Run = Work & { readonly milliseconds: number };

/** What was done, and how much of it, where that makes a speed: bytes, or things that `unit` names. */
export type Work = {
  readonly what: string;
  readonly amount?: { readonly count: number; readonly unit: 'bytes' | 'members' | 'records' | 'requests' | 'layers' };
};

/** Why a figure cannot be measured here; the others are. */
export class FigureUnavailable extends Error {
  override readonly name = 'FigureUnavailable';
}

/** Times one piece of work. */
export async function timed(work: () => Promise<string | Work>): Promise<Run> {
  const start = performance.now();
  const done = await work();
  return { milliseconds: performance.now() - start, ...(typeof done === 'string' ? { what: done } : done) };
}
