import type { ClientBase } from 'pg';
import { isOfServer, RolledBack } from '../errors.ts';

/** Runs `use` on the client of a transaction, or on any free client. */
export type Session = <T>(use: (client: ClientBase) => Promise<T>) => Promise<T>;

/** The connection of a transaction. */
export type TransactionSession = {
  /** Runs `use`, and waits for the answer. */
  readonly ask: Session;
  /** Runs `use`, whose result nobody needs; may resolve before the answer, and then fails at the end of the transaction. */
  readonly write: (use: (client: ClientBase) => Promise<unknown>) => Promise<void>;
  /** Whether the connection is pipelined; such a connection cannot use COPY. */
  readonly isPipelined: boolean;
};

/** Returns the session of a transaction that runs one statement at a time, in the order of the calls. */
export function takingTurns(session: Session): TransactionSession {
  let last: Promise<unknown> = Promise.resolve();
  const ask: Session = (use) => {
    const answer = last.then(() => session(use));
    last = answer.catch(() => undefined);
    return answer;
  };
  return { ask, write: async (use) => void (await ask(use)), isPipelined: false };
}

/**
 * Returns the session of a transaction that sends each statement immediately, and does not wait for writes.
 *
 * @param keep receives the answers to writes
 */
export function pipelined(session: Session, keep: (answer: Promise<unknown>) => void): TransactionSession {
  return { ask: session, write: async (use) => keep(session(use)), isPipelined: true };
}

/** The first error of the statements of a transaction, which is the cause of all later errors of the server. */
export type FirstError = {
  /** Returns the session, and notes its errors. */
  readonly noted: (session: Session) => Session;
  /** Returns the first error instead of a later error of the server. */
  readonly of: (error: unknown) => unknown;
};

/** Creates the first error of one transaction. */
export function createFirstError(): FirstError {
  let first: { readonly error: unknown } | undefined;
  return {
    noted: (session) => async (use) => {
      try {
        return await session(use);
      } catch (error) {
        first ??= { error };
        throw error;
      }
    },
    of: (error) => (first !== undefined && (error instanceof RolledBack || isOfServer(error)) ? first.error : error),
  };
}
