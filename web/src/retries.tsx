import type { RefObject, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiClient } from './api-client.ts';
import type { ListedNotification, RetriedNotifications } from './api-shapes.ts';
import { ErrorWords } from './parts/loading-view.tsx';
import { countOf } from './words.ts';

/**
 * The functions that put failed notifications back in the queue, with the state of the retry. Only one retry runs at a
 * time.
 */
export type Retries = {
  readonly isRunning: boolean;
  readonly retry: (notification: ListedNotification) => void;
  readonly retryAll: () => void;
  readonly outcome: Outcome | undefined;
  /** The element that shows the outcome. */
  readonly place: RefObject<HTMLDivElement | null>;
};

type Outcome = { readonly what: string } & ({ readonly retried: number } | { readonly error: unknown });

/**
 * Provides the functions that retry the notifications of a list, and the outcome of the last retry.
 *
 * @param key the name of the list; other lists do not show the outcome
 * @param whenDone called after each retry, whether successful or not
 */
export function useRetries({
  api,
  key,
  whenDone,
}: {
  readonly api: ApiClient;
  readonly key: string;
  readonly whenDone: () => void;
}): Retries {
  const [isRunning, setRunning] = useState(false);
  const [last, setLast] = useState<{ readonly key: string; readonly outcome: Outcome }>();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that had the focus is disabled or no longer exists.
    if (last?.key === key) place.current?.focus();
  }, [last]);

  async function run(path: string, what: string): Promise<void> {
    setRunning(true);
    const outcome = await api.post<RetriedNotifications>(path).then(
      ({ retried }): Outcome => ({ what, retried }),
      (error: unknown): Outcome => ({ what, error }),
    );
    setRunning(false);
    setLast({ key, outcome });
    whenDone();
  }

  return {
    isRunning,
    retry: ({ name, vulnerability }) =>
      void run(`notifications/${encodeURIComponent(name)}/retry`, `the notification about ${vulnerability}`),
    retryAll: () => void run('notifications/retry', 'the notifications'),
    outcome: last?.key === key ? last.outcome : undefined,
    place,
  };
}

/** Shows the outcome of the last retry, which screen readers announce. */
export function RetryOutcome({ retries: { outcome, place } }: { readonly retries: Retries }): VNode {
  return (
    <div role="status" tabIndex={-1} ref={place}>
      {outcome !== undefined && <OutcomeWords outcome={outcome} />}
    </div>
  );
}

function OutcomeWords({ outcome }: { readonly outcome: Outcome }): VNode {
  if ('retried' in outcome) return <p class="notice">{retriedInWords(outcome.retried)}</p>;
  return (
    <p class="notice incomplete">
      <b>Could not retry {outcome.what}.</b> <ErrorWords error={outcome.error} />
    </p>
  );
}

function retriedInWords(retried: number): string {
  if (retried === 0) return 'There are no notifications to retry.';
  return retried === 1
    ? 'The notification is back in the queue. The server is trying to deliver the notification now.'
    : `${countOf(retried, 'notification')} are back in the queue. The server is trying to deliver these notifications now.`;
}
