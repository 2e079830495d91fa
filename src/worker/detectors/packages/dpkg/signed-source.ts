import { type SystemPackage } from '../../../../model/feature.ts';

type Source = SystemPackage['source'];

/** What a stanza of a signed package says about its origin. */
export type SignedPackage = {
  /** The source package as the stanza names it: `linux-signed-amd64 (6.1.170+3)`. */
  readonly source: Source;
  /** The version of the binary package. */
  readonly version: string;
  /** The field `Built-Using`; empty without one. */
  readonly builtUsing: string;
};

/**
 * Gives the source package whose code a signed kernel or boot loader carries, which is the name that the feeds of
 * Debian and Ubuntu use: `linux-signed-amd64 (6.1.170+3)` is `linux (6.1.170-3)`. Sources that only sign are in no feed.
 *
 * Gives the source itself for every other package, and undefined for a signed one whose version does not tell which
 * version was signed.
 *
 * Rules: `Built-Using` (Debian Policy 7.8) where it names the signed source; else the versions that Debian's signing
 * service (https://wiki.debian.org/SecureBoot/Discussion) and the `debian/rules` of shim-signed and grub2-signed make.
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
   * The sources that may have been signed. Without `Built-Using` the last one counts, which feeds have used for longer;
   * the first one does where the version has an epoch (fwupd-efi has one, fwupd has none).
   */
  readonly names: (match: RegExpExecArray) => readonly string[];
  readonly versionOf: (of: Omit<SignedPackage, 'builtUsing'>) => string | undefined;
};

const GRUB: readonly string[] = ['grub2-unsigned', 'grub2'];
const FWUPD: readonly string[] = ['fwupd-efi', 'fwupd'];

/** The list of the sources that sign what another source built. */
const SIGNED_SOURCES: readonly SignedSourceRule[] = [
  // Debian: linux-signed-amd64, linux-signed-5.10-arm64.
  {
    pattern: /^linux-signed(-\S+)?-(?:amd64|arm64|i386)$/,
    names: ([, variant = '']) => [`linux${variant}`],
    versionOf: ({ source }) => templateVersion(source.version),
  },
  // Ubuntu: linux-signed, linux-signed-hwe-5.15, with the versions of the kernels themselves.
  {
    pattern: /^linux-signed(-\S+)?$/,
    names: ([, variant = '']) => [`linux${variant}`],
    versionOf: ({ source }) => source.version,
  },
  // Debian; where the template counts its own rebuilds, their number comes first: `1+2.06+13+deb12u1`.
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
  // Both; the version of what was signed stands behind that of the source: `1.187.6+2.06-2ubuntu14.4`.
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
 * A native source package has no `-` in its version, so that the template has a `+` there. It stands before the Debian
 * revision, the first part that starts with a digit: `2.02+dfsg1+20+deb10u4` is `2.02+dfsg1-20+deb10u4`.
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
