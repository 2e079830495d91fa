import { shownName } from '../../../../bytes/tar/name.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';

/** Returns the diagnostic for a program whose libraries are unknown in whole or in part; `where` is its path. */
export function unidentified(path: string, reason: string): Diagnostic {
  return {
    code: 'binary-unidentified',
    message: `the libraries in ${shownName(path)} are unknown: ${reason}`,
    where: path,
  };
}
