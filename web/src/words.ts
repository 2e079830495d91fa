const KIBI = 1024;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A number of bytes as people read it: `3.4 MiB`. */
export function bytesInWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(KIBI)));
  const amount = bytes / KIBI ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power] ?? 'B'}`;
}

/** How long ago, in seconds, as people read it: `3 hours`. */
export function ageInWords(seconds: number): string {
  const [length, unit] = AGES.find(([each]) => seconds >= each) ?? [1, 'second'];
  return countOf(Math.floor(seconds / length), unit);
}

const AGES: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** `1 layer`, `2 layers`; big numbers in groups of three. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** The instruction that made a layer, as it stands in a Dockerfile, from what builders write into the history of an image. */
export function instructionOf(createdBy: string): string {
  const plain = createdBy.replace(/\s+# buildkit$/, '').trim();
  if (plain === '') return 'No instruction is known';
  const nop = /^\/bin\/sh -c #\(nop\)\s+(.*)$/s.exec(plain);
  if (nop?.[1] !== undefined) return nop[1];
  return plain.replace(/^(?:RUN )?(?:\|\d+ .*? )?\/bin\/sh -c /s, 'RUN ');
}

/** The beginning of a digest, by which people tell it from others. */
export function shortDigest(digest: string): string {
  return digest.slice(0, SHORT_DIGEST_LENGTH);
}

/** Twelve digits behind `sha256:`. */
const SHORT_DIGEST_LENGTH = 19;
