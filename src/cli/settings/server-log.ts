import { type Logger, pino } from 'pino';
import { printableLogLine } from '../../model/printable.ts';

/**
 * The names of fields with secrets in requests, responses and settings. No log line contains these fields at present;
 * the list protects future log lines.
 */
const SECRETS = ['authorization', 'headers', 'cookie', 'key', 'secret', 'token', 'password', 'paginationkey'];

/** The log levels of Clair v1 that pino does not have, mapped to pino levels. */
export const ORIGINAL_LEVELS: Readonly<Record<string, string>> = { notice: 'info', warning: 'warn', critical: 'error' };

/**
 * Creates the log of the server. Each log line is JSON with a constant message and fields. No field can send control
 * codes to a terminal.
 */
export function createServerLog(level: string, write: (line: string) => void): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, redact: { paths, censor: '********' } }, { write: (line) => write(printableLogLine(line)) });
}
