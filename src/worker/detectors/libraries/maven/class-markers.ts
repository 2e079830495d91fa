/**
 * A class that identifies a library in archives without the descriptor of the library. Markers exist only for libraries
 * with widely exploited vulnerabilities, because a marker rarely reveals the version.
 */
export type ClassMarker = {
  /** The end of the path of the class, which also matches relocated classes. */
  readonly suffix: string;
  readonly group: string;
  readonly artifact: string;
  /** Artifacts of the same group that are always released with the same version. */
  readonly releasedWith: readonly string[];
};

/** Log4Shell (CVE-2021-44228) needs this class; removal of the class was a recommended mitigation. */
export const CLASS_MARKERS: readonly ClassMarker[] = [
  {
    suffix: 'log4j/core/lookup/JndiLookup.class',
    group: 'org.apache.logging.log4j',
    artifact: 'log4j-core',
    releasedWith: ['log4j-api'],
  },
];
