import { InvalidArgumentError, Option } from 'commander';
import { ClairError } from '../errors.ts';
import { type Digest, isDigest } from '../model/digest.ts';
import type { Platform } from '../worker/sources/image/platform.ts';

/** The values of the options that apply either only to SBOMs, or only to other images. */
export type SbomOptions = {
  readonly distribution?: string;
  readonly sbomImage?: Digest;
  readonly sbomVex?: boolean;
  readonly platform?: Platform;
  /** Absent for commands without this option. */
  readonly attestations?: boolean;
};

/**
 * Checks that each of the options, except `--attestations`, applies to at least one of the images.
 *
 * @param images the image arguments
 * @throws ClairError `cli/usage`
 */
export function checkSbomOptions(
  { distribution, sbomImage, sbomVex = false, platform, attestations }: SbomOptions,
  images: readonly string[],
): void {
  const isSbom = images.some((image) => image.startsWith('sbom:'));
  const isImage = images.some((image) => !image.startsWith('sbom:'));
  if (distribution !== undefined && !isSbom) throw onlyForSboms('--distribution');
  if (sbomImage !== undefined && !isSbom) throw onlyForSboms('--sbom-image');
  if (sbomVex && !isSbom && attestations !== true) {
    throw attestations === undefined
      ? onlyForSboms('--sbom-vex')
      : new ClairError(
          'cli/usage',
          '--sbom-vex is for SBOMs and attestations only: name the SBOM as sbom:FILE, or add --attestations',
        );
  }
  if (platform !== undefined && !isImage) {
    throw new ClairError(
      'cli/usage',
      '--platform is for images only, because an SBOM is for one platform: remove --platform',
    );
  }
}

function onlyForSboms(option: string): ClairError {
  return new ClairError('cli/usage', `${option} is for SBOMs only: name the SBOM as sbom:FILE`);
}

/** Returns the option `--distribution` of every command that reads SBOMs. */
export function distributionOption(): Option {
  return new Option('--distribution <id:version>', 'Distribution of the packages in an SBOM, if the SBOM names none');
}

/** Returns the option `--sbom-image`, whose value is the digest of an image. */
export function sbomImageOption(): Option {
  const option = new Option('--sbom-image <digest>', 'Report an SBOM as incomplete unless it describes this image');
  return option.argParser((text: string) => {
    if (isDigest(text)) return text;
    throw new InvalidArgumentError('It must be the digest of an image, such as sha256:4355a46b….');
  });
}

/** Returns the option `--sbom-vex` of every command that reads SBOMs. */
export function sbomVexOption(): Option {
  return new Option('--sbom-vex', 'Apply the VEX statements in an SBOM or in attestations');
}
