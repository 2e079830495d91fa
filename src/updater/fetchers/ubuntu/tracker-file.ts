/** The maximum length of a note, longer than any version or note; the limit bounds the time for parsing a note. */
export const MAX_NOTE_LENGTH = 1024;

/** The state of a package in a pocket: `PLACE_PACKAGE: STATE (NOTE)`. */
export type StateLine = {
  /** The text before the first `_`. */
  readonly place: string;
  readonly package: string;
  /** The first word; may be empty. */
  readonly state: string;
  /** The rest, with its brackets; at most {@link MAX_NOTE_LENGTH} characters. */
  readonly note: string;
};

export type TrackerFile = {
  /** The fields that Clair reads: the value and its continuation lines, trimmed. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly states: readonly StateLine[];
  /** Lines with a state but without a place. */
  readonly strays: readonly string[];
};

/**
 * Splits a file of the tracker (README of the tracker, "TRIAGING"): fields `NAME: value`, continuation lines that start
 * with a blank or tab, and states. Ignores empty lines and comments (`#`).
 */
export function readTrackerFile(text: string): TrackerFile {
  const fields = new Map<string, string[]>();
  const states: StateLine[] = [];
  const strays: string[] = [];
  let continued: string[] | undefined;
  for (const line of text.split('\n')) {
    const first = line[0];
    if (first === undefined || first === '#' || first === '\r') continue;
    if (first === ' ' || first === '\t') {
      continued?.push(line.trim());
      continue;
    }
    continued = undefined;
    const state = readState(line);
    if (state !== undefined) {
      states.push(state);
      continue;
    }
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    if (name === 'Priority' || name.startsWith('Priority_') || READ_FIELDS.has(name)) {
      continued = [value.trim()];
      if (!fields.has(name)) fields.set(name, continued);
    } else if (!OTHER_FIELD.test(name) && STATES.has(firstWord(value))) strays.push(line.trim());
  }
  return { fields, states, strays };
}

/** The fields that are read besides priorities. */
const READ_FIELDS: ReadonlySet<string> = new Set(['Candidate', 'Description', 'Ubuntu-Description', 'CVSS']);

const FIELD = /^([^:]*):(.*)$/s;

/** Field names start with a capital letter. Some old files have a meaningless state after a patch field. */
const OTHER_FIELD = /^(?:Patches|Tags)_/;

/** A place without capital letters, and a package name, which may contain capital letters (`Android`). */
const STATE_LINE = /^([a-z0-9][^\s_:]*)_([^\s:]+)\s*:\s*(\S*)\s*(.*)$/s;

const STATES: ReadonlySet<string> = new Set([
  'DNE',
  'active',
  'deferred',
  'ignored',
  'needed',
  'needs-triage',
  'not-affected',
  'pending',
  'released',
  'released-esm',
]);

function readState(line: string): StateLine | undefined {
  const [, place, name, state = '', note = ''] = STATE_LINE.exec(line) ?? [];
  return place === undefined || name === undefined
    ? undefined
    : { place, package: name, state, note: note.slice(0, MAX_NOTE_LENGTH).trim() };
}

function firstWord(text: string): string {
  return /^\s*(\S*)/.exec(text)?.[1] ?? '';
}
