import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { Question } from '../../database/engines/question.ts';
import { openStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import { type Outcome, outcomeOf } from '../../errors.ts';
import type { EngineVersion } from '../../model/engine/engine-version.ts';
import { createInstanceReports } from '../../report/image/instance-reports.ts';
import { jsonPieces } from '../../report/writing/json-pieces.ts';
import type { HarborSettings } from '../harbor/settings.ts';
import { createPageTokens } from '../page-tokens.ts';
import { clientDemand } from './client-demand.ts';
import type { AnswerHead, PooledRequest } from './pooled-answer.ts';
import { type AnswerRequest, createReadingRoutes } from './reading-routes.ts';

export type AnswerThreadData = {
  readonly database: SharedDatabaseOptions;
  readonly suppressionFiles: readonly string[];
  /** The page token key of the server thread, so that tokens from any thread are valid in all threads. */
  readonly pageTokenKey: string;
  readonly harbor: HarborSettings;
  /** The engine version of the server thread. */
  readonly engineVersion: EngineVersion;
};

/** A request for the thread. Each message on the port requests an {@link AnswerMessage}. */
export type AnswerTask = PooledRequest & { readonly port: MessagePort };

export type AnswerMessage = {
  /** The head of the response, which only the first message contains. */
  readonly head?: AnswerHead;
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
};

/** The size of the first message. A shorter response is sent in a single message. */
const FIRST_MESSAGE_BYTES = 8 * 1024 * 1024;

/** The size of later messages. A client that reads 26 KB/s requests the next message in time ({@link clientDemand}). */
const MESSAGE_BYTES = 256 * 1024;

/** Handles a request in a thread of the pool. */
export const answerInThread: (task: AnswerTask) => Promise<Outcome<null>> = createAnswerThread(workerData);

/** The thread keeps its database connections between requests. */
function createAnswerThread({
  database,
  suppressionFiles,
  pageTokenKey,
  harbor,
  engineVersion,
}: AnswerThreadData): typeof answerInThread {
  let asked: number[] = [];
  let opened: Promise<AnswerRequest> | undefined;
  const questions = new AsyncLocalStorage<Question>();

  async function open(): Promise<AnswerRequest> {
    const store = await openStore(database, { questions });
    return await createReadingRoutes({
      store,
      worker: { engineVersion },
      ...createInstanceReports(store, suppressionFiles, database.staleAfter),
      pages: createPageTokens({ key: pageTokenKey, now: store.now }),
      noteUse: ({ id }) => void asked.push(id),
      harbor,
    });
  }

  return async ({ port, ...request }) =>
    await outcomeOf(async () => {
      asked = [];
      opened ??= open();
      let answerRequest: AnswerRequest;
      try {
        answerRequest = await opened;
      } catch (error) {
        // The next request reopens the database connections.
        opened = undefined;
        throw error;
      }
      // The context includes the sending, because `textOf` can read from the database while the text is sent.
      return await questions.run({ usesPrimary: false }, async () => {
        const { headers, body } = await answerRequest(request);
        await send(port, { headers, asked }, textOf(body));
        return null;
      });
    });
}

function textOf(body: unknown): Iterable<string> | AsyncIterable<string> {
  if (typeof body === 'string') return [body];
  if (body instanceof Readable) return body;
  if (typeof body === 'object' && body !== null) return jsonPieces(body);
  throw new Error('a route marked isLong returned no body');
}

async function send(
  port: MessagePort,
  head: AnswerHead,
  text: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const wanted = clientDemand(port, { messageBytes: MESSAGE_BYTES });
  let first: { readonly head?: AnswerHead } = { head };
  let limit = FIRST_MESSAGE_BYTES;
  let pieces: Buffer[] = [];
  let length = 0;

  async function flush(isLast: boolean): Promise<void> {
    await wanted();
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    const message: AnswerMessage = { ...first, bytes, isLast };
    port.postMessage(message, [bytes.buffer]);
    first = {};
    limit = MESSAGE_BYTES;
    pieces = [];
    length = 0;
  }

  for await (const piece of text) {
    const bytes = Buffer.from(piece);
    if (length + bytes.length > limit && length > 0) await flush(false);
    pieces.push(bytes);
    length += bytes.length;
  }
  await flush(true);
}
