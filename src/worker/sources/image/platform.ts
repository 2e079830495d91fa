import { arch } from 'node:process';
import { ClairError } from '../../../errors.ts';

/** What an image runs on, in the words of the image specification (image-spec, image-index.md, `platform`). */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
};

/** The platform that is looked for; when it is required, an image of another one is not taken, even if it is alone. */
export type PlatformWish = { readonly platform: Platform; readonly required: boolean };

/** Reads `os/architecture[/variant]`; undefined for any other text. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = /^([\w.-]+)\/([\w.-]+)(?:\/([\w.-]+))?$/.exec(text) ?? [];
  if (os === undefined || architecture === undefined) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** Writes `os/architecture[/variant]`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}

/** What somebody wishes for who names a platform, or none: then it is Linux on the processor of this machine. */
export function platformWish(named: Platform | undefined): PlatformWish {
  if (named !== undefined) return { platform: named, required: true };
  return { platform: { os: 'linux', architecture: ARCHITECTURES[arch] ?? arch }, required: false };
}

/** Tells whether an image is for the wanted platform. One without a variant is for any. */
export function fitsPlatform(wanted: Platform, offered: Platform): boolean {
  const isSameMachine = wanted.os === offered.os && wanted.architecture === offered.architecture;
  return isSameMachine && (wanted.variant === undefined || hasSameVariant(wanted, offered));
}

/** Tells whether two platforms name the same variant, or both none. */
export function hasSameVariant(one: Platform, other: Platform): boolean {
  return variantOf(one) === variantOf(other);
}

/**
 * Holds the platform that an image's configuration names against the wanted one.
 *
 * @param where what to call the image in messages
 * @throws ClairError `image/choice-needed` when it is another one than the required one, or cannot be told.
 */
export function checkPlatform(where: string, offered: string, { platform: wanted, required }: PlatformWish): void {
  const platform = parsePlatform(offered);
  if (!required || (platform !== undefined && fitsPlatform(wanted, platform))) return;
  throw new ClairError(
    'image/choice-needed',
    `${where} holds an image for ${offered}, not for ${platformText(wanted)}`,
  );
}

/** Node's names of processors, where the image specification has others (image-spec, config.md, GOARCH). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

/** There is but one variant of arm64, and not everybody names it (image-spec, image-index.md, "Platform Variants"). */
function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant ?? (architecture === 'arm64' ? 'v8' : undefined);
}
