import { InvalidArgumentError, Option } from 'commander';
import { countOf } from '../model/counted-noun.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

/** Creates the option `--limit` of commands that list stored data: an integer from 1 to 10,000; 100 by default. */
export function limitOption(description: string): Option {
  return new Option('--limit <number>', description).argParser(limit).default(DEFAULT_LIMIT);
}

/**
 * Returns the last line of a list, such as `3 images` or `The first 100 images; --limit lists more.`
 *
 * @param count the number of listed items
 * @param hasMore whether there are more items than the limit
 */
export function listedText(count: number, noun: string, hasMore: boolean): string {
  if (!hasMore) return countOf(count, noun);
  const first = `The first ${count === 1 ? noun : countOf(count, noun)}`;
  return count < MAX_LIMIT ? `${first}; --limit lists more.` : `${first}; the database has more.`;
}

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAX_LIMIT) return number;
  throw new InvalidArgumentError(`It must be an integer from 1 to ${MAX_LIMIT}.`);
}
