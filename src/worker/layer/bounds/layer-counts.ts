import { ClairError } from '../../../errors.ts';
import { type Bound, countedAs } from '../kept-path.ts';
import type { LayerLimits } from '../limits.ts';

/** Counts the kept data of a layer. The methods throw `bytes/limit-exceeded` beyond a limit. */
export type LayerCounts = {
  readonly addCharacters: (characters: number) => void;
  /** Checks a number of characters against the limit without adding the number. */
  readonly checkCharacters: (characters: number) => void;
  /** Counts a kept member or hidden path. */
  readonly addPath: (bound: Bound) => void;
  /** Subtracts a kept path and its characters. */
  readonly subtract: (bound: Bound, characters: number) => void;
};

/** Creates the counts of an empty layer. @param where the name of the layer, for errors */
export function createLayerCounts(limits: LayerLimits, where: string): LayerCounts {
  const { maxKeptCharacters, maxWantedFiles, maxFilesAnywhere } = limits;
  const counts = { fixed: 0, anywhere: 0 };
  let kept = 0;

  const fail = (what: string): never => {
    throw new ClairError('bytes/limit-exceeded', `${where}: ${what}`);
  };
  const checkCharacters = (characters: number): void => {
    if (characters > maxKeptCharacters)
      fail(`the data from the files and links that Clair reads exceeds ${maxKeptCharacters} characters`);
  };
  return {
    addCharacters(characters) {
      kept += characters;
      checkCharacters(kept);
    },
    checkCharacters,
    addPath(bound) {
      counts[countedAs(bound)] += 1;
      if (counts.fixed > maxWantedFiles) fail(`more than ${maxWantedFiles} members have paths that detectors read`);
      if (counts.anywhere > maxFilesAnywhere)
        fail(
          `more than ${maxFilesAnywhere} members are whiteouts, or files that detectors read regardless of their directory`,
        );
    },
    subtract(bound, characters) {
      kept -= characters;
      counts[countedAs(bound)] -= 1;
    },
  };
}
