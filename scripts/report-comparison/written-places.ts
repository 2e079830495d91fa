/** A word that stands for a folder in written files, such as `{shared}`, and the folder. */
export type Place = readonly [word: string, folder: string];

/** Puts words in the place of folders, so that runs in different folders write the same. */
export function withWords(text: string, places: readonly Place[]): string {
  return places.reduce((written, [word, folder]) => written.replaceAll(folder, word), text);
}

/** Undoes {@link withWords}. */
export function withFolders(text: string, places: readonly Place[]): string {
  return places.reduce((read, [word, folder]) => read.replaceAll(word, folder), text);
}
