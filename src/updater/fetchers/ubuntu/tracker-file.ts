/** No version is longer, and no note of the tracker; what is behind it would only cost time. */
export const MAX_NOTE_LENGTH = 1024;

/** A line that says the state of a package somewhere: `PLACE_PACKAGE: STATE (NOTE)`. */
export type StateLine = {
  /** What stands before the first `_`. */
  readonly place: string;
  readonly package: string;
  /** The first word; it may be empty. */
  readonly state: string;
  /** What follows it, brackets included; at most {@link MAX_NOTE_LENGTH} characters. */
  readonly note: string;
};

/** A file of the tracker, taken apart but not understood. */
export type TrackerFile = {
  /** The fields that Clair reads, each with its own line first and then those that continue it, trimmed. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly states: readonly StateLine[];
  /** Lines that hold a state but not of what. */
  readonly strays: readonly string[];
};

/**
 * Takes a file of the tracker apart (README of the tracker, "TRIAGING"): fields `NAME: value`, continued by lines that
 * start with a blank or tab, and lines of states. Blank lines and those that start with `#` say nothing.
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

/** The fields that are read beside those of priorities. */
const READ_FIELDS: ReadonlySet<string> = new Set(['Candidate', 'Description', 'Ubuntu-Description', 'CVSS']);

const FIELD = /^([^:]*):(.*)$/s;

/** Names of fields start with a capital. In some old files a state stands behind the one of patches, where it means nothing. */
const OTHER_FIELD = /^(?:Patches|Tags)_/;

/** Places, which have no capitals, and the name of a package that may have them (`Android`). */
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
