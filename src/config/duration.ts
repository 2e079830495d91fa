/** Milliseconds of the units that Go's `time.ParseDuration` has, which the original's configuration is read with, and days. */
const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** Reads a duration such as `2h`, `1h30m` or `5d`; `0` is one too. Gives milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const [, ...amounts] = text === '' ? [] : (DURATION.exec(text) ?? []);
  if (amounts.length === 0) return undefined;
  return Object.values(UNITS).reduce((sum, unit, index) => sum + Number(amounts[index] ?? 0) * unit, 0);
}
