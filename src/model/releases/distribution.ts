/** The operating system of a layer, from its release files. */
export type Distribution = {
  /** The `ID` in os-release, such as `debian`. */
  readonly id: string;
  /** `VERSION_ID`, or the word for a release without a number (`unstable`); empty if both are missing. */
  readonly version: string;
  /** The namespace of the packages, such as `debian:12`. */
  readonly namespace: string;
  readonly prettyName: string;
};
