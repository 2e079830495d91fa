import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig } from './config-file.ts';

const defaults = defaultConfig();

describe("a file of the original's", () => {
  it.each<[string, string, object, readonly string[]]>([
    [
      'first generation',
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
      ['line 2: the database.type memstore is called memory here'],
    ],
    [
      'stable generation',
      'clair:\n  database:\n    type: sqlite\n    options:\n      source: /clair.db\n      cachesize: 16384\n' +
        '  api:\n    servername: clair\n',
      { database: { type: 'sqlite', path: '/clair.db' } },
      [
        'line 5: database.options.source is called database.path here',
        'line 6: database.options.cachesize has no effect: the database needs no cache of that kind',
        'line 8: api.servername has no effect: the server goes by what its certificate says',
      ],
    ],
    [
      'stable generation, on PostgreSQL',
      'clair:\n  database:\n    options:\n      source: host=db user=clair\n      cachesize: 16384\n    type: pgsql\n',
      { database: { type: 'postgres', source: 'host=db user=clair' } },
      [
        'line 4: database.options.source is called database.source here',
        'line 5: database.options.cachesize has no effect: the database needs no cache of that kind',
        'line 6: the database.type pgsql is called postgres here',
      ],
    ],
    [
      'with services that are switched off',
      'updater:\nnotifier: ~\n',
      { updater: { ...defaults.updater, interval: '0' } },
      [
        'line 1: updater is empty, and therefore off; leave it out for its defaults',
        'line 2: notifier is empty, and therefore off; leave it out for its defaults',
      ],
    ],
  ])('%s', (_, text, expected, notices) => {
    expect(parseConfig(text, 'FILE')).toEqual({ config: { ...defaults, ...expected }, notices });
  });
});
