import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { openPublishedDatabase } from '../../compose/published-database.ts';
import { ClairError } from '../../errors.ts';
import { readPrivateKey } from '../../updater/artifact/artifact-signature.ts';
import { type Publication, publishDatabase } from '../../updater/artifact/publication.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { clairVersion } from '../../version.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { addRegistryOptions, type RegistryOptions } from '../options/registry-options.ts';
import { registryAccess } from '../settings/registry-access.ts';
import { countOf } from '../../model/counted-noun.ts';

type PublishOptions = DatabaseChoice & RegistryOptions & { readonly key?: string; readonly allowShrink: boolean };

/** Creates `clair db publish`, which publishes the feeds of a database in a registry. */
export function publishCommand(console: Console): Command {
  const command = new Command('publish')
    .description('Publish the data of all feeds to a registry, as an OCI artifact for clair db pull.')
    .argument('<reference>', 'Repository and tag, such as ghcr.io/org/clair-db:1')
    .option('--key <file>', 'Sign with this Ed25519 private key (PEM)')
    .option('--allow-shrink', 'Remove published feeds that the database lacks', false);
  addRegistryOptions(command).addOption(configOption()).addOption(databaseOption());
  return addHelp(command, {
    examples: ['clair db publish ghcr.io/org/clair-db:1', 'clair db publish localhost:5000/clair-db --key clair.key'],
    notes: [
      'Only the data of feeds is published: no layers, images, rules or manual vulnerabilities.',
      'If the tag already contains a published database, files that the registry already has are not uploaded again.',
    ],
    exitStatus: {
      0: 'the feeds were published',
      2: 'the feeds were not published; the tag is unchanged',
      130: 'the command was stopped',
    },
  }).action(async (reference: string, options: PublishOptions, self: Command) => {
    const key = options.key === undefined ? undefined : await readPrivateKey(options.key);
    if (reference.includes('@'))
      throw new ClairError('cli/usage', `${reference} names a digest: name a tag, such as ghcr.io/org/clair-db:1`);
    const published = await openPublishedDatabase(reference, registryAccess(console, options));
    try {
      const clair = await composeClair(await databaseOf(self, options, env));
      try {
        const start = Date.now();
        const publication = await publishDatabase({
          store: clair.store,
          ...published,
          fetchers: FETCHERS,
          enrichers: ENRICHERS,
          version: clairVersion(),
          now: clair.store.now,
          signal: console.signal,
          allowShrink: options.allowShrink,
          ...(key && { key }),
        });
        print(console, reference, publication, start);
      } finally {
        await clair.close();
      }
    } finally {
      await published.close();
    }
  });
}

function print(console: Console, reference: string, publication: Publication, start: number): void {
  const { feeds, leftOut, removed, digest, uploaded, isNewBase } = publication;
  for (const { feed, records, bytes, delta } of feeds) {
    const changes =
      delta === undefined ? '' : `, changes: ${countOf(delta.records, 'entry', 'entries')}, ${megabytes(delta.bytes)}`;
    console.out(`${feed}: ${countOf(records, 'entry', 'entries')}, ${megabytes(bytes)}${changes}\n`);
  }
  for (const feed of leftOut) console.out(`${feed}: skipped, because no data is stored\n`);
  for (const feed of removed) console.out(`${feed}: removed from the published database\n`);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const base = isNewBase ? ', with a new SQLite file' : '';
  console.out(`${reference}@${digest}: uploaded ${megabytes(uploaded)}${base} (${seconds} s)\n`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
