/** The operating system that a layer shows, in the words of its own release files. */
export type Distribution = {
  /** `ID` of os-release: `debian`. */
  readonly id: string;
  /** `VERSION_ID`, or the word for a release without a number (`unstable`); empty when there is neither. */
  readonly version: string;
  /** The namespace that its packages are judged in: `debian:12`. */
  readonly namespace: string;
  readonly prettyName: string;
};
