import type { DocumentErrors } from '../../bytes/documents/document-errors.ts';

/** The error codes for an SBOM. */
export const SBOM_ERRORS: DocumentErrors = {
  empty: 'sbom/invalid',
  invalid: 'sbom/invalid',
  truncated: 'sbom/invalid',
  beyondLimit: 'sbom/limit-exceeded',
};
