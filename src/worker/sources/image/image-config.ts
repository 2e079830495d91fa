import { array, boolean, exactOptional, type GenericSchema, maxLength, nullable, pipe, string } from 'valibot';
import { ClairError } from '../../../errors.ts';
import { type Digest, isDigest } from '../../../model/digest.ts';
import type { ImageFiles } from './image-files.ts';
import { objectSchema, readImageJson } from './image-json.ts';
import { platformText } from './platform.ts';

/** Docker and containerd refuse images with more layers than overlayfs can stack; the limit leaves room. */
const MAX_LAYERS = 1000;

/** The parts of an image's configuration that Clair uses (image-spec, config.md). */
export type ImageConfig = {
  readonly digest: Digest;
  /** The platform, as `os/architecture[/variant]`. */
  readonly platform: string;
  readonly layers: readonly { readonly diffId: Digest; readonly createdBy: string }[];
  /** For each CMD and ENTRYPOINT in the history, the number of layers before it. */
  readonly commands: readonly number[];
};

/**
 * Reads an image's configuration. Some history entries have no layer; the other entries belong to the layers in order.
 *
 * @throws ClairError `image/unreadable` or `bytes/digest-mismatch`; the errors of `files`.
 */
export async function readImageConfig(
  files: Pick<ImageFiles, 'where' | 'open'>,
  name: string,
  promised?: Digest,
): Promise<ImageConfig> {
  const { value, digest } = await readImageJson(files, name, CONFIG, promised);
  const { os = 'linux', architecture = 'unknown', variant } = value;
  const history = value.history ?? [];
  const steps = stepsOfLayers(history, value.rootfs.diff_ids.length);
  if (value.rootfs.diff_ids.length > MAX_LAYERS) {
    throw new ClairError('image/unreadable', `${name} in ${files.where} lists more than ${MAX_LAYERS} layers`);
  }
  const layers = value.rootfs.diff_ids.map((diffId, index) => {
    if (!isDigest(diffId)) {
      throw new ClairError(
        'image/unreadable',
        `${name} in ${files.where} names a layer "${diffId}", which is not a SHA-256 or SHA-512 digest`,
      );
    }
    const step = steps[index];
    return { diffId, createdBy: step?.created_by ?? step?.comment ?? '' };
  });
  const commands = commandsOf(history);
  return { digest, platform: platformText({ os, architecture, variant }), layers, commands };
}

/** Formats a layer count: `1 layer`, `2 layers`. */
export function layersText(count: number): string {
  return count === 1 ? '1 layer' : `${count} layers`;
}

/**
 * Returns the steps that created layers, in order. Some builders do not mark steps without a layer, so surplus steps
 * are filtered by their instructions. If the number still differs, returns no steps: a wrong instruction would mislead
 * more than a missing instruction.
 */
function stepsOfLayers<S extends Step>(history: readonly S[], layers: number): readonly S[] {
  const marked = history.filter((step) => step.empty_layer !== true);
  if (marked.length <= layers) return marked;
  const told = marked.filter(({ created_by: createdBy = '' }) => !WITHOUT_LAYER.test(createdBy));
  return told.length === layers ? told : [];
}

/** Instructions that change only the configuration (Dockerfile reference), as written by Docker's builders. */
const WITHOUT_LAYER =
  /^(?:\/bin\/sh -c #\(nop\)\s*)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

type Step = { readonly created_by?: string; readonly empty_layer?: boolean };

/** A command as written by Docker's older builder (`/bin/sh -c #(nop) CMD …`), by BuildKit and by other builders. */
const COMMAND = /^(?:\/bin\/sh -c #\(nop\)\s*)?(?:CMD|ENTRYPOINT)\b/;

function commandsOf(history: readonly Step[]): readonly number[] {
  const commands: number[] = [];
  let layers = 0;
  for (const { created_by: createdBy = '', empty_layer: isEmpty } of history) {
    if (isEmpty !== true) layers += 1;
    else if (COMMAND.test(createdBy)) commands.push(layers);
  }
  return commands;
}

/** A part of a platform name; its length is limited, because the database indexes platforms. */
export const PLATFORM_WORD: GenericSchema<string> = pipe(string(), maxLength(128, 'must have at most 128 characters'));

const CONFIG = objectSchema({
  architecture: exactOptional(PLATFORM_WORD),
  os: exactOptional(PLATFORM_WORD),
  variant: exactOptional(PLATFORM_WORD),
  rootfs: objectSchema({ diff_ids: array(string()) }),
  history: exactOptional(
    nullable(
      array(
        objectSchema({
          created_by: exactOptional(string()),
          comment: exactOptional(string()),
          empty_layer: exactOptional(boolean()),
        }),
      ),
    ),
  ),
});
