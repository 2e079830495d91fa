import type { Detector } from '../detectors/detector.ts';

/** What a path means to the detectors. */
export type PathRole = {
  /** Those that want the file at this path; empty for a directory above wanted paths. */
  readonly detectors: readonly Detector[];
  /** Whether wanted paths lie below. */
  readonly above: boolean;
};

/** The paths that some detectors want, made so that a path costs one or two look-ups however many detectors there are. */
export type WantedPaths = {
  readonly roles: ReadonlyMap<string, PathRole>;
  /** By directory: the detectors that want every file directly in it. */
  readonly directories: ReadonlyMap<string, readonly Detector[]>;
};

/** The last segment that stands for every file directly in a directory, as {@link Detector.paths} says. */
const EVERY_FILE = '*';

/** Indexes what `detectors` want. */
export function indexWantedPaths(detectors: readonly Detector[]): WantedPaths {
  const roles = new Map<string, PathRole>();
  const directories = new Map<string, readonly Detector[]>();
  for (const detector of detectors) {
    for (const path of detector.paths) {
      const directory = parentOf(path);
      if (path.slice(path.lastIndexOf('/') + 1) === EVERY_FILE) {
        directories.set(directory, [...(directories.get(directory) ?? []), detector]);
      } else {
        const role = roles.get(path);
        roles.set(path, { detectors: [...(role?.detectors ?? []), detector], above: role?.above ?? false });
      }
      for (const ancestor of ancestorsOf(path)) {
        roles.set(ancestor, { detectors: roles.get(ancestor)?.detectors ?? [], above: true });
      }
    }
  }
  return { roles, directories };
}

/** Tells what `path` means to the detectors; gives null when it means nothing, as the root does. */
export function roleOfPath(path: string, wanted: WantedPaths): PathRole | null {
  if (path === '') return null;
  const role = wanted.roles.get(path) ?? null;
  const asChild = wanted.directories.get(parentOf(path));
  if (asChild === undefined) return role;
  const others = role?.detectors.filter((detector) => !asChild.includes(detector)) ?? [];
  return { detectors: [...others, ...asChild], above: role?.above ?? false };
}

/** Gives the directories above `path`, nearest first, without the root. */
export function ancestorsOf(path: string): readonly string[] {
  const ancestors: string[] = [];
  for (let above = parentOf(path); above !== ''; above = parentOf(above)) ancestors.push(above);
  return ancestors;
}

/** Gives the directory that `path` lies in; the root is empty. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
