/** The milliseconds per unit. The units are days and the units of Go's `time.ParseDuration`, which Clair v2 used. */
const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

/** Matches a number and its unit. The limit of nine digits keeps numbers exact and durations finite. */
const PART = /(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})([a-zµμ]+)/y;

/**
 * Converts a non-negative duration such as `2h`, `1h30m`, `1.5h`, `5d` or `0` to milliseconds; returns undefined for
 * other texts.
 */
export function parseDuration(text: string | 0): number | undefined {
  if (text === '0' || text === 0) return 0;
  let milliseconds = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const [part = '', amount = '', unit = ''] = PART.exec(text) ?? [];
    const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (factor === undefined) return undefined;
    milliseconds += Number(amount) * factor;
    at += part.length;
  }
  return text === '' ? undefined : milliseconds;
}
