import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { ListedNotification, NotificationList, ServerStatus } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { RetryOutcome, type Retries, useRetries } from './retries.tsx';
import { TableFrame } from './parts/table-frame.tsx';
import { TimeWord } from './parts/time-word.tsx';
import { TokenPager, usePageTokens, withPage } from './parts/token-pager.tsx';
import { NOTIFICATION_STATES, type NotificationState, notificationsAddress, vulnerabilityAddress } from './place.ts';
import { countOf } from './words.ts';

const NOTIFICATIONS_PER_PAGE = '50';

/** What is said of the notifications in a state. */
const STATE_WORDS: Readonly<
  Record<NotificationState, { readonly link: string; readonly is: string; readonly none: string }>
> = {
  waiting: {
    link: 'Waiting',
    is: 'Not all channels took them yet: each is tried again, until it is given up.',
    none: 'No notification waits to be delivered.',
  },
  delivered: {
    link: 'Delivered',
    is: 'All channels took them. The last delivery comes first. A notification stays here for some time after it was read.',
    none: 'No delivered notifications. Housekeeping removes old ones.',
  },
  dead: {
    link: 'Dead',
    is: 'All attempts to deliver them failed: they are not tried again until you retry them.',
    none: 'No notification was given up.',
  },
};

/** The kinds of notifications, in words; one that a newer server has stands there as it is. */
const KIND_WORDS: Readonly<Record<string, string>> = {
  new: 'new in known layers',
  'severity-increased': 'worse than was known',
  'packages-changed': 'in other layers than was known',
  withdrawn: 'withdrawn by its feed',
};

function kindInWords({ kind }: ListedNotification): string {
  return KIND_WORDS[kind] ?? kind;
}

/** The notifications in one of their states, and how far their delivery has come. */
export function NotificationsPage({
  api,
  state,
}: {
  readonly api: ApiClient;
  readonly state: NotificationState;
}): VNode {
  const [tokens, setTokens, toFirst] = usePageTokens(state);
  const path = `notifications?${withPage({ limit: NOTIFICATIONS_PER_PAGE, state }, tokens.at(-1))}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<NotificationList>(path, signal), path, state);
  const [status] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const retries = useRetries({ api, key: state, whenDone: reload });
  const mayRetry = state === 'dead' && status.state === 'ready' && status.value.access === 'full';
  return (
    <>
      <h1>Notifications</h1>
      <p>What was published or changed, and touches layers that are known.</p>
      <nav class="choice" aria-label="States of notifications">
        {NOTIFICATION_STATES.map((each) => (
          <a key={each} href={notificationsAddress(each)} aria-current={each === state ? 'page' : undefined}>
            {STATE_WORDS[each].link}
          </a>
        ))}
      </nav>
      <RetryOutcome retries={retries} />
      <LoadingView loaded={loaded} what="the notifications" reload={reload} toFirst={toFirst}>
        {({ notifications, nextPage }) => (
          <>
            {notifications.length === 0 ? (
              <p class="empty">{STATE_WORDS[state].none}</p>
            ) : (
              <>
                <p class={state === 'dead' ? 'notice incomplete' : 'faint'}>{STATE_WORDS[state].is}</p>
                {mayRetry && (
                  <p>
                    <button type="button" disabled={retries.isRunning} onClick={retries.retryAll}>
                      Retry all
                    </button>
                  </p>
                )}
                <NotificationsTable
                  state={state}
                  notifications={notifications}
                  retries={mayRetry ? retries : undefined}
                />
              </>
            )}
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of notifications" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </>
  );
}

function NotificationsTable({
  state,
  notifications,
  retries,
}: {
  readonly state: NotificationState;
  readonly notifications: readonly ListedNotification[];
  /** Undefined where nothing can be retried. */
  readonly retries: Retries | undefined;
}): VNode {
  return (
    <TableFrame label="Notifications" columns={['Vulnerability', 'What', 'Feed', 'Made', 'Delivery']}>
      {notifications.map((notification) => (
        <tr key={notification.name}>
          <th scope="row" class="identifier">
            <a href={vulnerabilityAddress(notification.vulnerability)}>{notification.vulnerability}</a>
            <small>
              <code>{notification.name}</code>
            </small>
          </th>
          <td>{kindInWords(notification)}</td>
          <td data-label="Feed">{notification.feed}</td>
          <td data-label="Made">
            <TimeWord at={notification.createdAt} />
          </td>
          <td>
            {state === 'delivered' ? (
              <DeliveryHistory notification={notification} />
            ) : (
              <Delivery notification={notification} />
            )}
            {retries !== undefined && (
              <button
                type="button"
                disabled={retries.isRunning}
                aria-label={`Retry ${notification.vulnerability} (${kindInWords(notification)})`}
                onClick={() => retries.retry(notification)}
              >
                Retry
              </button>
            )}
          </td>
        </tr>
      ))}
    </TableFrame>
  );
}

/** How far the delivery of a notification has come that waits or is dead. */
function Delivery({
  notification: { notifiedAt, attempts, error, dueAt },
}: {
  readonly notification: ListedNotification;
}): VNode {
  return (
    <>
      {notifiedAt !== null && (
        <div>
          Delivered <TimeWord at={notifiedAt} />
        </div>
      )}
      {attempts > 0 && <div>{countOf(attempts, 'attempt')} failed</div>}
      {error !== null && (
        <div class="words">
          <bdi>{error}</bdi>
        </div>
      )}
      {dueAt !== null && (
        <div>
          Next attempt <TimeWord at={dueAt} />
        </div>
      )}
    </>
  );
}

/** How a notification was delivered, and whether it will be again. */
function DeliveryHistory({ notification }: { readonly notification: ListedNotification }): VNode {
  const { notifiedAt, readAt, dueAt, channels, deliveries, totalAttempts, lastFailure } = notification;
  return (
    <>
      {notifiedAt !== null && (
        <div>
          Delivered <TimeWord at={notifiedAt} />
          {channels.length > 0 && ` to ${channels.join(' and ')}`}
        </div>
      )}
      <div>
        {countOf(totalAttempts, 'attempt')}
        {deliveries > 1 && `, ${deliveries.toLocaleString('en')} of them delivered`}
      </div>
      {lastFailure !== null && (
        <div class="words">
          Last failed attempt {lastFailure.at !== null && <TimeWord at={lastFailure.at} />}:{' '}
          <bdi>{lastFailure.reason}</bdi>
        </div>
      )}
      {dueAt !== null && (
        <div>
          Again, unless it is read, <TimeWord at={dueAt} />
        </div>
      )}
      {readAt !== null && (
        <div>
          {readAt === notifiedAt ? (
            'It held everything, and is not sent again.'
          ) : (
            <>
              Read <TimeWord at={readAt} />
            </>
          )}
        </div>
      )}
    </>
  );
}
