/**
 * The maximum length of a note in characters, which bounds the time for parsing a note. Real notes and versions are
 * shorter.
 */
export const MAX_NOTE_LENGTH = 1024;

/** A line with the state of a package in a pocket, in the form `PLACE_PACKAGE: STATE (NOTE)`. */
export type StateLine = {
  /** The text before the first `_`. */
  readonly place: string;
  readonly package: string;
  /** The first word after the colon; may be empty. */
  readonly state: string;
  /** The text after the state, with its brackets; at most {@link MAX_NOTE_LENGTH} characters. */
  readonly note: string;
};

export type TrackerFile = {
  /** The fields that Clair reads, by name. Each field contains its value and its continuation lines, trimmed. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly states: readonly StateLine[];
  /** Lines with a state but without a place. */
  readonly strays: readonly string[];
};

/**
 * Splits a file of the tracker (README of the tracker, "TRIAGING") into fields `NAME: value` with continuation lines,
 * which start with a blank or tab, and states. Ignores empty lines and comments (`#`).
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

/** The names of the fields that are read in addition to priorities. */
const READ_FIELDS: ReadonlySet<string> = new Set(['Candidate', 'Description', 'Ubuntu-Description', 'CVSS']);

const FIELD = /^([^:]*):(.*)$/s;

/**
 * Patch and tag fields, which contain a meaningless state in some old files. Field names start with a capital letter.
 */
const OTHER_FIELD = /^(?:Patches|Tags)_/;

/**
 * The form of a line with a state. The place has no capital letters; the package name may have capital letters
 * (`Android`).
 */
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
