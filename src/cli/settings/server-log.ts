import { type Logger, pino } from 'pino';
import { printableLogLine } from '../../model/printable.ts';

/**
 * Where secrets would stand if whole requests, answers or settings were ever logged. They are not: this is for the line
 * that somebody adds without thinking of it.
 */
const SECRETS = ['authorization', 'headers', 'cookie', 'key', 'secret', 'token', 'password', 'paginationkey'];

/** Levels of the original's `--log-level`, and what they are called here. */
export const ORIGINAL_LEVELS: Readonly<Record<string, string>> = { notice: 'info', warning: 'warn', critical: 'error' };

/**
 * Makes the log of the server: JSON lines, whose messages are constant and whose fields say the rest. Texts in it stay harmless
 * when a viewer decodes the JSON.
 */
export function createServerLog(level: string, write: (line: string) => void): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, redact: { paths, censor: '********' } }, { write: (line) => write(printableLogLine(line)) });
}
