import type { ClientBase } from 'pg';
import { isConnectionLoss, isOfServer, RolledBack } from '../errors.ts';

/** Runs `use` on the client of a transaction, or on any free client. */
export type Session = <T>(use: (client: ClientBase) => Promise<T>) => Promise<T>;

/** The connection of a transaction. Each call runs one statement. */
export type TransactionSession = {
  /**
   * Runs a statement, and waits for the answer.
   *
   * @param isRead whether the statement only reads, so that it does not wait for the answer to BEGIN
   */
  readonly ask: <T>(use: (client: ClientBase) => Promise<T>, isRead?: boolean) => Promise<T>;
  /** Runs a statement whose result is not used. A pipelined connection does not wait for the answer. */
  readonly write: (use: (client: ClientBase) => Promise<unknown>) => Promise<void>;
  /** Whether the connection is pipelined; such a connection cannot use COPY. */
  readonly isPipelined: boolean;
};

/** Returns the session that runs each statement as `session` does, and waits for each answer. */
export function unpipelined(session: Session): TransactionSession {
  return {
    ask: (use) => session(use),
    write: async (use) => void (await session(use)),
    isPipelined: false,
  };
}

/** Returns the session of a transaction that runs one statement at a time, in the order of the calls. */
export function takingTurns(session: Session): TransactionSession {
  let last: Promise<unknown> = Promise.resolve();
  return unpipelined((use) => {
    const answer = last.then(() => session(use));
    last = answer.catch(() => undefined);
    return answer;
  });
}

/**
 * Returns the session of a transaction that sends each statement immediately. Statements that write are sent after the
 * answer to BEGIN, because without the transaction each of them would be committed separately.
 *
 * @param session keeps the errors of statements
 */
export function pipelined(session: Session, begins: Promise<unknown>): TransactionSession {
  let hasBegun = false;
  const noteBegin = async (): Promise<void> => {
    await begins;
    hasBegun = true;
  };
  noteBegin().catch(() => undefined);
  const ask: TransactionSession['ask'] = (use, isRead = false) =>
    session(async (client) => {
      if (!isRead && !hasBegun) await begins;
      return await use(client);
    });
  return {
    ask,
    write: async (use) => void ask(use).catch(() => undefined),
    isPipelined: true,
  };
}

/** The statements of a transaction. */
export type Statements = {
  /** Runs a statement, and keeps its error. */
  readonly session: Session;
  /** Waits for the answers to all statements. */
  readonly answered: () => Promise<void>;
  /** @throws the error of the first failed statement, if a statement has failed */
  readonly requireSuccess: () => void;
  /**
   * Returns the error of the first failed statement instead of an error that follows from it: the error of a later
   * statement, or of the commit, because the server rolls back instead.
   */
  readonly causeOf: (error: unknown) => unknown;
};

/** Creates the statements of one transaction on the connection of a client. */
export function createStatements(client: ClientBase): Statements {
  const waiting = new Set<Promise<void>>();
  let count = 0;
  let first: { readonly error: unknown; readonly place: number } | undefined;
  return {
    async session(use) {
      // The errors of several statements may arrive in another order than the statements.
      const place = count;
      count += 1;
      const answer = (async () => await use(client))();
      const kept = answer.then(
        () => void waiting.delete(kept),
        (error: unknown) => {
          waiting.delete(kept);
          if (first === undefined || place < first.place) first = { error, place };
        },
      );
      waiting.add(kept);
      return await answer;
    },
    answered: async () => void (await Promise.all(waiting)),
    requireSuccess() {
      if (first !== undefined) throw first.error;
    },
    causeOf(error) {
      if (first === undefined || !isOfServer(first.error)) return error;
      return error instanceof RolledBack || isOfServer(error) || isConnectionLoss(error) ? first.error : error;
    },
  };
}
