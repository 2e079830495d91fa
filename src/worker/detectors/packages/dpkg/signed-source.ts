import { type SystemPackage } from '../../../../model/feature.ts';

type Source = SystemPackage['source'];

export type SignedPackage = {
  /** The source package that the package states, such as `linux-signed-amd64 (6.1.170+3)`. */
  readonly source: Source;
  readonly version: string;
  /** The `Built-Using` field; empty when absent. */
  readonly builtUsing: string;
};

/**
 * Returns the source package of the code in a signed kernel or boot loader, which the feeds of Debian and Ubuntu use:
 * `linux (6.1.170-3)` for `linux-signed-amd64 (6.1.170+3)`. No feed lists source packages that only contain signatures.
 *
 * Returns the stated source package for other packages, and undefined when a signed package's version does not reveal
 * the version of the code.
 *
 * Rules: `Built-Using` (Debian Policy 7.8) where it names the signed source package; otherwise the version schemes of
 * Debian's signing service (https://wiki.debian.org/SecureBoot/Discussion) and of `debian/rules` in shim-signed and
 * grub2-signed.
 */
export function signedSource({ source, version, builtUsing }: SignedPackage): Source | undefined {
  for (const { pattern, names, versionOf } of SIGNED_SOURCES) {
    const match = pattern.exec(source.name);
    if (match === null) continue;
    const candidates = names(match);
    const named = candidates.map((name) => builtUsingVersion(builtUsing, name)).find((each) => each !== undefined);
    if (named !== undefined) return named;
    const signed = versionOf({ source, version });
    const name = signed?.includes(':') === true ? candidates[0] : candidates.at(-1);
    return signed === undefined || name === undefined ? undefined : { name, version: signed };
  }
  return source;
}

type SignedSourceRule = {
  readonly pattern: RegExp;
  /**
   * The possible signed source packages. Without `Built-Using`, the last source package is used, because feeds have
   * listed this source package for longer. If the version has an epoch, the first source package is used (fwupd-efi has
   * an epoch, fwupd does not).
   */
  readonly names: (match: RegExpExecArray) => readonly string[];
  readonly versionOf: (of: Omit<SignedPackage, 'builtUsing'>) => string | undefined;
};

const GRUB: readonly string[] = ['grub2-unsigned', 'grub2'];
const FWUPD: readonly string[] = ['fwupd-efi', 'fwupd'];

const SIGNED_SOURCES: readonly SignedSourceRule[] = [
  // Debian: linux-signed-amd64, linux-signed-5.10-arm64.
  {
    pattern: /^linux-signed(-\S+)?-(?:amd64|arm64|i386)$/,
    names: ([, variant = '']) => [`linux${variant}`],
    versionOf: ({ source }) => templateVersion(source.version),
  },
  // Ubuntu: linux-signed, linux-signed-hwe-5.15, with the version of the kernel.
  {
    pattern: /^linux-signed(-\S+)?$/,
    names: ([, variant = '']) => [`linux${variant}`],
    versionOf: ({ source }) => source.version,
  },
  // Debian's scheme; a template that counts its own rebuilds puts the number of rebuilds first: `1+2.06+13+deb12u1`.
  { pattern: /^grub-efi-\w+-signed$/, names: () => GRUB, versionOf: ({ source }) => countedVersion(source.version) },
  {
    pattern: /^shim-helpers-\w+-signed$/,
    names: () => ['shim'],
    versionOf: ({ source }) => countedVersion(source.version),
  },
  { pattern: /^fwupd-\w+-signed$/, names: () => FWUPD, versionOf: ({ source }) => templateVersion(source.version) },
  {
    pattern: /^systemd-boot-efi-\w+-signed$/,
    names: () => ['systemd'],
    versionOf: ({ source }) => templateVersion(source.version),
  },
  // The scheme that Debian and Ubuntu use; the signed version follows the source package's own version:
  // `1.187.6+2.06-2ubuntu14.4`.
  { pattern: /^shim-signed$/, names: () => ['shim'], versionOf: appendedVersion },
  { pattern: /^grub2-signed$/, names: () => GRUB, versionOf: appendedVersion },
  { pattern: /^fwupd-signed$/, names: () => FWUPD, versionOf: appendedVersion },
];

function builtUsingVersion(builtUsing: string, name: string): Source | undefined {
  for (const relation of builtUsing.split(',')) {
    const [, built, version] = /^\s*(\S+)\s*\(\s*=\s*([^\s()]+)\s*\)\s*$/.exec(relation) ?? [];
    if (built === name && version !== undefined) return { name, version };
  }
  return undefined;
}

/**
 * The version of a native source package has no `-`, so the template writes `+` before the Debian revision, which is
 * the first part that starts with a digit: `2.02+dfsg1+20+deb10u4` means `2.02+dfsg1-20+deb10u4`.
 */
function templateVersion(version: string): string | undefined {
  const [, upstream, revision] = /^([^+]+(?:\+[^\d+][^+]*)*)\+(\d.*)$/.exec(version) ?? [];
  return upstream === undefined || revision === undefined ? undefined : `${upstream}-${revision}`;
}

function countedVersion(version: string): string | undefined {
  const [, counted] = /^\d+\+(.+)$/.exec(version) ?? [];
  return counted === undefined ? undefined : templateVersion(counted);
}

function appendedVersion({ source, version }: Omit<SignedPackage, 'builtUsing'>): string | undefined {
  return version.startsWith(`${source.version}+`) ? version.slice(source.version.length + 1) : undefined;
}
