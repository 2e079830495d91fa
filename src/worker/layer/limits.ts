import { EXPANSION_LIMITS, type ExpansionLimits } from '../../bytes/compression-bounds.ts';
import { TAR_LIMITS, type TarLimits } from '../../bytes/tar-limits.ts';

/** The biggest distroless image has some hundred files in `status.d`; whiteouts and links at wanted paths count too. */
const MAX_WANTED_FILES = 20_000;

/** All wanted files of a layer together; a dpkg status file of 2,000 packages has 2 MiB. */
const MAX_WANTED_BYTES = 512 * 1024 * 1024;

/** The longest lists of apt's sources have some thousand lines. */
const MAX_RELEASE_FILE_BYTES = 1024 * 1024;

/** A layer of 20 GB takes some minutes; bytes that are made to be slow, or a source that drips, must end some time. */
const MAX_MILLISECONDS = 30 * 60_000;

/** The bounds of reading one layer. */
export type LayerLimits = TarLimits &
  ExpansionLimits & {
    readonly maxWantedFiles: number;
    readonly maxWantedBytes: number;
    /** For each file that tells the operating system. */
    readonly maxReleaseFileBytes: number;
    /** From opening its source to the end of its archive. */
    readonly maxMilliseconds: number;
  };

export const LAYER_LIMITS: LayerLimits = {
  ...TAR_LIMITS,
  ...EXPANSION_LIMITS,
  maxWantedFiles: MAX_WANTED_FILES,
  maxWantedBytes: MAX_WANTED_BYTES,
  maxReleaseFileBytes: MAX_RELEASE_FILE_BYTES,
  maxMilliseconds: MAX_MILLISECONDS,
};
