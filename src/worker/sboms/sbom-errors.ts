import type { DocumentErrors } from '../../bytes/documents/document-errors.ts';

export const SBOM_ERRORS: DocumentErrors = {
  empty: 'sbom/invalid',
  invalid: 'sbom/invalid',
  truncated: 'sbom/invalid',
  beyondLimit: 'sbom/limit-exceeded',
};
