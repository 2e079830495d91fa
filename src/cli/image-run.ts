import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import { composeImageAnalysis, type ImageAnalysis } from '../compose/image-analysis.ts';
import { openTargetImages } from '../compose/target-images.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Layer } from '../model/layer.ts';
import type { Report } from '../model/report/report.ts';
import { readSuppressionFiles } from '../suppression/suppression-files.ts';
import type { RuleSet } from '../suppression/suppression-rule.ts';
import { claimedLayers } from '../worker/rereading/claimed-layers.ts';
import type { ImageSource } from '../worker/sources/image-source.ts';
import type { ImageSet, PlatformImage } from '../worker/sources/image-set.ts';
import { parseTarget } from '../worker/sources/target.ts';
import { chosenClassifiers } from './options/classifiers-option.ts';
import { openNamedImages } from './bare-name.ts';
import { baseLayersOf } from './options/base-option.ts';
import { type Console, interruptible } from './console.ts';
import type { ImageAttachments } from './image-attachments.ts';
import { databaseOptions } from './options/database-option.ts';
import type { ImageFeeds } from './feeds/image-feeds.ts';
import { showingProgress } from './output/reading-progress.ts';
import type { ImageOptions } from './image-options.ts';
import { errorOfStandardInput, imagesOfStandardInput, readStandardInput } from './options/standard-input.ts';
import { checkSbomOptions } from './sbom-options.ts';
import { registryAccess } from './settings/registry-access.ts';
import { discoveredUpdaterPlan } from './settings/updater-settings.ts';

/** A run of a command that analyses images. */
export type ImageRun = {
  readonly analysis: ImageAnalysis;
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
    return await withRun(console, options, { isForOneReport: options.allPlatforms !== true }, async (run) => {
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
  return await withRun(console, options, { isForOneReport: targets.length < 2 }, async (run) => {
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
  { analysis, console, options, suppressions, updateFeeds }: ImageRun,
  { open }: PlatformImage,
): Promise<AnalyzedImage> {
  const image = await open();
  try {
    const baseLayers =
      options.base === undefined ? undefined : await baseLayersOf(options.base, image, console, options);
    const isVerified = options.verify === true;
    const claimed = isVerified ? undefined : await claimedLayers(image);
    const temporary = claimed && (await analysis.temporary(claimed));
    const { store, worker } = temporary ?? analysis;
    const createReport = temporary?.report ?? analysis.reports.report;
    const layers = await showingProgress(console, image, (shown, progress) =>
      worker.analyzeImage({ ...shown, isVerified }, console.signal, progress),
    );
    const leaf = layers.at(-1);
    const attached =
      options.attestations === true
        ? await attachmentsOf(image, leaf?.distribution ?? null, console, options)
        : undefined;
    const diagnostics = leaf === undefined ? [] : await updateFeeds?.(leaf, store);
    const judging = {
      signal: console.signal,
      suppressions: [suppressions, ...(attached?.rules ?? [])],
      diagnostics: diagnostics ?? [],
      ...(baseLayers !== undefined && { baseLayers }),
      areLayersVerified: temporary === undefined,
    };
    return {
      layers,
      store,
      async report() {
        const report = await interruptible(console, () => createReport(image, layers, judging));
        return attached?.withDiagnostics(report) ?? report;
      },
    };
  } finally {
    await image.close();
  }
}

async function attachmentsOf(
  image: ImageSource,
  distribution: Layer['distribution'],
  { signal }: Console,
  { sbomVex: appliesVex = false }: ImageOptions,
): Promise<ImageAttachments> {
  // The readers are loaded on demand, because only few scans need them.
  const { readImageAttachments } = await import('./image-attachments.ts');
  return await readImageAttachments(image, { distribution, appliesVex, signal });
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
  { isForOneReport }: { readonly isForOneReport: boolean },
  work: (run: Omit<ImageRun, 'suppressions'>) => Promise<Result>,
): Promise<Result> {
  // The commands of `addImageOptions` have no option `--config`.
  const plan = await discoveredUpdaterPlan(env);
  const threads = availableParallelism();
  const classifiers = await chosenClassifiers(options.classifiers, plan.classifiers);
  const { fileDigests: hasFileDigests, settings: updater } = plan;
  const { staleAfter } = updater;
  const database = databaseOptions(options.db);
  const settings = { threads, classifiers, hasFileDigests, staleAfter, isForOneReport };
  const analysis = await composeImageAnalysis(database, settings);
  try {
    const isPulling = plan.database !== undefined && updater.offline !== true;
    if (!isPulling && !options.update) {
      // An update runs for longer, and its loops over records need optimized code.
      console.optimizeLater?.();
      return await work({ analysis, console, options });
    }
    // The updater is loaded on demand, because loading the readers of all feeds takes longer than a scan.
    const { openFeedRefresh } = await import('./feeds/feed-refresh.ts');
    const { updateFeeds, close } = openFeedRefresh(analysis.store, console, { plan, options });
    try {
      return await work({ analysis, console, options, updateFeeds });
    } finally {
      await close();
    }
  } finally {
    await analysis.close();
  }
}
