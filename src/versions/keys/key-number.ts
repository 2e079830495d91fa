/**
 * The number of digits from which the length takes two more bytes. A byte of this value precedes the two bytes, so that
 * longer numbers sort after shorter numbers.
 */
const LONG_NUMBER = 0xfe;

/**
 * Encodes a run of digits for a version key: removes leading zeros, then writes the count of the remaining digits,
 * followed by these digits in ASCII. The count takes one byte up to FD; from FE on, the count takes the byte FE and two
 * bytes, big-endian. At most 65,535 digits may remain.
 *
 * @returns a string with a character for each byte
 */
export function keyNumber(text: string): string {
  const digits = text.replace(/^0+/, '');
  const length = digits.length;
  const codes = length < LONG_NUMBER ? [length] : [LONG_NUMBER, length >>> 8, length & 0xff];
  return String.fromCharCode(...codes) + digits;
}
