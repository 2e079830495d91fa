/** The builds of a Red Hat package for one minor release. */
export type Branch = {
  /** The name of the branch; the same for all versions of the branch. */
  readonly name: string;
  /** The lowest version above all later builds of this branch. */
  readonly end: string;
};

/**
 * Returns the branch of a version. The release of a version names the minor release of the build, for example in
 * `14.el9_0.9` and `12.module+el8.10.0+23147+20b7d289`. Higher versions with the prefix `14.el9_0` are later builds of
 * the same branch; other versions may belong to another branch.
 *
 * In the release of a kernel (`5.14.0-70.101.1.el9_0`), later builds increment the second and the third number. The
 * first number identifies the minor release; in RHEL 7, no other part identifies it. The rule for kernels applies
 * unless one of `versions` with the same first number belongs to another minor release.
 *
 * @param versions all versions that contain the same fix
 * @returns undefined for a version that names no minor release; with standard support, such a version was built for the
 * next minor release
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

/** Removes the build number and the context hash, which differ between the builds of a module for the same erratum. */
export function withoutBuild(version: string): string {
  return version.replace(/(\.module\+el\d+\.\d+\.\d+)\+\d+\+[0-9a-f]+/, '$1');
}

/** Matches `.elN_M` with any suffix and, in modules, `.module+elN.M.0+…`. */
const TAGGED = /^(.+\.)(el\d+_|module\+el\d+\.)(\d{1,4})(?=\.|$)/;

const KERNEL = /^(.+)-(\d{2,6})\.\d+\.\d+(?:\.rt[\d.]+)?\.(el\d+(?:_\d+)?)(?:\.|$)/;

type Kernel = { readonly base: string; readonly number: number; readonly tag: string | undefined };

function kernelOf(version: string): Kernel | undefined {
  const [, base, number, tag = ''] = KERNEL.exec(version) ?? [];
  if (base === undefined) return undefined;
  return { base, number: Number(number), tag: tag.includes('_') ? tag : undefined };
}

/** Returns false if two versions with the same number belong to different minor releases. */
function agree(one: Kernel, other: Kernel | undefined): boolean {
  if (other === undefined || one.base !== other.base || one.number !== other.number) return true;
  return one.tag === other.tag;
}
