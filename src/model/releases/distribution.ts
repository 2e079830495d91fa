/** The operating system of a layer, from its release files. */
export type Distribution = {
  /** `ID` of os-release: `debian`. */
  readonly id: string;
  /** `VERSION_ID`, or the word for a release without a number (`unstable`); empty if both are missing. */
  readonly version: string;
  /** The namespace of its packages: `debian:12`. */
  readonly namespace: string;
  readonly prettyName: string;
};
