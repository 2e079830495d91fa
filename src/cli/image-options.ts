import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Platform, parsePlatform } from '../worker/sources/image/platform.ts';
import { distributionOption, sbomImageOption, type SbomOptions, sbomVexOption } from './sbom-options.ts';
import { classifiersOption } from './options/classifiers-option.ts';
import { databaseOption } from './options/database-option.ts';
import { pathList } from './options/list-option.ts';
import { addRegistryOptions, partialFetches, type RegistryOptions } from './options/registry-options.ts';

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
      'Fetch only parts of zstd:chunked layers; HOST=any adds eStargz (list)',
      partialFetches,
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

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be OS/ARCH[/VARIANT], such as linux/arm64 or linux/arm/v7.');
}
