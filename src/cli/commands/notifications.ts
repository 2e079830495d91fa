import Table from 'cli-table3';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Notification, NotificationState } from '../../model/notification.ts';
import type { Console } from '../console.ts';
import { databaseOption, databaseOptions } from '../options/database-option.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { printable } from '../../model/printable.ts';
import { jsonText } from '../output/json-text.ts';

type ListOptions = { readonly dead: boolean; readonly json: boolean; readonly db: string };

/** What is listed of a state; the numbers count all. */
const MAX_LISTED = 1000;

/** `clair notifications`: the queue and what was given up; `retry` lets that be delivered again. */
export function notificationsCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('notifications')
    .description('Show the notifications that wait to be delivered, and those that were given up.')
    .option('--dead', 'only those that were given up', false)
    .option('--json', 'write JSON', false)
    .addOption(databaseOption())
    .addHelpText('after', '\nExit status: 0 nothing was given up, 3 something was.')
    .action(async (options: ListOptions) => {
      const clair = await composeClair(databaseOptions(options.db));
      try {
        const counts = await clair.store.notifications.count();
        const listed = await listOf(clair.store, options.dead ? ['dead'] : ['waiting', 'dead']);
        console.out(options.json ? jsonOf(counts, listed) : tableOf(counts, listed));
        exit(counts.dead === 0 ? EXIT_STATUS.done : EXIT_STATUS.incomplete);
      } finally {
        await clair.close();
      }
    })
    .addCommand(retryCommand(console));
}

function retryCommand(console: Console): Command {
  return new Command('retry')
    .argument('[name...]', 'notifications that were given up; all of them when none is named')
    .description('Let notifications that were given up be delivered again, by the server that runs.')
    .action(async (names: readonly string[], _options: object, command: Command) => {
      const { db } = command.optsWithGlobals<{ readonly db: string }>();
      const clair = await composeClair(databaseOptions(db));
      try {
        const wanted = names.length === 0 ? 'all' : names;
        const retried = await clair.store.notifications.retry(wanted, clair.store.now());
        console.out(`${retried.length} of them will be delivered again\n`);
      } finally {
        await clair.close();
      }
    });
}

type ListedState = Exclude<NotificationState, 'delivered'>;

type Listed = { readonly state: ListedState; readonly notification: Notification };
type Counts = Readonly<Record<NotificationState, number>>;

async function listOf(
  { notifications }: Pick<Store, 'notifications'>,
  states: readonly ListedState[],
): Promise<readonly Listed[]> {
  const lists = await Promise.all(
    states.map(async (state) => {
      const found = await notifications.list(state, { after: 0, limit: MAX_LISTED });
      return found.map((notification) => ({ state, notification }));
    }),
  );
  return lists.flat();
}

function jsonOf(counts: Counts, listed: readonly Listed[]): string {
  const rows = listed.map(({ state, notification }) => ({ ...rowOf(notification), state }));
  return jsonText({ ...counts, notifications: rows });
}

function rowOf({ id: _id, change: _change, ...notification }: Notification): object {
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
  const summary = `${waiting} wait to be delivered, ${delivered} to be read; ${dead} were given up\n`;
  if (listed.length === 0) return summary;
  const table = new Table({
    head: ['Name', 'State', 'Kind', 'Feed', 'Vulnerability', 'Failed', 'Last error'],
    colAligns: ['left', 'left', 'left', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { state, notification } of listed) {
    const { name, kind, feed, vulnerability, attempts, error } = notification;
    table.push([name, state, kind, feed, vulnerability, String(attempts), error ?? ''].map(printable));
  }
  return `${table.toString()}\n${summary}`;
}
