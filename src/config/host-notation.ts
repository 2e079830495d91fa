import { isIP } from 'node:net';

/** Labels of letters, digits, `-` and `_`; a last one of digits would make it an address (URL standard, "ends in a number"). */
const NAME = /^(?:[a-z0-9_-]+\.)*(?!(?:\d+|0x[0-9a-f]*)\.?$)[a-z0-9_-]+\.?$/i;

const RANGE = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i;

/**
 * Tells whether a text names hosts as `worker.allowedHosts` does: a host name, an IPv4 or IPv6 address, or a CIDR range.
 * What passes is what the policy of the server takes; a name with other letters than those of ASCII is not one here.
 */
export function isHostNotation(text: string): boolean {
  const [, network = '', prefix = '0'] = RANGE.exec(text) ?? [];
  const family = isIP(network);
  if (family !== 0) return Number(prefix) <= (family === 4 ? 32 : 128);
  return NAME.test(text) && URL.canParse(`http://${text}`);
}
