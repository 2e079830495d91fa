import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../config/environment.ts';
import { applyDiscoveredConfig, discoveredConfig } from './config-discovery.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileIn(name: string, text: string): string {
  mkdirSync(join(folder, name, 'clair'), { recursive: true });
  const path = join(folder, name, 'clair', 'clair.yaml');
  writeFileSync(path, text);
  return path;
}

const none = join(folder, 'none');
let user: string;
let machine: string;
beforeAll(() => {
  user = fileIn('user', 'database: {type: sqlite, path: /of/user.db}\n');
  machine = fileIn('etc', '');
});

describe('the discovered configuration file', () => {
  it("is CLAIR_CONFIG, else the user's file, else the machine's file", () => {
    const home = { XDG_CONFIG_HOME: join(folder, 'user') };
    const etc = join(folder, 'etc');
    expect(discoveredConfig({ ...home, CLAIR_CONFIG: '/named.yaml' }, etc)).toBe('/named.yaml');
    expect(discoveredConfig({ ...home, CLAIR_CONFIG: '' }, etc)).toBe(user);
    expect(discoveredConfig({ XDG_CONFIG_HOME: none }, etc)).toBe(machine);
    expect(discoveredConfig({ XDG_CONFIG_HOME: none }, none)).toBeUndefined();
  });
});

describe('applyDiscoveredConfig', () => {
  it('sets --config of a command that has the option, and leaves --db alone', async () => {
    expect(await given([config(), db()], [])).toEqual({ config: user, db: '/default.db' });
    expect(await given([config(), db()], ['--config', 'other'])).toEqual({ config: 'other', db: '/default.db' });
  });

  it('sets --db of any other command from the file', async () => {
    expect(await given([db()], [])).toEqual({ db: '/of/user.db' });
    const postgres = fileIn('postgres', 'database: {type: postgres, source: "postgres://h/d"}\n');
    expect(await given([db()], [], postgres)).toEqual({ db: 'postgres://h/d' });
    expect(await given([db()], [], fileIn('memory', 'database: {type: memory}\n'))).toEqual({ db: 'memory' });
    expect(await given([db()], [], machine)).toEqual({ db: '/default.db' });
  });

  it('sets --db of any other command from the environment, with or without a file', async () => {
    const variables = { CLAIR_DATABASE_PATH: '/of/variable.db' };
    const isolated = { HOME: none, XDG_CONFIG_HOME: none };
    expect(await given([db()], [], { ...variables, CLAIR_CONFIG: user })).toEqual({ db: '/of/variable.db' });
    expect(await given([db()], [], { ...variables, ...isolated })).toEqual({ db: '/of/variable.db' });
    expect(await given([db()], ['--db', 'x.db'], { ...variables, ...isolated })).toEqual({ db: 'x.db' });
    await expect(given([db()], [], { ...isolated, CLAIR_DATABASE_PAHT: 'x' })).rejects.toThrow('CLAIR_DATABASE_PATH');
  });

  it('sets the options of the parent of a subcommand without options', async () => {
    const parent = new Command('x').addOption(config()).addOption(db());
    parent.command('y').action(() => undefined);
    parent.hook('preAction', async (_, action) => await applyDiscoveredConfig(action, { CLAIR_CONFIG: user }));
    await parent.parseAsync(['y'], { from: 'user' });
    expect(parent.opts()).toEqual({ config: user, db: '/default.db' });
  });

  it('does not read the file if --db or CLAIR_DB is set', async () => {
    const broken = fileIn('broken', 'database: {typ: sqlite}\n');
    expect(await given([db()], ['--db', 'x.db'], broken)).toEqual({ db: 'x.db' });
    await expect(given([db()], [], broken)).rejects.toMatchObject({ code: 'config/invalid' });
    expect(await given([], [], broken)).toEqual({});
  });
});

/** Returns the option values of a command for these arguments. */
async function given(
  options: readonly Option[],
  args: string[],
  from: string | Environment = user,
): Promise<Record<string, unknown>> {
  const environment = typeof from === 'string' ? { CLAIR_CONFIG: from } : from;
  let values: Record<string, unknown> = {};
  const command = new Command('x').action((all: Record<string, unknown>) => {
    values = all;
  });
  for (const option of options) command.addOption(option);
  command.hook('preAction', async (_, action) => await applyDiscoveredConfig(action, environment));
  await command.parseAsync(args, { from: 'user' });
  return values;
}
function db(): Option {
  return new Option('--db <file>').default('/default.db');
}

function config(): Option {
  return new Option('--config <file>');
}
