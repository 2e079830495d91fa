import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import { Command } from 'commander';
import { type Clair, composeClair } from '../../compose/clair.ts';
import { openTargetImages } from '../../compose/target-images.ts';
import type { IndexedImage } from '../../database/contracts/images.ts';
import { reindexImages } from '../../worker/reindex.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import { parseTarget } from '../../worker/sources/target.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { chosenClassifiers, classifiersOption } from '../options/classifiers-option.ts';
import { configOf, configOption, type DatabaseChoice } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { addRegistryOptions, type RegistryOptions } from '../options/registry-options.ts';
import { registryAccess } from '../settings/registry-access.ts';
import { printable } from '../../model/printable.ts';
import { failureText } from '../failure-text.ts';
import { countOf, numberWords } from '../../model/counted-noun.ts';

type ReindexOptions = RegistryOptions & DatabaseChoice & { readonly classifiers?: string };

/**
 * Creates `clair reindex`, which re-analyses images that an older version of Clair, or Clair with other settings,
 * analysed.
 */
export function reindexCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('reindex').description(
    'Re-analyse images after an upgrade of Clair or a change to its settings.',
  );
  return addHelp(
    addRegistryOptions(command.addOption(classifiersOption())).addOption(configOption()).addOption(databaseOption()),
    {
      examples: ['clair reindex'],
      notes: [
        'Clair reads each image from its original location. An image from standard input cannot be read again.',
        'Images that Quay or clairctl posted stay outdated until these clients post them again, because only these clients can provide access to the layers.',
      ],
      exitStatus: {
        0: 'all images that Clair can read are current',
        2: 'an image could not be re-analysed',
        130: 'the command was stopped',
      },
    },
  ).action(async (options: ReindexOptions, self: Command) => {
    const { config, database } = await configOf(self, options, env);
    const classifiers = await chosenClassifiers(options.classifiers, config.worker.classifiers);
    const { fileDigests: hasFileDigests } = config.worker;
    const clair = await composeClair(database, { threads: availableParallelism(), classifiers, hasFileDigests });
    try {
      exit(await reindex(console, clair, options));
    } finally {
      await clair.close();
    }
  });
}

/**
 * Analyses the images again. If an image fails, reports the image, leaves its stored layers unchanged, and continues
 * with the other images.
 */
async function reindex(console: Console, { store, worker }: Clair, options: RegistryOptions): Promise<number> {
  const { signal } = console;
  let done = 0;
  let failed = 0;
  let posted = 0;
  const open = (image: IndexedImage): Promise<ImageSource> => openAgain(console, options, image);
  for await (const each of reindexImages({ store, worker, open, signal })) {
    const { target, platform } = each.image;
    if ('isPosted' in each) posted += 1;
    else if ('error' in each) {
      failed += 1;
      console.err(failureText(each.error, `${target} (${platform})`));
    } else {
      done += 1;
      console.out(`${printable(`${target} (${platform})`)}: ${countOf(each.layers, 'layer')}\n`);
    }
  }
  const waiting = await store.layers.countOutdated(worker.engineVersion);
  const left =
    waiting === 0
      ? ''
      : `; ${countOf(waiting, 'layer')} ${waiting === 1 ? 'stays outdated until its' : 'stay outdated until their'} images are analysed again`;
  if (posted > 0)
    console.out(
      `${countOf(posted, 'image')} ${posted === 1 ? 'stays outdated until Quay or clairctl posts it' : 'stay outdated until Quay or clairctl posts them'} again\n`,
    );
  console.out(`${countOf(done, 'image')} re-analysed, ${numberWords(failed)} failed${left}\n`);
  return failed === 0 ? EXIT_STATUS.done : EXIT_STATUS.failed;
}

/**
 * Opens the image of the target that has the known digest, or the last image of the target if no image has the digest.
 */
async function openAgain(console: Console, options: RegistryOptions, known: IndexedImage): Promise<ImageSource> {
  const access = { ...registryAccess(console, options), allPlatforms: true };
  const { images, close } = await openTargetImages(parseTarget(known.target), access);
  try {
    let image: ImageSource | undefined;
    for (const { open } of images) {
      await image?.close();
      image = await open();
      if (image.digest === known.digest) break;
    }
    if (image === undefined) throw new Error(`${known.target} contains no image`);
    return { ...image, close };
  } catch (error) {
    await close();
    throw error;
  }
}
