import { archOf, type Feature } from '../../model/feature.ts';

/** The platform of an image without a configuration and without packages for a specific architecture. */
export const UNKNOWN_PLATFORM = 'linux/unknown';

/**
 * Returns the platform of the packages of a distribution: `linux/` and the architecture of most of the packages, in the
 * notation of image configurations. Packages for all or unknown architectures are ignored; returns {@link
 * UNKNOWN_PLATFORM} if no other package remains.
 */
export function platformOfPackages(features: readonly Feature[]): string {
  const counts = new Map<string, number>();
  for (const feature of features) {
    const architecture = architectureOf(feature);
    if (architecture !== undefined) counts.set(architecture, (counts.get(architecture) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, one], [, other]) => other - one);
  return most === undefined ? UNKNOWN_PLATFORM : `linux/${most[0]}`;
}

function architectureOf(feature: Feature): string | undefined {
  const name = archOf(feature);
  return feature.type === 'apk' && name === 'armhf' ? 'arm/v6' : ARCHITECTURES.get(name);
}

/**
 * The architectures of dpkg (wiki.debian.org/SupportedArchitectures), rpm and apk (wiki.alpinelinux.org,
 * "Architecture"), in the terms of the image specification (image-spec, config.md, GOARCH and "Platform Variants").
 */
const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['amd64', 'amd64'],
  ['x86_64', 'amd64'],
  ['arm64', 'arm64'],
  ['aarch64', 'arm64'],
  ['i386', '386'],
  ['i586', '386'],
  ['i686', '386'],
  ['x86', '386'],
  ['armhf', 'arm/v7'],
  ['armv7', 'arm/v7'],
  ['armv7hl', 'arm/v7'],
  ['armel', 'arm/v5'],
  ['ppc64el', 'ppc64le'],
  ['ppc64le', 'ppc64le'],
  ['s390x', 's390x'],
  ['riscv64', 'riscv64'],
  ['mips64el', 'mips64le'],
  ['loong64', 'loong64'],
  ['loongarch64', 'loong64'],
]);
