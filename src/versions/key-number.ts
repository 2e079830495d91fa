/** From this length on a number of a key has two more bytes for it, so that longer ones still sort behind shorter ones. */
const LONG_NUMBER = 0xfe;

/**
 * Writes a run of digits as the number of a key: its length without leading zeros (one byte up to FD; from FE on the
 * byte FE and then two bytes, big-endian) and its digits in ASCII. Digits stay text, so that a number may have any
 * length up to 65,535.
 *
 * @returns a text with one character a byte
 */
export function keyNumber(text: string): string {
  const digits = text.replace(/^0+/, '');
  const length = digits.length;
  const codes = length < LONG_NUMBER ? [length] : [LONG_NUMBER, length >>> 8, length & 0xff];
  return String.fromCharCode(...codes) + digits;
}
