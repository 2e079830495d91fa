/** The conventions of options, which the tests check for every command of the program. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram, runCli } from './program.ts';

/** The commands that print a document or list, each with arguments; null for commands that need a server. */
const PRINTING: Readonly<Record<string, readonly string[] | null>> = {
  'clair scan': ['scan', 'rootfs:ROOT'],
  'clair explain': ['explain', 'CVE-2024-1234', 'rootfs:ROOT'],
  'clair diff': ['diff', 'rootfs:ROOT', 'rootfs:ROOT'],
  'clair graph': ['graph', 'rootfs:ROOT'],
  'clair images': ['images'],
  'clair affected': ['affected', 'ROOT-1'],
  'clair feeds': ['feeds'],
  'clair sources': ['sources'],
  'clair file-rules list': ['file-rules', 'list'],
  'clair ignore-rules list': ['ignore-rules', 'list'],
  'clair db stats': ['db', 'stats'],
  'clair db vacuum': ['db', 'vacuum', '--dry-run'],
  'clair submit': null,
  'clair report': null,
  'clair config print': ['config', 'print'],
  'clair notifications': ['notifications'],
};

/** The commands that print a script, whose format is an argument. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = { 'clair completion': ['completion', 'bash'] };

/** The commands that do something, and print only what they did. */
const ACTIONS: readonly string[] = [
  'clair reindex',
  'clair update',
  'clair file-rules add',
  'clair file-rules delete',
  'clair ignore-rules add',
  'clair ignore-rules end',
  'clair db export',
  'clair db import',
  'clair db publish',
  'clair db pull',
  'clair db copy',
  'clair db migrate',
  'clair serve',
  'clair config check',
  'clair notifications retry',
  'clair version',
];

/** The options that take a comma-separated list, each with two values. */
const LISTS: Readonly<Record<string, string>> = {
  '--api-host': 'a.example,b.example',
  '--allow-host': 'a.example,10.0.0.0/8',
  '--digest': `${'a'.repeat(64)},${'b'.repeat(64)}`,
  '--fail-on': 'high,kev',
  '--feed': 'debian,nvd',
  '--format': 'table,json=FILE',
  '--id': 'CVE-2024-1,CVE-2024-2',
  '--include': 'kernel-headers,kernel-headers',
  '--insecure-registry': 'a.example:5000,b.example',
  '--package': 'openssl,zlib',
  '--partial-fetch': 'a.example,b.example=any',
  '--registry-mirror': 'a.example=m.example,b.example=m.example',
  '--severity': 'high,low',
  '--source': 'debian,nvd',
  '--type': 'os,library',
};

const FOLDER = mkdtempSync(join(tmpdir(), 'clair-conventions-'));
const ROOT = join(FOLDER, 'root');
const DB = join(FOLDER, 'clair.db');
const DISCARD = { out: () => undefined, err: () => undefined, signal: new AbortController().signal };

let commands: readonly { readonly path: string; readonly command: Command }[];

beforeAll(async () => {
  commands = commandsOf(await createProgram(DISCARD, () => undefined));
  mkdirSync(join(ROOT, 'etc'), { recursive: true });
  writeFileSync(join(ROOT, 'etc/os-release'), 'ID=debian\nVERSION_ID=12\n');
  const rule = ['file-rules', 'add', 'ROOT-1', '--path', '/etc/os-release', '--severity', 'low'];
  expect(await runCli([...rule, '--db', DB], DISCARD)).toBe(0);
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Returns the commands without subcommands, and the commands with subcommands that can also run alone. */
function commandsOf(command: Command, above = ''): typeof commands {
  const path = `${above}${command.name()}`;
  const runs = command.commands.length === 0 || path in PRINTING;
  return [...(runs ? [{ path, command }] : []), ...command.commands.flatMap((each) => commandsOf(each, `${path} `))];
}

function optionOf({ options }: Command, long: string): Option | undefined {
  return options.find((option) => option.long === long);
}

describe('the options --format and --output', () => {
  it('are considered for every command', () => {
    const known = [...Object.keys(PRINTING), ...Object.keys(SCRIPTS), ...ACTIONS];
    expect(commands.map(({ path }) => path).toSorted()).toEqual(known.toSorted());
  });

  it('belong to all commands that print a document or list, and only to these commands', () => {
    const having = (long: string): readonly string[] =>
      commands.filter(({ command }) => optionOf(command, long) !== undefined).map(({ path }) => path);
    expect(having('--format').toSorted()).toEqual(Object.keys(PRINTING).toSorted());
    expect(having('--output').toSorted()).toEqual([...Object.keys(PRINTING), ...Object.keys(SCRIPTS)].toSorted());
  });

  it('have the same short forms and help everywhere', () => {
    const words = commands.flatMap(({ command }) =>
      [optionOf(command, '--format'), optionOf(command, '--output')].flatMap((option) =>
        option === undefined ? [] : [`${option.flags}: ${option.description}`],
      ),
    );
    expect([...new Set(words)].toSorted()).toEqual([
      '-f, --format <format>: Output format',
      '-f, --format <format[=file]>: Output formats, such as table,json=FILE (default: table)',
      '-o, --output <file>: Write to this file instead of standard output',
    ]);
  });

  it('name their first choice as the default', () => {
    const formats = commands.flatMap(({ command }) => optionOf(command, '--format') ?? []);
    expect(formats.map(({ defaultValue }) => defaultValue)).toEqual(formats.map(({ argChoices }) => argChoices?.[0]));
  });

  it.each(Object.entries(PRINTING).flatMap(([path, args]) => (args === null ? [] : [[path, args] as const])))(
    'let %s write JSON to a file',
    async (_path, args) => {
      const text = await writtenBy([...args, '-f', 'json']);
      expect(JSON.parse(text)).toEqual(expect.anything());
    },
  );

  it.each([
    ...Object.entries(SCRIPTS),
    ['clair feeds', ['feeds']] as const,
    ['clair db stats', ['db', 'stats']] as const,
    ['clair config print', ['config', 'print']] as const,
  ])('let %s write its default format to a file', async (_path, args) => {
    expect(await writtenBy(args)).toMatch(/\S\n$/);
  });
});

/** Runs a command with `-o`, and returns the text of the file. The command replaces the file and prints nothing. */
async function writtenBy(args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(FOLDER, 'out-'));
  const file = join(folder, 'out');
  writeFileSync(file, 'the document of an earlier run');
  let out = '';
  let err = '';
  const console = {
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
    signal: new AbortController().signal,
    look: { columns: 40, colors: true },
  };
  const isStored = args[0] !== 'completion' && args[0] !== 'config';
  const run = [...args.map((arg) => arg.replace('ROOT/', `${ROOT}/`).replace(/:ROOT$/, `:${ROOT}`)), '-o', file];
  const status = await runCli([...run, ...(isStored ? ['--db', DB] : [])], console);
  expect([status, err]).not.toContain(2);
  expect(out).toBe('');
  expect(readdirSync(folder)).toEqual(['out']);
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('earlier run');
  return text;
}

describe('an option that takes a list', () => {
  it('accepts a comma-separated list and can be repeated', () => {
    const lists = new Set<string>();
    for (const { path, command } of commands) {
      for (const option of command.options) {
        const { long, parseArg } = option;
        const values = long === undefined ? undefined : LISTS[long];
        if (long === undefined || values === undefined || option.argChoices !== undefined) continue;
        if (parseArg === undefined) continue;
        lists.add(long);
        const once = parseArg(values, undefined);
        const [first = '', second = ''] = values.split(',');
        expect([path, long, parseArg(second, parseArg(first, undefined))]).toEqual([path, long, once]);
        expect([path, long, once]).toEqual([path, long, expect.objectContaining({ length: expect.any(Number) })]);
      }
    }
    expect([...lists].toSorted()).toEqual(Object.keys(LISTS).toSorted());
  });

  it('is a list of this test, or takes paths, which may contain commas', () => {
    const others = commands.flatMap(({ path, command }) =>
      command.options
        .filter((option) => !(String(option.long) in LISTS) && isRepeatable(option))
        .filter(
          ({ flags, description }) => !(/<(?:file|path|directory)>$/.test(flags) && /\(repeatable\)/.test(description)),
        )
        .map(({ flags }) => `${path} ${flags}`),
    );
    expect(others).toEqual([]);
  });
});

/** Returns whether an option keeps the values of earlier occurrences. */
function isRepeatable({ parseArg, variadic, defaultValue, description }: Option): boolean {
  if (variadic || Array.isArray(defaultValue) || /\((?:list|repeatable)\)|such as \S+,\S/.test(description))
    return true;
  if (parseArg === undefined) return false;
  try {
    return Array.isArray(parseArg('1', ['0']));
  } catch {
    return false;
  }
}
