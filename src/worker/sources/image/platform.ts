import { arch } from 'node:process';
import { ClairError } from '../../../errors.ts';

/** The platform of an image, in the terms of the image specification (image-spec, image-index.md, `platform`). */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
};

/** The wanted platform; if required, even a single image of another platform is rejected. */
export type PlatformWish = { readonly platform: Platform; readonly required: boolean };

/** Parses `os/architecture[/variant]`; returns undefined for any other text. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = /^([\w.-]+)\/([\w.-]+)(?:\/([\w.-]+))?$/.exec(text) ?? [];
  if (os === undefined || architecture === undefined) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** Formats a platform as `os/architecture[/variant]`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}

/**
 * Returns the wish for a named platform, which is required; without a named platform, the wish prefers Linux on the
 * processor architecture of this machine.
 */
export function platformWish(named: Platform | undefined): PlatformWish {
  if (named !== undefined) return { platform: named, required: true };
  return { platform: { os: 'linux', architecture: ARCHITECTURES[arch] ?? arch }, required: false };
}

/** Returns whether an image is for the wanted platform. A wanted platform without a variant accepts every variant. */
export function fitsPlatform(wanted: Platform, offered: Platform): boolean {
  const isSameMachine = wanted.os === offered.os && wanted.architecture === offered.architecture;
  return isSameMachine && (wanted.variant === undefined || hasSameVariant(wanted, offered));
}

/**
 * Returns whether two platforms have the same variant, or neither has a variant. An arm64 platform without a variant
 * has the variant `v8`.
 */
export function hasSameVariant(one: Platform, other: Platform): boolean {
  return variantOf(one) === variantOf(other);
}

/**
 * Checks the platform of an image's configuration against the wanted platform.
 *
 * @param where the name of the image in messages
 * @throws ClairError `image/choice-needed` when the platform is malformed or differs from the required platform.
 */
export function checkPlatform(where: string, offered: string, { platform: wanted, required }: PlatformWish): void {
  const platform = parsePlatform(offered);
  if (!required || (platform !== undefined && fitsPlatform(wanted, platform))) return;
  throw new ClairError('image/choice-needed', `${where} has an image for ${offered}, not for ${platformText(wanted)}`);
}

/** Node's processor names that differ from the image specification (image-spec, config.md, GOARCH). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

/** arm64 has only one variant, which is often omitted (image-spec, image-index.md, "Platform Variants"). */
function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant ?? (architecture === 'arm64' ? 'v8' : undefined);
}
