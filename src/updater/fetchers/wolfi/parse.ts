import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { secdbJsonParser } from '../../formats/secdb.ts';

/** Reads the Wolfi secdb, which has no `distroversion`, because Wolfi is a rolling release. */
export const parseWolfi: DocumentParser = secdbJsonParser({
  namespaceOf: () => namespaceName('wolfi'),
  linkOf: (id) => `https://images.chainguard.dev/security/${id}`,
});
