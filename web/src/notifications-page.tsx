import type { VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { ListedNotification, NotificationList, ServerStatus } from './api-shapes.ts';
import { useLoaded } from './loaded.ts';
import { LoadingView } from './parts/loading-view.tsx';
import { RetryOutcome, type Retries, useRetries } from './retries.tsx';
import { TableFrame } from './parts/table-frame.tsx';
import { AgoWord } from './parts/ago-word.tsx';
import { TimeWord } from './parts/time-word.tsx';
import { MAX_PAGE_SIZE, useNumberedPage } from './paging/numbered-pages.ts';
import { withPage } from './paging/page-query.ts';
import { RangePager, toFirstPage } from './paging/range-pager.tsx';
import { NOTIFICATION_STATES, type NotificationState, notificationsAddress, vulnerabilityAddress } from './place.ts';
import { countOf } from './words.ts';

const NOTIFICATIONS_PER_PAGE = 50;

/** The texts for each state of notifications. */
const STATE_WORDS: Readonly<
  Record<NotificationState, { readonly link: string; readonly about: string; readonly none: string }>
> = {
  waiting: {
    link: 'Waiting',
    about:
      'These notifications have not been delivered yet. The server retries each notification until its attempts are used up.',
    none: 'No notifications are waiting for delivery.',
  },
  delivered: {
    link: 'Delivered',
    about:
      'Latest delivery first. The setting housekeeping.notifications determines how long notifications are kept after they are read.',
    none: 'No delivered notifications. Housekeeping removes old notifications.',
  },
  dead: {
    link: 'Failed',
    about:
      'The delivery or a reminder failed, and no attempts are left. The server sends these notifications only if you retry them.',
    none: 'No failed notifications.',
  },
};

/** The texts for the kinds of notifications. An unknown kind from a newer server is shown unchanged. */
const KIND_WORDS: Readonly<Record<string, string>> = {
  new: 'new vulnerability',
  'severity-increased': 'higher severity',
  'packages-changed': 'affected packages changed',
  withdrawn: 'withdrawn by the feed',
};

function kindInWords({ kind }: ListedNotification): string {
  return KIND_WORDS[kind] ?? kind;
}

/** Shows the notifications in a state, with their deliveries. */
export function NotificationsPage({
  api,
  state,
  number,
}: {
  readonly api: ApiClient;
  readonly state: NotificationState;
  /** The number of the page of notifications, from 1. */
  readonly number: number;
}): VNode {
  const [loaded, reload] = useNumberedPage({
    list: state,
    number,
    load: async (token, limit, signal) =>
      await api.page<NotificationList>(`notifications?${withPage({ limit: `${limit}`, state }, token)}`, signal),
    sizeOf: ({ notifications }) => notifications.length,
    pageSize: NOTIFICATIONS_PER_PAGE,
    passedSize: MAX_PAGE_SIZE,
  });
  const addressOf = (page: number): string => notificationsAddress(state, page);
  const [status] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const retries = useRetries({ api, key: state, whenDone: reload });
  const mayRetry = state === 'dead' && status.state === 'ready' && status.value.access === 'full';
  return (
    <>
      <h1>Notifications</h1>
      <p>New and changed vulnerabilities that affect layers in the database.</p>
      <nav class="choice" aria-label="State of the notifications">
        {NOTIFICATION_STATES.map((each) => (
          <a key={each} href={notificationsAddress(each)} aria-current={each === state ? 'page' : undefined}>
            {STATE_WORDS[each].link}
          </a>
        ))}
      </nav>
      <RetryOutcome retries={retries} />
      <LoadingView loaded={loaded} what="the notifications" reload={reload} toFirst={toFirstPage(number, addressOf)}>
        {(of) => (
          <>
            {of.size === 0 ? (
              <p class="empty">{STATE_WORDS[state].none}</p>
            ) : (
              <>
                <p class={state === 'dead' ? 'notice incomplete' : 'faint'}>{STATE_WORDS[state].about}</p>
                {mayRetry && (
                  <p>
                    <button type="button" disabled={retries.isRunning} onClick={retries.retryAll}>
                      Retry all
                    </button>
                  </p>
                )}
                <NotificationsTable
                  state={state}
                  notifications={of.page.notifications}
                  retries={mayRetry ? retries : undefined}
                />
              </>
            )}
            <RangePager of={of} label="Pages of notifications" addressOf={addressOf} />
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
  /** The retries; undefined if retries are not possible. */
  readonly retries: Retries | undefined;
}): VNode {
  return (
    <TableFrame label="Notifications" columns={['Vulnerability', 'Change', 'Feed', 'Created', 'Delivery']}>
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
          <td data-label="Created">
            <AgoWord at={notification.createdAt} />
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

/** Shows the delivery of a waiting or failed notification. */
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
      {attempts > 0 && <div>{countOf(attempts, 'failed attempt')}</div>}
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

/** Shows the past deliveries of a notification, and the next delivery, if any. */
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
        {deliveries > 1 && `, ${deliveries.toLocaleString('en')} deliveries`}
      </div>
      {lastFailure !== null && (
        <div class="words">
          Last failed attempt {lastFailure.at !== null && <TimeWord at={lastFailure.at} />}:{' '}
          <bdi>{lastFailure.reason}</bdi>
        </div>
      )}
      {dueAt !== null && (
        <div>
          Next reminder unless read: <TimeWord at={dueAt} />
        </div>
      )}
      {readAt !== null && (
        <div>
          {readAt === notifiedAt ? (
            'Marked as read on delivery, so no reminders are sent.'
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
