import type { ErrorEntry } from './errors/error-entry.ts';
import { HARBOR_ERRORS } from './errors/harbor-errors.ts';
import { IMAGE_ERRORS } from './errors/image-errors.ts';
import { OPERATION_ERRORS } from './errors/operation-errors.ts';
import { REQUEST_ERRORS } from './errors/request-errors.ts';
import { WEBHOOK_ERRORS } from './errors/webhook-errors.ts';

/**
 * The category of a failure. The category determines the exit status (`cli/exit-status.ts`) and, unless an API family
 * has its own status codes, the HTTP status (`api/error-response.ts`).
 */
export type ErrorKind = ErrorEntry['kind'];

export type ErrorCode =
  | keyof typeof REQUEST_ERRORS
  | keyof typeof IMAGE_ERRORS
  | keyof typeof HARBOR_ERRORS
  | keyof typeof WEBHOOK_ERRORS
  | keyof typeof OPERATION_ERRORS;

/** The table of all errors. `npx tsx scripts/write-pages.ts` writes the table to docs/reference/errors.md. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>> = {
  ...REQUEST_ERRORS,
  ...IMAGE_ERRORS,
  ...HARBOR_ERRORS,
  ...WEBHOOK_ERRORS,
  ...OPERATION_ERRORS,
};

/**
 * The class of all errors that Clair throws. `message` states what failed and where, for people; `code` is stable and
 * intended for programs; `cause` is the underlying error, if any.
 */
export class ClairError extends Error {
  override readonly name = 'ClairError';
  readonly code: ErrorCode;
  /** The delay before a retry, in milliseconds, if known. */
  readonly retryAfter?: number;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfter?: number | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }
}

/** Returns a ClairError unchanged, and wraps any other error as the cause of a new ClairError. */
export function asClairError(error: unknown, code: ErrorCode, message: string): ClairError {
  if (error instanceof ClairError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ClairError(code, `${message}: ${reason}`, { cause: error });
}

/** Returns whether an error of the operating system reports a full disk or quota (errno(3)). */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** The result or failure of work as plain data, because an error that a thread sends loses its class and its code. */
export type Outcome<Value> =
  | { readonly value: Value }
  | { readonly failure: Pick<ClairError, 'code' | 'message' | 'retryAfter'> };

/** Runs the work and returns its outcome. @throws any error of the work that is not a ClairError */
export async function outcomeOf<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    const { code, message, retryAfter } = error;
    return { failure: { code, message, ...(retryAfter !== undefined && { retryAfter }) } };
  }
}

/** Returns the value of an outcome. @throws ClairError for a failure */
export function outcomeValue<Value>(outcome: Outcome<Value>): Value {
  if ('value' in outcome) return outcome.value;
  const { code, message, retryAfter } = outcome.failure;
  throw new ClairError(code, message, { retryAfter });
}

/** Loads a library with native code. @throws ClairError `installation/incomplete` when the library cannot be loaded */
export async function nativeLibrary<Library>(name: string, load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (error) {
    throw missingNativeCode(name, error);
  }
}

/** Returns the error for a library with native code that cannot be loaded. */
export function missingNativeCode(library: string, cause: unknown): ClairError {
  const message = `cannot load ${library}: its native code is missing, or was compiled for another Node release`;
  return new ClairError('installation/incomplete', message, { cause });
}
