import { env } from 'node:process';
import { Command } from 'commander';
import { type Clair, composeClair } from '../../compose/clair.ts';
import type { ListedImage } from '../../database/contracts/image-counts.ts';
import { printable } from '../../model/printable.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { imageSummary, type ImageSummary, listedSummary } from '../../report/image/image-summary.ts';
import { reportableImage } from '../../report/image/indexed-image.ts';
import { columnLines } from '../../report/table/columns.ts';
import { numberWords } from '../../model/counted-noun.ts';
import { type Console, interruptible } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { limitOption, listedText } from '../limit-option.ts';
import { configOf, configOption, type DatabaseChoice } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { addTableOrJson, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { discoveredUpdaterPlan } from '../settings/updater-settings.ts';
import { jsonText } from '../output/json-text.ts';

type ImagesOptions = DatabaseChoice & TableOrJson & { readonly search?: string; readonly limit: number };

/** The JSON output. New versions may add fields, but not change or remove them. */
type ImageList = {
  readonly images: readonly ImageSummary[];
  /** Whether more images match than `--limit` allows. */
  readonly hasMore: boolean;
};

const HELP: HelpParts = {
  examples: ['clair images', 'clair images --search registry.example/app --format json'],
  notes: [
    'The most recently scanned images come first.',
    'clair scan indexes images from registries and daemons; for an archive or a layout, add --verify.',
    'Clair prints the counts that clair serve stored, and counts again if the stored counts are missing or out of date.',
  ],
  exitStatus: {
    0: 'the images were listed',
    2: 'an option is invalid, or the database could not be read',
    130: 'the command was stopped',
  },
};

/** Creates `clair images`, which lists the indexed images, most recently scanned first, with their counts. */
export function imagesCommand(console: Console): Command {
  const command = new Command('images').description('List the indexed images with the counts of their findings.');
  addTableOrJson(command)
    .option('--search <text>', 'List only images with this text in their name')
    .addOption(limitOption('List at most this many images'))
    .addOption(configOption())
    .addOption(databaseOption());
  return addHelp(command, HELP).action(async (options: ImagesOptions, self: Command) => {
    const { config, database } = await configOf(self, options, env);
    const { settings } = await discoveredUpdaterPlan(env, options.config);
    const clair = await composeClair(database, { updater: settings, suppressionFiles: config.suppression.files });
    try {
      const list = await listedImages(console, clair, options);
      await writeOutput(console, options, (look) => [
        options.format === 'json' ? jsonText(list) : tableOf(list, options.search ?? '', look?.columns),
      ]);
    } finally {
      await clair.close();
    }
  });
}

async function listedImages(
  console: Console,
  clair: Clair,
  { search = '', limit: most }: ImagesOptions,
): Promise<ImageList> {
  const { store } = clair;
  const present = { basis: await clair.basis(), revisions: await store.counts.revisions() };
  const { images, next } = await store.counts.list({
    order: 'scannedAt',
    filters: { ...(search !== '' && { search }) },
    after: undefined,
    limit: most,
    maxLooked: Number.MAX_SAFE_INTEGER,
  });
  const summaries: ImageSummary[] = [];
  for (const image of images) {
    const stored = listedSummary(image, { ...present, now: store.now() });
    summaries.push(
      stored.isCurrent ? stored : await interruptible(console, async () => await countedNow(clair, image, stored)),
    );
  }
  return { images: summaries, hasMore: next !== undefined };
}

/** Returns the summary of an image from a new report, or the stored summary if the image was removed meanwhile. */
async function countedNow(clair: Clair, { digest }: ListedImage, stored: ImageSummary): Promise<ImageSummary> {
  const found = await reportableImage(clair.store, digest);
  return found === undefined ? stored : imageSummary(found.known, await clair.report(found.image, found.layers));
}

const HEAD = ['Image', 'Platform', 'Digest', 'Scanned', 'Layers', 'Packages', 'Findings', 'KEV', 'Report'];

/** The columns that can be narrower than their texts: the image and the findings. */
const NARROW = [0, 6];

function tableOf({ images, hasMore }: ImageList, search: string, columns: number | undefined): string {
  if (images.length === 0)
    return search === '' ? 'No indexed images.\n' : `No indexed image has "${printable(search)}" in its name.\n`;
  const cells = [HEAD, ...images.map(rowOf)].map((row) => row.map((text) => ({ text: printable(text) })));
  return [...columnLines(cells, NARROW, columns), listedText(images.length, 'image', hasMore), ''].join('\n');
}

function rowOf(image: ImageSummary): readonly string[] {
  const { reference, platform, digest, scannedAt, layers, packages, kev, countState } = image;
  return [
    reference,
    platform,
    digest.replace(/^([^:]+:.{12}).*$/, '$1'),
    `${scannedAt.slice(0, 16).replace('T', ' ')} UTC`,
    numberWords(layers),
    packages === null ? '-' : numberWords(packages),
    findingsText(image),
    kev === null ? '-' : numberWords(kev),
    countState === 'counted' ? (image.isIncomplete ? 'incomplete' : 'complete') : 'not counted',
  ];
}

function findingsText({ severities }: ImageSummary): string {
  if (severities === null) return '-';
  const found = SEVERITIES.toReversed().filter((severity) => severities[severity] > 0);
  if (found.length === 0) return '0';
  return found.map((severity) => `${numberWords(severities[severity])} ${severity.toLowerCase()}`).join(', ');
}
