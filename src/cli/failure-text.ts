import { ClairError } from '../errors.ts';
import { printable, printableLines, printableStack } from '../model/printable.ts';

/**
 * Returns an error as the user reads it: what failed, the next step and the code of the error; ends with a newline.
 *
 * @param subject what failed, where that is not the whole command
 */
export function failureText(error: unknown, subject = 'clair'): string {
  if (error instanceof ClairError) {
    const text = `${subject}: ${error.message}`;
    // The faults of a configuration stand on lines of their own; the file is the user's, and no image has a say in it.
    const shown = error.code === 'config/invalid' ? printableLines(text) : printable(text);
    return `${shown}\n${error.remedy} [${error.code}]\n`;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `clair: an unexpected error, which is a defect of Clair; please report it:\n${printableStack(text)}\n`;
}
