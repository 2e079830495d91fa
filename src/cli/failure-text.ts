import { ClairError } from '../errors.ts';

/** What whoever sits before the screen reads of a failure: what happened, what to do, and its code; ends with a newline. */
export function failureText(error: unknown): string {
  if (error instanceof ClairError) return `clair: ${error.message}\n${error.remedy} [${error.code}]\n`;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `clair: an unexpected error, which is a defect of Clair; please report it:\n${text}\n`;
}
