import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';

export type LogConfig = { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' };

const KEYS = mapOf({
  level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    title: 'trace, debug, info, warn, error or silent',
    description: 'Lowest level to log; logs are JSON lines on standard error',
  }),
});

/** The section `log`. */
export const LOG: ConfigSection<LogConfig> = {
  name: 'log',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
