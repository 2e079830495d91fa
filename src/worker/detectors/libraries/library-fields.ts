import { isIndexable, MAX_INDEXED_BYTES } from '../../../model/indexed-text.ts';

/** Matches text without control, format, private-use and unassigned characters and without line separators. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

/** Returns why a field of a library, such as the name, is invalid (`an empty name`); undefined for a valid text. */
export function textFault(field: string, text: string | undefined): string | undefined {
  if (text === undefined) return `no ${field}`;
  if (text === '') return `an empty ${field}`;
  if (!isIndexable(text)) return `a ${field} of more than ${MAX_INDEXED_BYTES} bytes`;
  return PRINTABLE.test(text) ? undefined : `a ${field} with unprintable characters`;
}

/** Returns why the name or version of a library in JSON is invalid; undefined for a valid value. */
export function valueFault(field: string, value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? textFault(field, value) : `a ${field} that is not text`;
}
