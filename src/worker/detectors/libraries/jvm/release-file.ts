/** The longest value, the list of modules, is a few KiB. */
const MAX_BYTES = 256 * 1024;

const LINE = /^([A-Z_]{1,64})=(.*)$/s;

/** Reads the lines `KEY="VALUE"` of the `release` file of a Java runtime; other lines are ignored. */
export function readReleaseFile(bytes: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of new TextDecoder().decode(bytes.subarray(0, MAX_BYTES)).split('\n')) {
    const [, key, value] = LINE.exec(line) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, value.replace(/^"/, '').replace(/"?\r*$/, ''));
  }
  return fields;
}
