import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { type Pause, pauseOfClock } from '../bytes/http/retries.ts';
import { ClairError, type ErrorCode } from '../errors.ts';
import type { Submission } from '../model/submission.ts';
import { type ApiClient, mayPass } from './api-client.ts';
import { errorOfServer } from './refusal.ts';
import { serverEvents } from './server-events.ts';

/** A submission, as the API tells of it. */
export type ToldSubmission = Pick<Submission, 'target' | 'state' | 'layers' | 'error'> & {
  readonly id: string;
  /** The digests of the images that were read. */
  readonly images: readonly string[];
};

const COUNT = Type.Integer({ minimum: 0 });

const SUBMISSION = Type.Object({
  id: Type.String({ pattern: '^[\\w-]{1,64}$' }),
  target: Type.String({ maxLength: 1024 }),
  state: Type.Enum(['queued', 'reading', 'done', 'failed']),
  layers: Type.Object({ total: COUNT, done: COUNT, known: COUNT }),
  images: Type.Array(Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }), { maxItems: 100 }),
  error: Type.Union([Type.Null(), Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })]),
});

const SUBMITTED = Type.Object({ submission: SUBMISSION });

/** How long to wait before asking for events again, in milliseconds: so long first, twice as long each time that fails. */
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;

/** How often in a row: it comes to some four minutes. */
const MAX_FAILURES = 12;

/**
 * Submits an image of a registry, which the server reads.
 *
 * @throws ClairError as the server says it; `server/…`
 */
export async function submitReference(
  client: Pick<ApiClient, 'server' | 'post'>,
  image: { readonly reference: string; readonly platform?: string | undefined },
  signal: AbortSignal,
): Promise<ToldSubmission> {
  const body = JSON.stringify(image);
  return submittedOf(
    client,
    await client.post('/v2/images', { headers: { 'content-type': 'application/json' }, body, signal }),
  );
}

/** A saved image that is sent: what it is called, and how many bytes it has where that is known. */
export type SentArchive = {
  readonly name: string;
  readonly bytes: ByteStream;
  readonly size?: number | undefined;
  readonly platform?: string | undefined;
};

/**
 * Submits the archive of a saved image, which is sent as it is read.
 *
 * @throws ClairError as the server says it; `server/…`; what the reading of the archive throws
 */
export async function submitArchive(
  client: Pick<ApiClient, 'server' | 'post'>,
  { name, bytes, size, platform }: SentArchive,
  signal: AbortSignal,
): Promise<ToldSubmission> {
  const query = new URLSearchParams({ name, ...(platform !== undefined && { platform }) });
  const headers = {
    'content-type': 'application/octet-stream',
    ...(size !== undefined && { 'content-length': String(size) }),
  };
  return submittedOf(client, await client.post(`/v2/images?${query.toString()}`, { headers, body: bytes, signal }));
}

/** Refusals of a server that has no room for a submission now. */
const NO_ROOM: ReadonlySet<string> = new Set<ErrorCode>([
  'submission/queue-full',
  'server/no-room',
  'server/busy',
  'server/stopping',
]);

/** How long to wait when the server does not say, and how long in all, in milliseconds: as long as one image may take. */
const DEFAULT_WAIT_MS = 2000;
const MAX_WAIT_MS = 60 * 60_000;

export type WaitOptions = {
  readonly signal: AbortSignal;
  /** Told each time that the server has no room, with its reason. */
  readonly waits: (reason: string) => void;
  readonly pause?: Pause;
};

/**
 * Submits again and again until the server has room, for an hour at most.
 *
 * @param submit must be able to send everything again
 * @throws what `submit` throws otherwise
 */
export async function untilTaken<Result>(
  submit: () => Promise<Result>,
  { signal, waits, pause = pauseOfClock }: WaitOptions,
): Promise<Result> {
  for (let waited = 0; ; ) {
    try {
      return await submit();
    } catch (error) {
      if (signal.aborted || !(error instanceof ClairError) || !NO_ROOM.has(error.code)) throw error;
      // Clients that were refused together do not come back together.
      const milliseconds = (error.retryAfter ?? DEFAULT_WAIT_MS) * (1 + Math.random());
      waited += milliseconds;
      if (waited > MAX_WAIT_MS) throw error;
      waits(error.message);
      await pause(milliseconds, signal);
    }
  }
}

/**
 * Follows a submission until it is over. When the events are cut off, as by an instance that stops, another one is asked.
 *
 * @param progress told of each change
 * @returns the submission that is done
 * @throws ClairError why the server failed to read the image, in its words; `submission/not-found`; `server/…` when it cannot
 * be asked for minutes; the reason of the signal
 */
export async function followSubmission(
  client: Pick<ApiClient, 'server' | 'events'>,
  submitted: ToldSubmission,
  { signal, progress, pause = pauseOfClock }: FollowOptions,
): Promise<ToldSubmission> {
  const path = `/v2/submissions/${submitted.id}/events`;
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const { data } of serverEvents(await client.events(path, signal))) {
        failures = 0;
        const now = submissionOf(client, data);
        progress(now);
        if (now.state === 'failed' || (now.state === 'done' && now.images.length === 0)) throw failureOf(now);
        if (now.state === 'done') return now;
      }
    } catch (error) {
      if (signal.aborted || failures >= MAX_FAILURES || !mayPass(error)) throw error;
    }
    // A stream that ends before it tells anything is no answer, either.
    if (failures >= MAX_FAILURES) throw silent(client);
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS), signal);
  }
}

export type FollowOptions = {
  readonly signal: AbortSignal;
  readonly progress: (now: ToldSubmission) => void;
  /** How to wait before asking again; by the clock when absent. */
  readonly pause?: Pause;
};

function submittedOf({ server }: Pick<ApiClient, 'server'>, answer: unknown): ToldSubmission {
  if (Value.Check(SUBMITTED, answer)) return answer.submission;
  throw new ClairError('server/unexpected-answer', `${server} took the image, and does not say as what`);
}

function submissionOf({ server }: Pick<ApiClient, 'server'>, data: string): ToldSubmission {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    value = undefined;
  }
  if (Value.Check(SUBMISSION, value)) return value;
  throw new ClairError('server/unexpected-answer', `${server} tells of the submission what cannot be understood`);
}

function silent({ server }: Pick<ApiClient, 'server'>): ClairError {
  return new ClairError('server/unexpected-answer', `${server} ends the events of the submission before it tells any`);
}

function failureOf({ error, target }: ToldSubmission): ClairError {
  if (error !== null) return errorOfServer(error);
  return new ClairError('server/unexpected-answer', `the server could not read ${target}, and does not say why`);
}
