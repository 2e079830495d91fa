import { PATIENCE_MS, type PushedImage, SECRET, SENDERS, type WebhookRequest } from './senders.ts';

/** A response, and the time that it took. */
export type HookAnswer = { readonly status: number; readonly text: string; readonly milliseconds: number };

/** A request of the replay; `submission` and `image` are GET requests, all others are webhooks. */
export type Stage =
  | 'push'
  | 'again'
  | 'submission'
  | 'image'
  | 'no secret'
  | 'another secret'
  | 'no JSON'
  | 'a pull'
  | 'a deletion'
  | 'a mount'
  | 'a layer'
  | 'a signature'
  | 'no tag'
  | 'another registry'
  | 'many pushes'
  | 'a large body';

export type Ask = (stage: Stage, request: string | WebhookRequest) => Promise<HookAnswer>;

type Image = { readonly image: string };
type Received = {
  readonly submitted: readonly (Image & { readonly submission: string })[];
  readonly ignored: readonly (Image & { readonly reason: string })[];
};

const STATES: ReadonlySet<string> = new Set(['queued', 'reading', 'done', 'failed']);
/** The digest that the first event names. */
export const STALE: string = `sha256:${'f'.repeat(64)}`;
const MAX_POLLS = 600;
/** The number of pushes that one request can submit. */
const MAX_PUSHES = 100;

type Replay = {
  /** In milliseconds. */
  readonly patience?: number;
  /** Waits between two polls. */
  readonly wait?: () => Promise<unknown>;
};

/**
 * Pushes an image to a Distribution registry that notifies Clair, follows the submission to the indexed image, and
 * sends the events that must have no effect (ci-and-admission.md, section 3; docs/reference/api-webhooks.md). The first
 * event names a digest that the tag no longer has.
 *
 * @param image a tag of the registry and its digest
 * @throws Error where Distribution would send the event again, or where a push is lost, repeated or wrongly submitted
 */
export async function replayPush(ask: Ask, image: PushedImage, options: Replay = {}): Promise<void> {
  const { patience = PATIENCE_MS } = options;
  const name = `${image.host}/${image.repository}:${image.tag}`;
  const sent = SENDERS['distribution']!.request({ ...image, digest: STALE });
  const id = submissionOf(delivered(await ask('push', sent), patience), name);
  if (submissionOf(delivered(await ask('again', sent), patience), name) !== id) throw new Error('submitted again');
  await checkIndexed(ask, id, image, options);
  await checkRefused(ask, sent);
  await checkIgnored(ask, image, patience);
}

/** Distribution sends an event again after a status other than 2xx, and after a time limit. */
function delivered({ status, text, milliseconds }: HookAnswer, patience: number): Received {
  if (status < 200 || status > 299) throw new Error(`will be sent again: ${status}`);
  if (milliseconds > patience) throw new Error(`will be sent again: ${milliseconds} ms`);
  const { submitted, ignored } = JSON.parse(text) as Partial<Received>;
  if (!Array.isArray(submitted)) throw new Error('submitted is not a list');
  if (!Array.isArray(ignored)) throw new Error('ignored is not a list');
  return { submitted, ignored };
}

function submissionOf({ submitted, ignored }: Received, name: string): string {
  if (ignored.length > 0) throw new Error(`the push was ignored: ${JSON.stringify(ignored)}`);
  const [first, ...others] = submitted;
  if (first === undefined || others.length > 0) throw new Error(`${submitted.length} submissions of one push`);
  if (first.image !== name) throw new Error(`the submission is of ${first.image}`);
  if (typeof first.submission !== 'string') throw new Error('the submission has no ID');
  return first.submission;
}

async function checkIndexed(ask: Ask, id: string, image: PushedImage, { wait }: Replay): Promise<void> {
  for (let polls = 0; ; polls += 1) {
    if (polls === MAX_POLLS) throw new Error('the submission does not end');
    const { status, text } = await ask('submission', `/v2/submissions/${id}`);
    if (status !== 200) throw new Error(`the submission is ${status}`);
    const { state, images, finishedAt } = JSON.parse(text);
    if (!STATES.has(state)) throw new Error(`the state is ${state}`);
    if (finishedAt === null) {
      await wait?.();
      continue;
    }
    if (state !== 'done') throw new Error(`the submission ended as ${state}`);
    if (String(images) !== image.digest) throw new Error(`the images of the submission are ${images}`);
    break;
  }
  const { status, text } = await ask('image', `/v2/images/${image.digest}`);
  if (status !== 200) throw new Error(`the image is ${status}`);
  const { digest } = JSON.parse(text);
  if (digest !== image.digest) throw new Error(`the image has the digest ${digest}`);
}

async function checkRefused(ask: Ask, sent: WebhookRequest): Promise<void> {
  const { authorization: _, ...without } = sent.headers;
  const rows: readonly (readonly [Stage, WebhookRequest, number, string])[] = [
    ['no secret', { ...sent, headers: without }, 401, 'webhook/unauthenticated'],
    [
      'another secret',
      { ...sent, headers: { ...without, authorization: `Bearer ${SECRET}x` } },
      401,
      'webhook/unauthenticated',
    ],
    ['no JSON', { ...sent, body: '{"events": ' }, 400, 'request/not-json'],
    ['a large body', { ...sent, body: { pad: 'x'.repeat(1024 * 1024) } }, 413, 'request/too-large'],
  ];
  for (const [stage, request, expected, expectedCode] of rows) {
    const { status, text } = await ask(stage, request);
    if (status !== expected) throw new Error(`${stage} is ${status}`);
    if (text.includes(SECRET)) throw new Error(`${stage}: the response contains the secret`);
    const { error } = JSON.parse(text);
    if (error?.code !== expectedCode) throw new Error(`${stage} has the code ${error?.code}`);
  }
}

type Event = { readonly action: string; readonly target: object };

async function checkIgnored(ask: Ask, image: PushedImage, patience: number): Promise<void> {
  const withEvent = (of: PushedImage, parts: Partial<Event> = {}, times = 1): WebhookRequest => {
    const sent = SENDERS['distribution']!.request(of);
    const [event] = (sent.body as { readonly events: readonly Event[] }).events;
    const changed = { ...event, ...parts, target: { ...event?.target, ...parts.target } };
    return { ...sent, body: { events: Array.from({ length: times }, () => changed) } };
  };
  const other = { ...image, host: 'other.test' };
  const rows: readonly (readonly [Stage, WebhookRequest, ignored: number])[] = [
    ['a pull', withEvent(image, { action: 'pull' }), 0],
    ['a deletion', withEvent(image, { action: 'delete' }), 0],
    ['a mount', withEvent(image, { action: 'mount' }), 0],
    ['a layer', withEvent(image, { target: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' } }), 0],
    ['a signature', withEvent({ ...image, tag: `sha256-${'a'.repeat(64)}.sig` }), 0],
    ['no tag', withEvent({ ...image, tag: '' }), 0],
    ['another registry', withEvent(other), 1],
    ['many pushes', withEvent(other, {}, MAX_PUSHES + 1), MAX_PUSHES + 1],
  ];
  for (const [stage, request, expected] of rows) {
    const { submitted, ignored } = delivered(await ask(stage, request), patience);
    if (submitted.length > 0) throw new Error(`${stage} was submitted`);
    if (ignored.length !== expected) throw new Error(`${stage}: ${ignored.length} ignored pushes`);
    const excess = ignored.filter(
      ({ reason }) => reason === `only the first ${MAX_PUSHES} images of a request are submitted`,
    );
    if (excess.length !== Math.max(0, expected - MAX_PUSHES)) throw new Error(`${stage}: ${excess.length} too many`);
    for (const { image: name, reason } of ignored) {
      if (name !== `other.test/${image.repository}:${image.tag}`) throw new Error(`${stage}: ${name} was ignored`);
      if (excess.length === 0 && !/other\.test .*webhooks\.registries/.test(reason))
        throw new Error(`${stage}: the reason is ${reason}`);
    }
  }
}
