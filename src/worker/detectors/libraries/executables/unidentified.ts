import { shownName } from '../../../../bytes/tar/name.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';

/**
 * Returns the diagnostic for a program with unknown libraries; `where` is the path of the program.
 *
 * @param found the number of libraries that were found in the program
 */
export function unidentified(path: string, reason: string, found: number): Diagnostic {
  const what = found === 0 ? `the libraries in ${shownName(path)} are` : `some libraries in ${shownName(path)} may be`;
  return {
    code: 'binary-unidentified',
    message: `${what} unknown: ${reason}`,
    where: path,
  };
}
