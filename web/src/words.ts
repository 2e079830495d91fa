const KIBI = 1024;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Returns a number of bytes as text, such as `3.4 MiB`. */
export function bytesInWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(KIBI)));
  const amount = bytes / KIBI ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power] ?? 'B'}`;
}

/** Returns an age in seconds as text, such as `3 hours`. */
export function ageInWords(seconds: number): string {
  const [length, unit] = AGES.find(([each]) => seconds >= each) ?? [1, 'second'];
  return countOf(Math.floor(seconds / length), unit);
}

const AGES: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/**
 * Returns a number as text, such as `2,000`. All calls share a formatter, because `toLocaleString` creates a formatter
 * for each call. Counts below 1,000 need no formatter, whose calls add up in long tables.
 */
export function numberInWords(count: number): string {
  return Number.isInteger(count) && count >= 0 && count < 1000 ? `${count}` : NUMBERS.format(count);
}

const NUMBERS = new Intl.NumberFormat('en');

/** Returns a count with its noun, such as `1 layer` or `2,000 layers`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberInWords(count)} ${count === 1 ? noun : plural}`;
}

/**
 * Returns the Dockerfile instruction of a layer, given the `created_by` that builders write into the history of an
 * image.
 */
export function instructionOf(createdBy: string): string {
  const plain = createdBy.replace(/\s+# buildkit$/, '').trim();
  if (plain === '') return 'Unknown instruction';
  const nop = /^\/bin\/sh -c #\(nop\)\s+(.*)$/s.exec(plain);
  if (nop?.[1] !== undefined) return nop[1];
  return plain.replace(/^(?:RUN )?(?:\|\d+ .*? )?\/bin\/sh -c /s, 'RUN ');
}

/** Shortens a digest to its algorithm and 12 digits, such as `sha256:0123456789ab`. */
export function shortDigest(digest: string): string {
  return digest.slice(0, SHORT_DIGEST_LENGTH);
}

const SHORT_DIGEST_LENGTH = 19;
