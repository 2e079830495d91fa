import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { openPublishedDatabase, type PublishedDatabase } from '../../compose/published-database.ts';
import type { DatabaseOptions } from '../../database/open-store.ts';
import { ClairError } from '../../errors.ts';
import { printable } from '../../model/printable.ts';
import { DEFAULT_SHRINK_BOUND } from '../../model/shrink-bound.ts';
import { readArtifact } from '../../updater/artifact/artifact-reader.ts';
import { readPublicKey } from '../../updater/artifact/artifact-signature.ts';
import { placeBase } from '../../updater/artifact/base-placement.ts';
import { type PulledFeed, pullFeeds } from '../../updater/artifact/database-pull.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import type { Console } from '../console.ts';
import { EXIT_STATUS, failureStatus } from '../exit-status.ts';
import { failureText } from '../failure-text.ts';
import { lockWaitOf } from '../feeds/pulled-feeds.ts';
import { addHelp } from '../help.ts';
import { configOf, configOption, type DatabaseChoice } from '../options/config-option.ts';
import { databaseOption, databaseText } from '../options/database-option.ts';
import { nameList } from '../options/list-option.ts';
import { addRegistryOptions, type RegistryOptions } from '../options/registry-options.ts';
import { registryAccess } from '../settings/registry-access.ts';

type PullChoice = DatabaseChoice &
  RegistryOptions & { readonly key?: string; readonly feed: readonly string[]; readonly allowShrink: boolean };

/** Creates `clair db pull`, which fetches the feeds of a published database. */
export function pullCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('pull')
    .description('Pull feed data that clair db publish stored in a registry, and download only changes.')
    .argument('[reference]', 'Repository and tag or digest (default: updater.database)')
    .option('--feed <names>', 'Pull only these feeds, such as alpine,nvd (default: all)', nameList, [])
    .option('--key <file>', 'Require a signature by this public key (PEM; Ed25519 or cosign.pub)')
    .option('--allow-shrink', 'Accept feeds with far fewer entries than the stored feeds', false);
  addRegistryOptions(command).addOption(configOption()).addOption(databaseOption());
  return addHelp(command, {
    examples: ['clair db pull ghcr.io/org/clair-db:1', 'clair db pull localhost:5000/clair-db --key clair.pub'],
    notes: ['Stored feeds that are newer are kept. Commands and servers can use the database during the pull.'],
    exitStatus: {
      0: 'each requested feed is stored as published, or the stored data is newer',
      2: 'a feed was not pulled; its stored data is unchanged',
    },
  }).action(async (reference: string | undefined, options: PullChoice, self: Command) => {
    const { config, database } = await configOf(self, options, env);
    const { database: configured, databaseKey } = config.updater;
    const chosen = reference ?? configured;
    if (chosen === undefined)
      throw new ClairError('cli/usage', 'no published database: name a reference, or set updater.database');
    // The configured key applies only to the configured reference.
    const key = options.key ?? (chosen === configured ? databaseKey : undefined);
    const published = await openPublishedDatabase(chosen, registryAccess(console, options));
    try {
      exit(await pull(console, published, { ...options, database, ...(key !== undefined && { key }) }));
    } finally {
      await published.close();
    }
  });
}

async function pull(
  console: Console,
  { place }: PublishedDatabase,
  { key, feed: wanted, allowShrink, database }: PullChoice & { readonly database: DatabaseOptions },
): Promise<number> {
  const { signal } = console;
  const start = Date.now();
  const publicKey = key === undefined ? undefined : await readPublicKey(key);
  const artifact = await readArtifact(place, { signal, ...(publicKey && { key: publicKey }) });
  const { clair: version, publishedAt } = artifact.config;
  console.out(printable(`${place.where}: ${artifact.digest}, published at ${publishedAt} by Clair ${version}`));
  console.out(publicKey === undefined ? '\n' : `, signed by ${printable(publicKey.path)}\n`);
  const unknown = wanted.find((name) => artifact.config.feeds.every(({ state }) => state.feed !== name));
  if (unknown !== undefined) {
    const names = artifact.config.feeds.map(({ state }) => state.feed).join(', ');
    throw new ClairError('feed/unknown', printable(`${place.where} has no feed ${unknown}: its feeds are ${names}`));
  }
  let bytes = 0;
  const received = (count: number): void => void (bytes += count);
  if (database.type === 'sqlite' && wanted.length === 0) {
    const isCreated = await placeBase(database.path, place, artifact, { signal, received });
    if (isCreated) console.out(`created the database from the published SQLite file (${secondsSince(start)})\n`);
  }
  const clair = await composeClair(database);
  try {
    let status: number = EXIT_STATUS.done;
    for await (const each of pullFeeds({
      store: clair.store,
      place,
      artifact,
      known: [...FETCHERS, ...ENRICHERS],
      ...(wanted.length > 0 && { wanted }),
      ...(!allowShrink && { maxShrink: DEFAULT_SHRINK_BOUND }),
      received,
      lockWait: lockWaitOf(console),
      signal,
    })) {
      print(console, each);
      if (each.kind === 'failed' && status === EXIT_STATUS.done) status = failureStatus(each.error);
    }
    console.out(`database: ${printable(databaseText(database))}\n`);
    console.out(`downloaded ${(bytes / 1e6).toFixed(2)} MB (${secondsSince(start)})\n`);
    return status;
  } finally {
    await clair.close();
  }
}

function print(console: Console, pulled: PulledFeed): void {
  const { feed, fetchedAt } = pulled;
  if (pulled.kind === 'failed') {
    console.err(failureText(pulled.error, feed));
    return;
  }
  const time = `data of ${new Date(fetchedAt).toISOString()}`;
  const { added, changed, withdrawn } = pulled.counts;
  const what = {
    unchanged: `unchanged; ${time}`,
    newer: `kept, because the stored data is newer than the published ${time}`,
    updated: `${added} added, ${changed} changed, ${withdrawn} withdrawn; ${time} (${(pulled.bytes / 1e6).toFixed(2)} MB)`,
  }[pulled.kind];
  console.out(`${feed}: ${what}\n`);
}

function secondsSince(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}
