/** Paths in archive order, prefix-compressed against the previous path. */
export type PathList = {
  /** The number of characters that each path shares with the previous path. */
  readonly shared: readonly number[];
  readonly rests: readonly string[];
};

export type PathListWriter = {
  /** Adds a path; does nothing once the limit is reached. */
  readonly add: (path: string) => void;
  readonly list: () => PathList | undefined;
  /** The number of paths in the list. */
  readonly length: number;
};

/** The JSON overhead of a path: a number, two commas, and quotes. */
const PATH_CHARACTERS = 6;

/** Creates a writer of a list with an approximate JSON length of up to `maxCharacters`. */
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
    get length() {
      return rests.length;
    },
    list: () => (rests.length === 0 ? undefined : { shared, rests }),
  };
}

/** Yields the paths of a list in order. */
export function* pathsOf({ shared, rests }: PathList): Generator<string> {
  let last = '';
  for (const [at, rest] of rests.entries()) {
    last = last.slice(0, shared[at]) + rest;
    yield last;
  }
}
