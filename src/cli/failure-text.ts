import { tmpdir } from 'node:os';
import { ClairError, type ErrorCode, isDiskFull } from '../errors.ts';
import { printable, printableLines, printableStack } from '../model/printable.ts';

/**
 * Returns the message of an error and, on the next line, the remedy and the code. The text ends with a newline.
 *
 * @param subject the part of the command that failed, such as a feed
 */
export function failureText(error: unknown, subject = 'clair'): string {
  if (error instanceof ClairError) {
    const text = `${subject}: ${error.message}`;
    const shown = LISTS_FAULTS.has(error.code) ? printableLines(text) : printable(text);
    return `${shown}\n${error.remedy} [${error.code}]\n`;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `clair: unexpected error, a bug in Clair; please report it with these lines:\n${printableStack(text)}\n`;
}

/**
 * The errors with a message that lists each fault on a separate line. The texts in these messages come from the user's
 * own files, not from an image.
 */
const LISTS_FAULTS: ReadonlySet<ErrorCode> = new Set(['config/invalid', 'suppression/invalid', 'classifiers/invalid']);

/**
 * Returns a ClairError for an error of the operating system about a temporary file, and any other error unchanged.
 * Output files and databases have errors of their own, so a full disk is the disk of temporary files.
 */
export function asTemporaryFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const hasNoFolder = 'syscall' in error && error.syscall === 'mkdtemp';
  if (!isDiskFull(error) && !hasNoFolder) return error;
  return new ClairError('temporary/unwritable', `cannot write a temporary file in ${tmpdir()}: ${error.message}`, {
    cause: error,
  });
}
