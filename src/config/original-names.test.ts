import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig } from './config-file.ts';

const defaults = defaultConfig();

describe('a configuration file of', () => {
  it.each<[string, string, object, readonly string[]]>([
    [
      'Clair v1',
      'api: {port: 6060, healthport: 6061, timeout: 900s}\ndatabase: {type: memstore}\n' +
        'updater: {interval: 0}\nnotifier: {attempts: 3, http: {endpoint: http://receiver}}\n',
      {
        database: { type: 'memory' },
        updater: { ...defaults.updater, interval: 0 },
        notifier: {
          ...defaults.notifier,
          attempts: 3,
          http: { ...defaults.notifier.http, endpoint: 'http://receiver' },
        },
      },
      ['line 2: database.type memstore is now called memory'],
    ],
    [
      'Clair v2',
      'clair:\n  database:\n    type: sqlite\n    options:\n      source: /clair.db\n      cachesize: 16384\n' +
        '  api:\n    servername: clair\n',
      { database: { type: 'sqlite', path: '/clair.db' } },
      [
        'line 5: database.options.source is now called database.path',
        'line 6: database.options.cachesize has no effect: the database does not use this cache',
        'line 8: api.servername has no effect: the certificate determines the server name',
      ],
    ],
    [
      'Clair v2 with PostgreSQL',
      'clair:\n  database:\n    options:\n      source: host=db user=clair\n      cachesize: 16384\n    type: pgsql\n',
      { database: { type: 'postgres', source: 'host=db user=clair' } },
      [
        'line 4: database.options.source is now called database.source',
        'line 5: database.options.cachesize has no effect: the database does not use this cache',
        'line 6: database.type pgsql is now called postgres',
      ],
    ],
    [
      'Clair v2 with services turned off',
      'updater:\nnotifier: ~\n',
      { updater: { ...defaults.updater, interval: '0' } },
      [
        'line 1: updater is empty and therefore turned off; remove the key to use the defaults',
        'line 2: notifier is empty and therefore turned off; remove the key to use the defaults',
      ],
    ],
  ])('%s', (_, text, expected, notices) => {
    expect(parseConfig(text, 'FILE')).toEqual({ config: { ...defaults, ...expected }, notices });
  });
});
