/** Paths in the order of an archive, each as what it shares with the path before it and the rest: neighbours share most. */
export type PathList = {
  /** For each path: how many characters it shares with the path before it. */
  readonly shared: readonly number[];
  readonly rests: readonly string[];
};

/** Collects a {@link PathList}. */
export type PathListWriter = {
  /** Adds a path; beyond the bound of the list nothing is added any more. */
  readonly add: (path: string) => void;
  /** Returns the list; undefined for an empty one. */
  readonly list: () => PathList | undefined;
};

/** What a path takes as JSON beside the characters of its rest: a number, two commas, and quotes. */
const PATH_CHARACTERS = 6;

/** Creates a writer of a list that takes up to `maxCharacters`, about as JSON has it. */
export function createPathList(maxCharacters: number): PathListWriter {
  const shared: number[] = [];
  const rests: string[] = [];
  let last = '';
  let left = maxCharacters;
  return {
    add(path) {
      if (left <= 0) return;
      const most = Math.min(last.length, path.length);
      let common = 0;
      while (common < most && last.charCodeAt(common) === path.charCodeAt(common)) common += 1;
      const rest = path.slice(common);
      left -= rest.length + PATH_CHARACTERS;
      if (left < 0) return;
      shared.push(common);
      rests.push(rest);
      last = path;
    },
    list: () => (rests.length === 0 ? undefined : { shared, rests }),
  };
}

/** Returns the paths of a list one by one. */
export function* pathsOf({ shared, rests }: PathList): Generator<string> {
  let last = '';
  for (const [at, rest] of rests.entries()) {
    last = last.slice(0, shared[at]) + rest;
    yield last;
  }
}
