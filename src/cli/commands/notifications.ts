import { env } from 'node:process';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { WaitingUpdateNotification } from '../../database/contracts/update-notifications.ts';
import { ClairError } from '../../errors.ts';
import type { Notification, NotificationState } from '../../model/notification.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { addTableOrJson, isGiven, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { printable } from '../../model/printable.ts';
import { jsonText } from '../output/json-text.ts';
import { countOf } from '../../model/counted-noun.ts';

type ListOptions = TableOrJson & { readonly failed: boolean } & DatabaseChoice;

/**
 * The maximum number of notifications to list in each state, and separately the maximum number of pending notifications
 * for Clair v4 clients. The counts include all notifications.
 */
const MAX_LISTED = 1000;

/**
 * Creates `clair notifications`, which lists pending and failed notifications; `retry` queues failed notifications
 * again.
 */
export function notificationsCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('notifications')
    .description('List pending and failed notifications.')
    .option('--failed', 'List only failed notifications', false)
    // The former name of `--failed`.
    .addOption(new Option('--dead').implies({ failed: true }).hideHelp());
  return addHelp(addTableOrJson(command).addOption(configOption()).addOption(databaseOption()), {
    examples: ['clair notifications', 'clair notifications --failed --format json', 'clair notifications retry'],
    exitStatus: { 0: 'no notification has failed', 3: 'a notification has failed' },
  })
    .action(async (options: ListOptions, self: Command) => {
      const clair = await composeClair(await databaseOf(self, options, env));
      try {
        const counts = await countsOf(clair.store);
        const listed = await listOf(clair.store, options.failed ? ['dead'] : ['waiting', 'dead']);
        const text = options.format === 'json' ? jsonOf(counts, listed) : tableOf(counts, listed);
        await writeOutput(console, options, () => [text]);
        exit(counts.dead === 0 ? EXIT_STATUS.done : EXIT_STATUS.incomplete);
      } finally {
        await clair.close();
      }
    })
    .addCommand(retryCommand(console, command));
}

/** @param parent the command that parses the database options, even options after the name of the subcommand */
function retryCommand(console: Console, parent: Command): Command {
  const command = new Command('retry')
    .argument('[name...]', 'Names of failed notifications (default: all)')
    .description('Queue failed notifications again; a running server then delivers these notifications.');
  return addHelp(command, { examples: ['clair notifications retry'] }).action(async (names: readonly string[]) => {
    const without = ['failed', 'format', 'output'].find((name) => isGiven(parent, name));
    if (without !== undefined)
      throw new ClairError('cli/usage', `retry has no option --${without}: remove --${without}`);
    const clair = await composeClair(await databaseOf(parent, parent.opts<DatabaseChoice>(), env));
    try {
      const wanted = names.length === 0 ? 'all' : names;
      const retried = await clair.store.notifications.retry(wanted, clair.store.now());
      console.out(`Queued ${countOf(retried.length, 'notification')}.\n`);
    } finally {
      await clair.close();
    }
  });
}

/**
 * The kind of notifications for Clair v4 clients. Each notification of this kind is about all changes of a feed update.
 */
const UPDATE_KIND = 'feed-updated';

type ListedState = Exclude<NotificationState, 'delivered'>;

/** The names of the states in the table; the JSON output contains the states of the API. */
const STATE_WORDS: Readonly<Record<ListedState, string>> = { waiting: 'pending', dead: 'failed' };

/** A listed notification: about a vulnerability or, for Clair v4 clients, about a feed update. */
type Listed = { readonly state: ListedState; readonly notification: Notification | WaitingUpdateNotification };
type Queues = Pick<Store, 'notifications' | 'updateNotifications'>;
type Counts = Readonly<Record<NotificationState, number>>;

async function countsOf({ notifications, updateNotifications }: Queues): Promise<Counts> {
  const counts = await notifications.count();
  return { ...counts, waiting: counts.waiting + (await updateNotifications.waiting()) };
}

async function listOf(
  { notifications, updateNotifications }: Queues,
  states: readonly ListedState[],
): Promise<readonly Listed[]> {
  const lists = await Promise.all(
    states.map(async (state) => {
      const found = await notifications.list(state, { after: 0, limit: MAX_LISTED });
      return found.map((notification) => ({ state, notification }));
    }),
  );
  const updates = states.includes('waiting') ? await updateNotifications.listWaiting(MAX_LISTED) : [];
  return [...lists.flat(), ...updates.map((notification) => ({ state: 'waiting', notification }) as const)];
}

function jsonOf(counts: Counts, listed: readonly Listed[]): string {
  const rows = listed.map(({ state, notification }) => ({ ...rowOf(notification), state }));
  return jsonText({ ...counts, notifications: rows });
}

function rowOf(listed: Listed['notification']): object {
  if (!('kind' in listed)) {
    const { name, feed, createdAt, attempts, error, dueAt } = listed;
    return { name, kind: UPDATE_KIND, feed, createdAt: timeText(createdAt), attempts, error, dueAt: timeText(dueAt) };
  }
  const { id: _id, change: _change, ...notification } = listed;
  const { createdAt, notifiedAt, readAt, deadAt, dueAt, lastFailure, ...rest } = notification;
  return {
    ...rest,
    createdAt: timeText(createdAt),
    notifiedAt: timeText(notifiedAt),
    readAt: timeText(readAt),
    deadAt: timeText(deadAt),
    dueAt: timeText(dueAt),
    lastFailure: lastFailure && { at: timeText(lastFailure.at), reason: lastFailure.reason },
  };
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function tableOf({ waiting, delivered, dead }: Counts, listed: readonly Listed[]): string {
  const summary = `${waiting} pending, ${delivered} delivered and unread, ${dead} failed\n`;
  if (listed.length === 0) return summary;
  const table = new Table({
    head: ['Name', 'State', 'Kind', 'Feed', 'Vulnerability', 'Failed attempts', 'Last error'],
    colAligns: ['left', 'left', 'left', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { state, notification } of listed) {
    const { name, feed, attempts, error } = notification;
    const [kind, vulnerability] =
      'kind' in notification ? [notification.kind, notification.vulnerability] : [UPDATE_KIND, ''];
    table.push([name, STATE_WORDS[state], kind, feed, vulnerability, String(attempts), error ?? ''].map(printable));
  }
  return `${table.toString()}\n${summary}`;
}
