/**
 * The number of digits from which the length takes two more bytes. A byte of this value precedes the two bytes, so that
 * longer numbers sort after shorter numbers.
 */
const LONG_NUMBER = 0xfe;

/**
 * Encodes a run of digits as a number in a key, which consists of the number of digits without leading zeros, and the
 * digits in ASCII. The number of digits takes one byte up to FD; from FE on, it takes the byte FE and two bytes,
 * big-endian. A number may have up to 65,535 digits.
 *
 * @returns a string with a character for each byte
 */
export function keyNumber(text: string): string {
  const digits = text.replace(/^0+/, '');
  const length = digits.length;
  const codes = length < LONG_NUMBER ? [length] : [LONG_NUMBER, length >>> 8, length & 0xff];
  return String.fromCharCode(...codes) + digits;
}
