/** The settings of the scanner adapter for Harbor (section `harbor` of the configuration). */
export type HarborSettings = {
  /** The response for an image whose packages could not be checked: an error, or a report without these packages. */
  readonly incomplete: 'error' | 'report';
  /** Whether the adapter offers SBOMs; Harbor before 2.11 does not support this capability. */
  readonly sbom: boolean;
  /**
   * Whether the adapter offers the native report 1.0, which Harbor before 2.2 needs, instead of the generic report 1.1.
   */
  readonly native: boolean;
  /** `USER:PASSWORD` that clients may send as basic authentication. */
  readonly basic?: string;
  /** The key that clients may send in the header `X-ScannerAdapter-API-Key`. */
  readonly apikey?: string;
};

/** The settings of a server whose configuration has no section `harbor`. */
export const DEFAULT_HARBOR_SETTINGS: HarborSettings = { incomplete: 'error', sbom: true, native: false };
