import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { type Clair, composeClair } from '../../compose/clair.ts';
import { openTargetImages } from '../../compose/target-images.ts';
import type { IndexedImage } from '../../database/contracts/images.ts';
import { reindexImages } from '../../worker/reindex.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import { parseTarget } from '../../worker/sources/target.ts';
import type { Console } from '../console.ts';
import { databaseOption, databaseOptions } from '../options/database-option.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { addRegistryOptions, registryAccess, type RegistryOptions } from '../options/registry-options.ts';
import { printable } from '../../model/printable.ts';
import { failureText } from '../failure-text.ts';

/** `clair reindex`: analyses again what an older version of Clair analysed. */
export function reindexCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('reindex').description(
    'Analyse again, from where they were read, the images that an older version of Clair analysed.',
  );
  return addRegistryOptions(command)
    .addOption(databaseOption())
    .addHelpText('after', '\nExit status: 0 all are up to date, 2 an image could not be analysed again.')
    .action(async (options: RegistryOptions & { readonly db: string }) => {
      const clair = await composeClair(databaseOptions(options.db), { threads: availableParallelism() });
      try {
        exit(await reindex(console, clair, options));
      } finally {
        await clair.close();
      }
    });
}

/** An image that fails is told, stays as it is, and does not stop the others. */
async function reindex(console: Console, { store, worker }: Clair, options: RegistryOptions): Promise<number> {
  const { signal } = console;
  let done = 0;
  let failed = 0;
  const open = (image: IndexedImage): Promise<ImageSource> => openAgain(console, options, image);
  for await (const each of reindexImages({ store, worker, open, signal })) {
    const { target, platform } = each.image;
    if ('error' in each) {
      failed += 1;
      console.err(failureText(each.error, `${target} (${platform})`));
    } else {
      done += 1;
      console.out(`${printable(`${target} (${platform})`)}: ${each.layers} layers\n`);
    }
  }
  const waiting = await store.layers.countOutdated(worker.engineVersion);
  const left = waiting === 0 ? '' : `; ${waiting} layers wait until they are submitted again`;
  console.out(`${done} images analysed again, ${failed} failed${left}\n`);
  return failed === 0 ? EXIT_STATUS.done : EXIT_STATUS.failed;
}

/** Opens of the images that a target stands for the one that is meant; another one when it is no longer among them. */
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
    if (image === undefined) throw new Error(`${known.target} was opened, but is no image`);
    return { ...image, close };
  } catch (error) {
    await close();
    throw error;
  }
}
