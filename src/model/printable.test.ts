import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableLines, printableLogLine, printableStack } from './printable.ts';

/** The characters that move the cursor, end a line or change the direction of text. */
const CONTROLS = ['\0', '\u0007', '\b', '\t', '\n', '\r', '\u001B', '\u007F', '\u0085', '\u009B', '\u2028', '\u2029'];
const DIRECTIONS = ['\u200E', '\u200F', '\u202A', '\u202E', '\u2066', '\u2069', '\uFEFF', '\u{E0001}'];
const BROKEN = ['\uD800', '\uDC00', '\uFFFE', '\u{1FFFF}'];

const LEFT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;

describe('a printable text', () => {
  it.each([
    ['plain words: ü 日本 → ∞', 'plain words: ü 日本 → ∞'],
    ['\u001B[2J\u001B]52;c;cm0=\u0007', '\\u001b[2J\\u001b]52;c;cm0=\\u0007'],
    ['a\r\n::warning::b\n', 'a\\r\\n::warning::b\\n'],
    ['a\tb', 'a\\tb'],
    ['\u202Eabc\u2066', '\\u202eabc\\u2066'],
    ['a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
    ['\u{E0001}', '\\u{e0001}'],
    ['\uD800', '\uFFFD'],
    // These are commands of CI runners; GitHub trims lines before it searches for commands.
    ['::warning::a', '\\::warning::a'],
    ['  ::set-output name=a::b', '  \\::set-output name=a::b'],
    ['a ::warning::b', 'a ::warning::b'],
    ['::1 and [::]:80', '::1 and [::]:80'],
    ['a ##[error]b', 'a #\\#[error]b'],
    ['##vso[task.setvariable]x ###[group]', '#\\#vso[task.setvariable]x ##\\#[group]'],
    ['## A heading', '## A heading'],
    ['', ''],
  ])('of %j is %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
    expect(printable(expected)).toBe(expected);
  });

  it('has no control characters', () => {
    for (const character of [...CONTROLS, ...DIRECTIONS, ...BROKEN]) {
      expect(printable(`a${character}b`)).not.toMatch(LEFT);
    }
  });

  it('of several lines keeps the lines without commands', () => {
    expect(printableLines('a\r\n::error::b\n\u001Bc')).toBe('a\n\\::error::b\n\\u001bc');
  });

  it('of a stack keeps only frames as lines', () => {
    expect(printableStack('Error: a\nb\r\n\u001B[2J\n    at f (g.ts:1:2)\n    at h')).toBe(
      'Error: a\\nb\\r\\n\\u001b[2J\n    at f (g.ts:1:2)\n    at h',
    );
  });
});

describe('printable JSON', () => {
  const hostile = {
    [`k${CONTROLS.join('')}`]: [...CONTROLS, ...DIRECTIONS.slice(0, -1), 'a ##[error]b', '\\', '"', '\\u001b'],
  };

  it.each([0, 2])('has the same value with an indent of %d', (indent) => {
    const json = printableJson(JSON.stringify(hostile, null, indent));
    expect(JSON.parse(json)).toEqual(hostile);
    expect(json.replaceAll('\n', '')).not.toMatch(LEFT);
    expect(json).not.toContain('##[');
  });
});

describe('a printable line of a log', () => {
  it.each([
    ['\u001B[2J', '\\u001b[2J'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u009B\u202E', '\\u009b\\u202e'],
    ['a "quoted" \\ back/slash', 'a "quoted" \\ back/slash'],
    ['\\u001b is text', '\\u001b is text'],
    ['\\n is text', '\\n is text'],
    ['Error: a\nb\n    at f (g.ts:1:2)\n    at h', 'Error: a\\nb\n    at f (g.ts:1:2)\n    at h'],
    ['##[error]', '#\\#[error]'],
    ['\u{E0001}\u{1FFFF}', '\\u{e0001}\\u{1ffff}'],
  ])('shows %j as %j when it is decoded', (text, shown) => {
    const line = printableLogLine(`${JSON.stringify({ level: 30, msg: text })}\n`);
    expect(line).toMatch(/^[^\n]*\n$/);
    expect(line.trimEnd()).not.toMatch(LEFT);
    expect(JSON.parse(line)).toEqual({ level: 30, msg: shown });
  });
});
