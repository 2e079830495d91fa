/** A folder, and the placeholder for the folder in written files, such as `{shared}`. */
export type Place = readonly [word: string, folder: string];

/** Replaces folders with placeholders, so that runs in different folders write the same text. */
export function withWords(text: string, places: readonly Place[]): string {
  return places.reduce((written, [word, folder]) => written.replaceAll(folder, word), text);
}

/** Replaces the placeholders of {@link withWords} with the folders. */
export function withFolders(text: string, places: readonly Place[]): string {
  return places.reduce((read, [word, folder]) => read.replaceAll(word, folder), text);
}
