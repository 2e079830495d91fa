import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { imageReferenceText, parseImageReference } from '../../model/image-reference.ts';
import type { Submission } from '../../model/submission.ts';
import type { SubmissionQueue } from '../../worker/submissions/submission-queue.ts';
import type { Push } from './pushes.ts';
import type { WebhookKind } from './settings.ts';

/** The result of a push: the submission that analyses the image, or the reason why the push was ignored. */
export type Outcome = { readonly image: string } & ({ readonly submission: string } | { readonly ignored: string });

/** The time during which a push with the same digest is not submitted again. */
const REPEAT_MS = 60_000;

/** The number of most recent submissions to search for a repeated push. */
const LOOKED_AT = 200;

/** The maximum time for resolving the name of a registry. Distribution waits 500 ms for a response by default. */
const MAX_RESOLVING_MS = 300;

export type PushOptions = {
  readonly store: Pick<Store, 'submissions' | 'now'>;
  readonly submissions: Pick<SubmissionQueue, 'submit'>;
  readonly hostGuard: { readonly check: (url: URL, signal: AbortSignal) => Promise<void> };
  readonly registries: readonly string[];
};

/**
 * Submits a pushed image, unless its registry is not configured or the same push was already submitted. The server
 * resolves the tag itself and uses its configured credentials. An ignored push counts as a success, because some
 * registries retry a failed webhook forever.
 *
 * @throws ClairError `submission/queue-full`, `database/…`
 */
export async function submitPush(kind: WebhookKind, push: Push, options: PushOptions): Promise<Outcome> {
  const { store, submissions, hostGuard, registries } = options;
  const given = `${push.name}:${push.tag}`.slice(0, MAX_SHOWN);
  const reference = parseImageReference(`${push.name}:${push.tag}`);
  if (reference === undefined) return { image: given, ignored: 'the name or the tag of the image is invalid' };
  const image = imageReferenceText(reference);
  if (!registries.includes(reference.domain)) {
    return { image, ignored: `the registry ${reference.domain} is not in webhooks.registries` };
  }
  try {
    await hostGuard.check(new URL(`https://${reference.domain}`), AbortSignal.timeout(MAX_RESOLVING_MS));
  } catch (error) {
    // If the name does not resolve now, the later read of the image resolves the name again and reports the error.
    if (error instanceof ClairError) return { image, ignored: `${error.message}. ${error.remedy}` };
  }
  const request = JSON.stringify({ family: 'webhook', kind, digest: push.digest ?? null });
  const former = await formerSubmission(store, image, push, request);
  if (former !== undefined) return { image, submission: former.name };
  const { name } = await submissions.submit({ target: image, platform: null, request });
  return { image, submission: name };
}

/** The maximum length of a name in a response, in characters. */
const MAX_SHOWN = 300;

/**
 * Returns an existing submission that covers a push. Without a digest, only a submission that has not started covers
 * the push, because the tag might have moved after the start.
 */
async function formerSubmission(
  { submissions, now }: PushOptions['store'],
  image: string,
  { digest }: Push,
  request: string,
): Promise<Submission | undefined> {
  const newest = await submissions.list({ before: Number.MAX_SAFE_INTEGER, limit: LOOKED_AT });
  return newest.find((each) => {
    if (each.target !== image || each.request !== request) return false;
    if (each.state === 'queued') return true;
    return digest !== undefined && each.state !== 'failed' && now() - each.createdAt < REPEAT_MS;
  });
}
