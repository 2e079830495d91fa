import { type Digest, DIGEST_PATTERN } from '../model/digest.ts';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { type Pause, pauseOfClock } from '../bytes/http/retries.ts';
import { ClairError, type ErrorCode } from '../errors.ts';
import type { Submission } from '../model/submission.ts';
import { type ApiClient, mayPass } from './api-client.ts';
import { errorOfServer } from './refusal.ts';
import { serverEvents } from './server-events.ts';

/** A submission in a response of the API. */
export type ToldSubmission = Pick<Submission, 'target' | 'state' | 'layers' | 'error'> & {
  readonly id: string;
  /** The digests of the analysed images. */
  readonly images: readonly string[];
};

const COUNT = Type.Integer({ minimum: 0 });

const SUBMISSION = Type.Object({
  id: Type.String({ pattern: '^[\\w-]{1,64}$' }),
  target: Type.String({ maxLength: 1024 }),
  state: Type.Enum(['queued', 'reading', 'done', 'failed']),
  layers: Type.Object({ total: COUNT, done: COUNT, known: COUNT }),
  images: Type.Array(Type.String({ pattern: `^${DIGEST_PATTERN}$` }), { maxItems: 100 }),
  error: Type.Union([Type.Null(), Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })]),
});

const SUBMITTED = Type.Object({ submission: SUBMISSION });

/**
 * The first pause and the maximum pause before a new request for events, in milliseconds. The pause doubles after each
 * failure.
 */
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;

/** The maximum number of consecutive failures; with the pauses, this number of failures takes about four minutes. */
const MAX_FAILURES = 12;

/**
 * Submits the reference of a registry image, which the server pulls from the registry.
 *
 * @throws ClairError the error of the server; `server/…`
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

/** An archive to upload; the size in bytes can be unknown. */
export type SentArchive = {
  readonly name: string;
  readonly bytes: ByteStream;
  readonly size?: number | undefined;
  readonly platform?: string | undefined;
};

/**
 * Uploads the archive of an image, and reads the archive during the upload.
 *
 * @throws ClairError the error of the server; `server/…`; the errors of the archive
 */
export async function submitArchive(
  client: Pick<ApiClient, 'server' | 'post'>,
  { name, bytes, size, platform }: SentArchive,
  signal: AbortSignal,
): Promise<ToldSubmission> {
  const query = new URLSearchParams({ name, ...(platform !== undefined && { platform }) });
  return await sent(client, `/v2/images?${query.toString()}`, { bytes, size }, signal);
}

async function sent(
  client: Pick<ApiClient, 'server' | 'post'>,
  path: string,
  { bytes, size }: Pick<SentArchive, 'bytes' | 'size'>,
  signal: AbortSignal,
): Promise<ToldSubmission> {
  const headers = {
    'content-type': 'application/octet-stream',
    ...(size !== undefined && { 'content-length': String(size) }),
  };
  return submittedOf(client, await client.post(path, { headers, body: bytes, signal }));
}

export type SentSbom = Omit<SentArchive, 'platform'> & {
  readonly distribution?: string | undefined;
  readonly appliesVex: boolean;
  /** The digest of the image that the SBOM must describe; undefined if the SBOM may describe any image. */
  readonly image?: Digest | undefined;
};

/**
 * Uploads an SBOM, and reads the file during the upload.
 *
 * @param sbom the name and bytes of the SBOM, and the options of its analysis
 * @throws ClairError the error of the server; `server/…`; the errors of the file
 */
export async function submitSbom(
  client: Pick<ApiClient, 'server' | 'post'>,
  { name, bytes, size, distribution, appliesVex, image }: SentSbom,
  signal: AbortSignal,
): Promise<ToldSubmission> {
  const query = new URLSearchParams({
    name,
    ...(distribution !== undefined && { distribution }),
    ...(appliesVex && { vex: 'embedded' }),
    ...(image !== undefined && { image }),
  });
  return await sent(client, `/v2/sboms?${query.toString()}`, { bytes, size }, signal);
}

/** The error codes of a server without capacity for a submission. */
const NO_ROOM: ReadonlySet<string> = new Set<ErrorCode>([
  'submission/queue-full',
  'server/no-room',
  'server/busy',
  'server/stopping',
]);

/**
 * The default pause and the maximum total time of retries, in milliseconds. An analysis can take about as long as the
 * default pause, so the server can have capacity after the pause.
 */
const DEFAULT_WAIT_MS = 2000;
const MAX_WAIT_MS = 60 * 60_000;

export type WaitOptions = {
  readonly signal: AbortSignal;
  /** Receives the message of the server before each pause. */
  readonly waits: (reason: string) => void;
  readonly pause?: Pause;
};

/**
 * Retries a submission until the server has capacity, for at most one hour.
 *
 * @param submit sends the submission; every call must send all data again
 * @throws ClairError the last error, after an hour; any other error of `submit`
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
      // A random pause spreads the retries of clients that were rejected at the same time.
      const milliseconds = (error.retryAfter ?? DEFAULT_WAIT_MS) * (1 + Math.random());
      waited += milliseconds;
      if (waited > MAX_WAIT_MS) throw error;
      waits(error.message);
      await pause(milliseconds, signal);
    }
  }
}

/**
 * Follows the events of a submission until it finishes. If the stream breaks, for example because an instance stops,
 * the function requests the events again.
 *
 * @param progress receives the submission after each change
 * @returns the finished submission
 * @throws ClairError the error of the analysis; `submission/not-found`; `server/…` after more than {@link MAX_FAILURES}
 *   consecutive failures; the abort reason of the signal
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
    // A stream that ends without an event also counts as a failure.
    if (failures >= MAX_FAILURES) throw silent(client);
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS), signal);
  }
}

export type FollowOptions = {
  readonly signal: AbortSignal;
  readonly progress: (now: ToldSubmission) => void;
  /** Waits before the next request; a real timer by default. */
  readonly pause?: Pause;
};

function submittedOf({ server }: Pick<ApiClient, 'server'>, answer: unknown): ToldSubmission {
  if (Value.Check(SUBMITTED, answer)) return answer.submission;
  throw new ClairError('server/unexpected-answer', `the response from ${server} contains no submission`);
}

function submissionOf({ server }: Pick<ApiClient, 'server'>, data: string): ToldSubmission {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    value = undefined;
  }
  if (Value.Check(SUBMISSION, value)) return value;
  throw new ClairError('server/unexpected-answer', `an event from ${server} is not a submission`);
}

function silent({ server }: Pick<ApiClient, 'server'>): ClairError {
  return new ClairError(
    'server/unexpected-answer',
    `${server} ended the event stream of the submission without sending an event`,
  );
}

function failureOf({ error, target }: ToldSubmission): ClairError {
  if (error !== null) return errorOfServer(error);
  return new ClairError('server/unexpected-answer', `the server could not analyse ${target}, and returned no reason`);
}
