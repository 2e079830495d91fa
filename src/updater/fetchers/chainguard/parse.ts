import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { secdbJsonParser } from '../../formats/secdb.ts';

/** Reads the Chainguard secdb, which has no `distroversion`, because Chainguard is a rolling release. */
export const parseChainguard: DocumentParser = secdbJsonParser({
  namespaceOf: () => namespaceName('chainguard'),
  linkOf: (id) => `https://images.chainguard.dev/security/${id}`,
});
