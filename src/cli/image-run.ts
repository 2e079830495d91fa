import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Clair, composeClair } from '../compose/clair.ts';
import { openTargetImages } from '../compose/target-images.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Layer } from '../model/layer.ts';
import { type Diagnostic, DIAGNOSTICS } from '../model/report/diagnostic.ts';
import type { Report } from '../model/report/report.ts';
import { readSuppressionFiles } from '../suppression/suppression-files.ts';
import type { RuleSet } from '../suppression/suppression-rule.ts';
import { attachmentDiagnostics } from '../compose/attestations/attached-comparison.ts';
import { type Attachments, readAttachments } from '../compose/attestations/attached-documents.ts';
import { attachedRules } from '../compose/attestations/attached-rules.ts';
import { claimedLayers } from '../worker/rereading/claimed-layers.ts';
import type { ImageSource } from '../worker/sources/image-source.ts';
import type { ImageSet, PlatformImage } from '../worker/sources/image-set.ts';
import { type Platform, parsePlatform } from '../worker/sources/image/platform.ts';
import { parseTarget } from '../worker/sources/target.ts';
import { chosenClassifiers, classifiersOption } from './options/classifiers-option.ts';
import { openNamedImages } from './bare-name.ts';
import { baseLayersOf } from './options/base-option.ts';
import { type Console, interruptible } from './console.ts';
import { databaseOption, databaseOptions } from './options/database-option.ts';
import { createImageFeeds, createUpdatedFeeds, type ImageFeeds, type RefreshFeeds } from './image-feeds.ts';
import { createPulledFeeds } from './pulled-feeds.ts';
import { showingProgress } from './output/reading-progress.ts';
import { nameList, pathList } from './options/list-option.ts';
import { addRegistryOptions, registryAccess, type RegistryOptions } from './options/registry-options.ts';
import { errorOfStandardInput, imagesOfStandardInput, readStandardInput } from './options/standard-input.ts';
import {
  checkSbomOptions,
  distributionOption,
  sbomImageOption,
  type SbomOptions,
  sbomVexOption,
} from './sbom-options.ts';
import { discoveredUpdaterPlan } from './settings/updater-settings.ts';

export const IMAGE_ARGUMENT = 'Image name, path, or - for an archive on standard input';

/** A help note about the names of images. */
export const IMAGE_FORMS =
  'A prefix selects the image source: registry:, docker:, podman:, docker-archive:, oci:, oci-archive:, rootfs: or sbom:. A path such as ./app.tar or ./DIRECTORY needs no prefix. Without a prefix, images in Docker or Podman on this machine take precedence over the registry, except for names with a digest.';

/** The values of the options that {@link addImageOptions} adds. */
export type ImageOptions = RegistryOptions &
  SbomOptions & {
    readonly db: string;
    readonly base?: string;
    readonly classifiers?: string;
    readonly verify?: boolean;
    readonly ignore: readonly string[];
    readonly vex: readonly string[];
    readonly update: boolean;
  };

/** Adds the options of every command that analyses an image and finds its vulnerabilities. */
export function addImageOptions(command: Command): Command {
  command
    .optionsGroup('Suppression:')
    .option('--ignore <file>', 'Suppress findings that match the rules in this file (repeatable)', pathList, [])
    .option('--vex <file>', 'Apply the statements of this OpenVEX or CSAF document (repeatable)', pathList, [])
    .addOption(sbomVexOption())
    .optionsGroup('Image:')
    .option('--base <image or number>', 'Base image or its layer count, if Clair cannot detect the base')
    .addOption(distributionOption())
    .addOption(sbomImageOption())
    .option('--verify', 'Verify and store the layers of an archive or layout', false)
    .addOption(platformOption('Linux on this architecture'))
    .addOption(classifiersOption());
  return addRegistryOptions(command)
    .option(
      '--partial-fetch <hosts>',
      'Fetch only parts of zstd:chunked layers from these registries (list)',
      nameList,
      [],
    )
    .optionsGroup('Database:')
    .option('--update', 'First update the feeds for the packages in the image (at most hourly)', false)
    .addOption(databaseOption());
}

/** @param fallback the default platform, for help */
export function platformOption(fallback: string): Option {
  const option = new Option('--platform <os/arch[/variant]>', `Platform of the image (default: ${fallback})`);
  return option.argParser(platform);
}

/** A run of a command that analyses images. */
export type ImageRun = {
  readonly clair: Clair;
  readonly console: Console;
  readonly options: ImageOptions;
  readonly suppressions: RuleSet;
  /** Updates the feeds of the images; present with `--update`, and with `updater.database` unless Clair is offline. */
  readonly updateFeeds?: ImageFeeds;
};

/** An analysed image; the image source is already closed. */
export type AnalyzedImage = {
  /** The layers, base first. */
  readonly layers: readonly Layer[];
  /** The store that contains the layers. */
  readonly store: Store;
  /**
   * Creates the report of the image. A signal during the work ends the process immediately.
   * @throws ClairError `database/…`
   */
  readonly report: () => Promise<Report>;
};

export type ImageReport = Pick<AnalyzedImage, 'layers' | 'store'> & { readonly report: Report };

/** The two steps of a command for the images of a target. */
export type TargetWork<Analyzed, Result> = {
  /** Runs while the images are open. */
  readonly analyze: (run: ImageRun, images: readonly PlatformImage[]) => Promise<Analyzed>;
  /** Runs after the images are closed. */
  readonly report: (analyzed: Analyzed) => Promise<Result>;
};

/**
 * Opens the images of a target, for a single platform or for all platforms, opens the database, and then runs the work.
 * Opens the images and reads the suppression files first, so that an invalid target or file fails before a database
 * file is created.
 *
 * @throws ClairError `cli/usage`, `suppression/invalid`, `classifiers/invalid`, `config/invalid`, `image/…`, `bytes/…`,
 * `registry/…`, `database/…`; errors of the work
 */
export async function withTargetImages<Analyzed, Result>(
  console: Console,
  options: ImageOptions & { readonly allPlatforms?: boolean },
  target: string,
  { analyze, report }: TargetWork<Analyzed, Result>,
): Promise<Result> {
  checkSbomOptions(options, [target]);
  const suppressions = await readSuppressionFiles(options);
  const { images, close } = await openImagesOf(console, options, target);
  let isOpen = true;
  const closeOnce = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await close();
  };
  try {
    return await withRun(console, options, async (run) => {
      const analyzed = await analyze({ ...run, suppressions }, images);
      await closeOnce();
      return await report(analyzed);
    });
  } finally {
    await closeOnce();
  }
}

/**
 * Analyses the image of each target, one target at a time, and then runs the work with all images.
 *
 * @throws the errors of {@link withTargetImages}; ClairError `cli/usage` if two targets are standard input
 */
export async function withAnalyzedTargets<Result>(
  console: Console,
  options: ImageOptions,
  targets: readonly string[],
  work: (images: readonly ImageReport[]) => Promise<Result>,
): Promise<Result> {
  checkSbomOptions(options, targets);
  const suppressions = await readSuppressionFiles(options);
  const fromInput = targets.filter((target) => INPUT_TARGET.test(target));
  for (const target of targets) if (!fromInput.includes(target)) parseTarget(target);
  if (fromInput.length > 1) {
    throw new ClairError(
      'cli/usage',
      'both images are on standard input, which contains only one archive or SBOM: name a file for one of the images',
    );
  }
  return await withRun(console, options, async (run) => {
    const analyzed: AnalyzedImage[] = [];
    for (const target of targets) {
      const { images, close } = await openImagesOf(console, options, target);
      try {
        analyzed.push(await analyzedImage({ ...run, suppressions }, imageAlone(images, target)));
      } finally {
        await close();
      }
    }
    const reports: ImageReport[] = [];
    for (const { report, ...each } of analyzed) reports.push({ ...each, report: await report() });
    return await work(reports);
  });
}

/**
 * Analyses the layers that are not stored yet, and then closes the image. Without `--verify`, uncompressed layers of a
 * local image are read by seeking and are not stored, because nothing verifies their digests.
 *
 * @throws ClairError `cli/usage` for an invalid `--base`, and for `--attestations` with an image outside of a registry;
 * `image/…`, `bytes/…`, `registry/…`
 */
export async function analyzedImage(
  { clair, console, options, suppressions, updateFeeds }: ImageRun,
  { open }: PlatformImage,
): Promise<AnalyzedImage> {
  const image = await open();
  try {
    const baseLayers =
      options.base === undefined ? undefined : await baseLayersOf(options.base, image, console, options);
    const isVerified = options.verify === true;
    const claimed = isVerified ? undefined : await claimedLayers(image);
    const temporary = claimed && (await clair.temporary(claimed));
    const { store, worker, report: createReport } = temporary ?? clair;
    const layers = await showingProgress(console, image, (shown, progress) =>
      worker.analyzeImage({ ...shown, isVerified }, console.signal, progress),
    );
    const leaf = layers.at(-1);
    const attached = options.attestations === true ? await attachmentsOf(image, console.signal) : undefined;
    const appliesVex = options.sbomVex === true;
    const rules = attached && appliesVex ? [attachedRules(attached, leaf?.distribution ?? null)] : [];
    const diagnostics = leaf === undefined ? [] : await updateFeeds?.(leaf, store);
    const judging = {
      signal: console.signal,
      suppressions: [suppressions, ...rules],
      diagnostics: diagnostics ?? [],
      ...(baseLayers !== undefined && { baseLayers }),
      areLayersVerified: temporary === undefined,
    };
    return {
      layers,
      store,
      async report() {
        const report = await interruptible(console, () => createReport(image, layers, judging));
        return attached === undefined ? report : withAttachments(report, attached, appliesVex);
      },
    };
  } finally {
    await image.close();
  }
}

/** Reads the documents attached to an image. @throws ClairError `cli/usage` for an image outside of a registry */
async function attachmentsOf({ attachments, reference }: ImageSource, signal: AbortSignal): Promise<Attachments> {
  if (attachments !== undefined) return await readAttachments(attachments, { signal });
  throw new ClairError(
    'cli/usage',
    `--attestations is only for images from registries, but ${reference} comes from another source: use registry:IMAGE`,
  );
}

function withAttachments(report: Report, attached: Attachments, appliesVex: boolean): Report {
  const added = attachmentDiagnostics(attached, report.packages, appliesVex);
  const diagnostics = added.map((each) => ({ ...each, incomplete: DIAGNOSTICS[each.code].incomplete }));
  return { ...report, diagnostics: [...report.diagnostics, ...diagnostics] };
}

/** Returns the image of a target that names exactly one image. */
export function imageAlone(images: readonly PlatformImage[], target: string): PlatformImage {
  const [image] = images;
  if (image === undefined) throw new Error(`${target} contains no image`);
  return image;
}

/** Matches an archive or SBOM on standard input. */
const INPUT_TARGET = /^(sbom:)?-$/;

async function openImagesOf(
  console: Console,
  { allPlatforms = false, ...options }: ImageOptions & { readonly allPlatforms?: boolean },
  target: string,
): Promise<ImageSet> {
  const wanted = {
    ...registryAccess(console, options),
    platform: options.platform,
    distribution: options.distribution,
    appliesVex: options.sbomVex,
    describes: options.sbomImage,
    allPlatforms,
  };
  const [input, scheme = ''] = INPUT_TARGET.exec(target) ?? [];
  if (input === undefined) {
    // Only registries have attestations, so a name never selects an image of a daemon.
    const isInRegistry = options.attestations === true;
    return isInRegistry
      ? await openTargetImages(parseTarget(target), wanted)
      : await openNamedImages(console, target, wanted);
  }
  const file = await readStandardInput(console, { isSbom: scheme !== '' });
  try {
    return imagesOfStandardInput(await openTargetImages(parseTarget(`${scheme}${file.path}`), wanted), file);
  } catch (error) {
    await file.remove();
    throw errorOfStandardInput(error, file);
  }
}

async function withRun<Result>(
  console: Console,
  options: ImageOptions,
  work: (run: Omit<ImageRun, 'suppressions'>) => Promise<Result>,
): Promise<Result> {
  // The commands of `addImageOptions` have no option `--config`.
  const plan = await discoveredUpdaterPlan(env);
  const threads = availableParallelism();
  const classifiers = await chosenClassifiers(options.classifiers, plan.classifiers);
  const { fileDigests: hasFileDigests, settings: updater } = plan;
  const clair = await composeClair(databaseOptions(options.db), { threads, classifiers, hasFileDigests, updater });
  try {
    const refreshes = [
      ...(plan.database === undefined || plan.settings.offline === true
        ? []
        : [
            createPulledFeeds(clair, console, {
              database: plan.database,
              access: registryAccess(console, options),
              maxShrink: plan.settings.maxShrink,
            }),
          ]),
      ...(options.update ? [createUpdatedFeeds(clair, console)] : []),
    ];
    const refresh: RefreshFeeds = async (feeds) => {
      const diagnostics: Diagnostic[] = [];
      for (const each of refreshes) diagnostics.push(...(await each(feeds)));
      return diagnostics;
    };
    const updateFeeds = refreshes.length > 0 ? createImageFeeds(clair, plan.feeds, refresh) : undefined;
    return await work({ clair, console, options, ...(updateFeeds && { updateFeeds }) });
  } finally {
    await clair.close();
  }
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be OS/ARCH[/VARIANT], such as linux/arm64 or linux/arm/v7.');
}
