/** The builds of a Red Hat package for one minor release. */
export type Branch = {
  /** The name of the branch, equal for all versions of the branch. */
  readonly name: string;
  /** The lowest version above all later builds of this branch. */
  readonly end: string;
};

/**
 * Finds the branch of a version by its release: `14.el9_0.9` and `12.module+el8.10.0+23147+20b7d289` name the minor
 * release of the build. Higher versions with the prefix `14.el9_0` are later builds of the branch; other versions may
 * belong to another branch.
 *
 * Kernels increment the second and third number instead (`5.14.0-70.101.1.el9_0`): the first number identifies the
 * minor release, and in RHEL 7 only this number identifies it. This rule is used unless two of `versions` contradict
 * the rule.
 *
 * @param versions all versions that contain the same fix
 * @returns undefined for a version of the main line, built for the next minor release
 */
export function branchOf(version: string, versions: readonly string[]): Branch | undefined {
  const kernel = kernelOf(version);
  if (kernel !== undefined && versions.every((other) => agree(kernel, kernelOf(other)))) {
    const { base, number, tag } = kernel;
    return { name: tag ?? `${base}-${number}`, end: `${base}-${number + 1}~` };
  }
  const [, before, tag, minor] = TAGGED.exec(version) ?? [];
  if (before === undefined || tag === undefined || minor === undefined) return undefined;
  return { name: `${tag}${minor}`, end: `${before}${tag}${Number(minor) + 1}~` };
}

/** Removes the build number and context hash, which differ between the builds of a module for one erratum. */
export function withoutBuild(version: string): string {
  return version.replace(/(\.module\+el\d+\.\d+\.\d+)\+\d+\+[0-9a-f]+/, '$1');
}

/** `.elN_M` with any suffix; `.module+elN.M.0+…` in modules. */
const TAGGED = /^(.+\.)(el\d+_|module\+el\d+\.)(\d{1,4})(?=\.|$)/;

const KERNEL = /^(.+)-(\d{2,6})\.\d+\.\d+(?:\.rt[\d.]+)?\.(el\d+(?:_\d+)?)(?:\.|$)/;

type Kernel = { readonly base: string; readonly number: number; readonly tag: string | undefined };

function kernelOf(version: string): Kernel | undefined {
  const [, base, number, tag = ''] = KERNEL.exec(version) ?? [];
  if (base === undefined) return undefined;
  return { base, number: Number(number), tag: tag.includes('_') ? tag : undefined };
}

/** Two minor releases must not share a number. */
function agree(one: Kernel, other: Kernel | undefined): boolean {
  if (other === undefined || one.base !== other.base || one.number !== other.number) return true;
  return one.tag === other.tag;
}
