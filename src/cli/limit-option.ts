import { InvalidArgumentError, Option } from 'commander';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

/** Creates the option `--limit` of commands that list stored data: an integer from 1 to 10,000; 100 by default. */
export function limitOption(description: string): Option {
  return new Option('--limit <number>', description).argParser(limit).default(DEFAULT_LIMIT);
}

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAX_LIMIT) return number;
  throw new InvalidArgumentError(`It must be an integer from 1 to ${MAX_LIMIT}.`);
}
