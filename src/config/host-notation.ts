import { isIP } from 'node:net';

/**
 * Matches labels of letters, digits, `-` and `_`. A numeric last label would make the host an address (URL standard,
 * "ends in a number").
 */
const NAME = /^(?:[a-z0-9_-]+\.)*(?!(?:\d+|0x[0-9a-f]*)\.?$)[a-z0-9_-]+\.?$/i;

const RANGE = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i;

/**
 * Returns whether a text is valid in `worker.allowedHosts`: an ASCII host name, an IPv4 or IPv6 address, or a CIDR
 * range. The host policy (`src/bytes/host-policy.ts`) accepts every valid text.
 */
export function isHostNotation(text: string): boolean {
  const [, network = '', prefix = '0'] = RANGE.exec(text) ?? [];
  const family = isIP(network);
  if (family !== 0) return Number(prefix) <= (family === 4 ? 32 : 128);
  return NAME.test(text) && URL.canParse(`http://${text}`);
}
