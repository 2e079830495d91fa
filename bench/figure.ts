/** One figure of the README: what is measured, against what, in processes of their own. */
export type Figure = {
  readonly id: string;
  readonly title: string;
  /** What the reference does, in words. */
  readonly against: string;
  /** What the ratio of speeds should be at least, if there is an aim. */
  readonly aim?: number;
  /** Makes what both sides read, once, in a folder that is deleted afterwards. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Does the work once. */
  readonly subject: (folder: string) => Promise<Run>;
  readonly reference: (folder: string) => Promise<Run>;
};

/** One run: how long the work itself took, without starting the process, and what it did. */
export type Run = { readonly milliseconds: number; readonly what: string };

/** Times one piece of work. */
export async function timed(work: () => Promise<string>): Promise<Run> {
  const start = performance.now();
  const what = await work();
  return { milliseconds: performance.now() - start, what };
}
