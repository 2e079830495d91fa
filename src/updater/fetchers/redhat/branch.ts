/** The line of builds that a version of a package of Red Hat belongs to: those for one minor release. */
export type Branch = {
  /** Equal for versions of one branch. */
  readonly name: string;
  /** The lowest version above all that are surely later builds of this branch. */
  readonly end: string;
};

/**
 * Finds the branch of a version by its release: `14.el9_0.9` and `12.module+el8.10.0+23147+20b7d289` name the minor release
 * that they were built for. All of `14.el9_0` from one on are later builds of it; what has another number before belongs
 * perhaps to another branch.
 *
 * Kernels raise the second and third number instead (`5.14.0-70.101.1.el9_0`): the first is that of the minor release, and
 * of RHEL 7 the only sign of it. This is believed when no two of `versions` speak against it.
 *
 * @param versions all the versions that carry the same fix
 * @returns undefined when the version does not tell: it was built for the next minor release, as all of the main line
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

/** A version without what tells apart the builds of one erratum of a module: a number, and the hash of what it needs. */
export function withoutBuild(version: string): string {
  return version.replace(/(\.module\+el\d+\.\d+\.\d+)\+\d+\+[0-9a-f]+/, '$1');
}

/** `.elN_M` with anything behind; of modules `.module+elN.M.0+…`. */
const TAGGED = /^(.+\.)(el\d+_|module\+el\d+\.)(\d{1,4})(?=\.|$)/;

const KERNEL = /^(.+)-(\d{2,6})\.\d+\.\d+(?:\.rt[\d.]+)?\.(el\d+(?:_\d+)?)(?:\.|$)/;

type Kernel = { readonly base: string; readonly number: number; readonly tag: string | undefined };

function kernelOf(version: string): Kernel | undefined {
  const [, base, number, tag = ''] = KERNEL.exec(version) ?? [];
  if (base === undefined) return undefined;
  return { base, number: Number(number), tag: tag.includes('_') ? tag : undefined };
}

/** One number is not that of two minor releases. */
function agree(one: Kernel, other: Kernel | undefined): boolean {
  if (other === undefined || one.base !== other.base || one.number !== other.number) return true;
  return one.tag === other.tag;
}
