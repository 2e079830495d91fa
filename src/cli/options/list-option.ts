import { InvalidArgumentError } from 'commander';

/**
 * A parser of an option that may be repeated. The parser appends the values in `text` to the values of earlier
 * occurrences.
 */
export type ListParser<Item> = (text: string, before?: readonly Item[]) => readonly Item[];

/**
 * Returns the parser of an option that takes a comma-separated list and may be repeated.
 *
 * @param parseItem returns undefined for an invalid item
 * @param expected the valid values, for the message
 * @returns a function that throws InvalidArgumentError for an empty or invalid item
 */
export function listOption<Item>(parseItem: (text: string) => Item | undefined, expected: string): ListParser<Item> {
  return (text, before = []) => [
    ...before,
    ...text.split(',').map((part) => {
      const item = part.trim() === '' ? undefined : parseItem(part.trim());
      if (item === undefined) throw new InvalidArgumentError(`"${part.trim()}" must be ${expected}.`);
      return item;
    }),
  ];
}

/** Parses a comma-separated list of names. @throws InvalidArgumentError for an empty name */
export const nameList: ListParser<string> = listOption((name) => name, 'a name');

/**
 * Parses the value of an option for files or directories. The option may be repeated, but takes one path at a time,
 * because a path can contain a comma.
 */
export const pathList: ListParser<string> = (path, before = []) => [...before, path];
