import { type HookAnswer, STALE, type Stage } from './push-replay.ts';
import { SECRET } from './senders.ts';

type Change = (answer: HookAnswer) => HookAnswer;

type Row = readonly [at: Stage, name: string, change: Change, because: RegExp];

const status =
  (code: number): Change =>
  (answer) => ({ ...answer, status: code });

/** Changes the JSON body. */
const body =
  (change: (document: never) => unknown): Change =>
  (answer) => {
    const document: unknown = JSON.parse(answer.text);
    change(document as never);
    return { ...answer, text: JSON.stringify(document) };
  };

type Entry = { image: string; submission?: unknown; reason?: string };
type Received = { submitted: Entry[]; ignored: Entry[] };
type Submission = { state: string; images: string[]; finishedAt: string | null };
type Failure = { error: { code?: string; message: string } };

const submits: Change = (answer) => ({
  ...answer,
  text: '{"submitted": [{"image": "a.test/app:1", "submission": "1"}], "ignored": []}',
});
const first = (change: (entry: Entry) => unknown): Change => body((it: Received) => change(it.submitted[0]!));
const ignored = (change: (entry: Entry) => unknown): Change => body((it: Received) => change(it.ignored[0]!));

const PUSH: readonly Row[] = [
  ['push', 'a redirect', status(301), /will be sent again: 301/],
  ['push', 'not found', status(404), /will be sent again: 404/],
  ['push', 'unavailable', status(503), /will be sent again: 503/],
  ['push', 'later than 500 ms', (answer) => ({ ...answer, milliseconds: 501 }), /will be sent again: 501 ms/],
  ['push', 'HTML', (answer) => ({ ...answer, text: '<html>' }), /not valid JSON/],
  ['push', 'no submitted', body((it: Partial<Received>) => delete it.submitted), /submitted is not a list/],
  ['push', 'no ignored', body((it: Partial<Received>) => delete it.ignored), /ignored is not a list/],
  ['push', 'a lost push', body((it: Received) => it.submitted.pop()), /^0 submissions of one push/],
  ['push', 'a push submitted twice', body((it: Received) => it.submitted.push(it.submitted[0]!)), /^2 submissions/],
  [
    'push',
    'a submitted push that is ignored too',
    body((it: Received) => it.ignored.push({ image: 'a', reason: 'b' })),
    /^the push was ignored/,
  ],
  ['push', 'another image', first((it) => (it.image = `x${it.image}`)), /^the submission is of x/],
  ['push', 'an image without its tag', first((it) => (it.image = it.image.replace(/:[^:]*$/, ''))), /is of .*demo$/],
  [
    'push',
    'the digest of the event in place of the tag',
    first((it) => (it.image = it.image.replace(/:[^:]*$/, `@${STALE}`))),
    /is of .*@sha256/,
  ],
  ['push', 'no ID', first((it) => delete it.submission), /the submission has no ID/],
  ['push', 'a number as ID', first((it) => (it.submission = 1)), /the submission has no ID/],
  ['again', 'a conflict', status(409), /will be sent again: 409/],
  ['again', 'another submission', first((it) => (it.submission = 'other')), /^submitted again$/],
  ['again', 'no submission', body((it: Received) => it.submitted.pop()), /^0 submissions of one push/],
];

const FOLLOWED: readonly Row[] = [
  ['submission', 'not found', status(404), /^the submission is 404/],
  ['submission', 'a failure', body((it: Submission) => (it.state = 'failed')), /ended as failed/],
  ['submission', 'an unknown state', body((it: Submission) => (it.state = 'finished')), /^the state is finished/],
  ['submission', 'no state', body((it: Partial<Submission>) => delete it.state), /^the state is undefined/],
  ['submission', 'no end', body((it: Submission) => (it.finishedAt = null)), /does not end/],
  ['submission', 'an end before it is done', body((it: Submission) => (it.state = 'reading')), /ended as reading/],
  ['submission', 'no image', body((it: Submission) => it.images.pop()), /^the images of the submission are $/],
  ['submission', 'the image of the event', body((it: Submission) => (it.images = [STALE])), /are sha256:ffff/],
  ['submission', 'two images', body((it: Submission) => it.images.push(STALE)), /are sha256:.*,sha256:ffff/],
  ['image', 'not found', status(404), /^the image is 404/],
  ['image', 'another digest', body((it: { digest: string }) => (it.digest = STALE)), /has the digest sha256:ffff/],
];

const REFUSED: readonly Row[] = [
  ['no secret', 'accepted', status(202), /^no secret is 202/],
  ['no secret', 'an error of the server', status(500), /^no secret is 500/],
  [
    'no secret',
    'the secret in the message',
    body((it: Failure) => (it.error.message = `${SECRET} is missing`)),
    /contains the secret/,
  ],
  ['no secret', 'no code', body((it: Failure) => delete it.error.code), /^no secret has the code undefined/],
  ['another secret', 'accepted', status(202), /^another secret is 202/],
  [
    'another secret',
    'the code of a webhook that is off',
    body((it: Failure) => (it.error.code = 'webhook/off')),
    /^another secret has the code webhook\/off/,
  ],
  ['no JSON', 'accepted', status(202), /^no JSON is 202/],
  ['no JSON', 'no code', body((it: Failure) => delete it.error.code), /^no JSON has the code undefined/],
  ['a large body', 'accepted', status(202), /^a large body is 202/],
];

const WITHOUT_EFFECT: readonly Stage[] = ['a pull', 'a deletion', 'a mount', 'a layer', 'a signature', 'no tag'];

const IGNORED: readonly Row[] = [
  ...WITHOUT_EFFECT.map((stage): Row => [stage, 'submitted', submits, new RegExp(`^${stage} was submitted`)]),
  ['a pull', 'refused', status(400), /will be sent again: 400/],
  [
    'a layer',
    'reported as ignored',
    body((it: Received) => it.ignored.push({ image: 'a' })),
    /^a layer: 1 ignored pushes/,
  ],
  ['another registry', 'submitted', submits, /^another registry was submitted/],
  ['another registry', 'refused', status(403), /will be sent again: 403/],
  ['another registry', 'not reported', body((it: Received) => it.ignored.pop()), /^another registry: 0 ignored/],
  ['another registry', 'an empty reason', ignored((it) => (it.reason = '')), /^another registry: the reason is $/],
  [
    'another registry',
    'a reason without the setting',
    ignored((it) => (it.reason = 'other.test is unknown')),
    /^another registry: the reason is other/,
  ],
  ['another registry', 'another image', ignored((it) => (it.image = 'app')), /^another registry: app was ignored/],
  ['many pushes', 'refused', status(413), /will be sent again: 413/],
  ['many pushes', 'the rest is not reported', body((it: Received) => it.ignored.pop()), /^many pushes: 100 ignored/],
  [
    'many pushes',
    'the rest without its reason',
    body((it: Received) => it.ignored.forEach((each) => (each.reason = 'other.test'))),
    /^many pushes: 0 too many/,
  ],
];

/** Single changes to the responses of a replayed push, each with the error of the replay. */
export const PUSH_DEVIATIONS: readonly Row[] = [...PUSH, ...FOLLOWED, ...REFUSED, ...IGNORED];
