import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig } from '../config-file.ts';

const defaults = defaultConfig();
const KEY = Buffer.alloc(32, 7).toString('base64');

/** A file with keys from the Clair v4 documentation, in the form in which Quay's operator writes such a file. */
const COMBO = `
http_listen_addr: :8081
introspection_addr: :8089
log_level: debug-color
indexer:
  connstring: host=db port=5432 dbname=clair user=clair sslmode=disable
  scanlock_retry: 10
  layer_scan_concurrency: 5
  migrations: true
matcher:
  connstring: host=db port=5432 dbname=clair user=clair sslmode=disable
  max_conn_pool: 100
  run: ""
  migrations: true
  indexer_addr: clair-indexer
  period: 8h
notifier:
  connstring: host=db dbname=notifier
  delivery_interval: 1m
  poll_interval: 5m
  disable_summary: true
  webhook:
    target: http://quay/secscan/notification
    callback: http://clair/notifier/api/v1/notification
    signed: true
    headers:
      X-Token: [a, b]
      Host: [other]
  stomp:
    destination: x
auth:
  psk:
    key: ${KEY}
    iss: [quay, clairctl]
updaters:
  sets: [alpine, rhel, suse, pyupio]
  config:
    rhel:
      ignore_unpatched: false
trace:
  name: jaeger
metrics:
  name: prometheus
`;

describe('a Clair v4 configuration file', () => {
  it('is accepted, and lists the keys without effect', () => {
    const { config, notices } = parseConfig(COMBO, 'FILE');
    expect(config).toEqual({
      ...defaults,
      api: {
        ...defaults.api,
        host: '0.0.0.0',
        port: 8081,
        healthport: 8089,
        auth: { ...defaults.api.auth, psk: { key: KEY, iss: ['quay', 'clairctl'] } },
      },
      database: { type: 'postgres', source: 'host=db port=5432 dbname=clair user=clair sslmode=disable' },
      log: { level: 'debug' },
      notifier: {
        ...defaults.notifier,
        v4: {
          ...defaults.notifier.v4,
          target: 'http://quay/secscan/notification',
          callback: 'http://clair/notifier/api/v1/notification',
          headers: 'X-Token: a\nX-Token: b',
          signed: true,
          summary: false,
          interval: '1m',
        },
      },
      updater: {
        ...defaults.updater,
        interval: '8h',
        feeds: ['alpine', 'redhat', 'suse', 'opensuse', 'epss', 'kev', 'nvd'],
      },
    });
    expect(notices).toEqual([
      'line 7: indexer.scanlock_retry has no effect',
      'line 8: indexer.layer_scan_concurrency has no effect',
      'line 9: indexer.migrations has no effect',
      'line 12: matcher.max_conn_pool has no effect',
      'line 13: matcher.run has no effect',
      'line 14: matcher.migrations has no effect',
      'line 15: matcher.indexer_addr has no effect',
      'line 20: notifier.poll_interval has no effect',
      'line 26: notifier.webhook.headers: Clair sets Host itself',
      'line 29: notifier.stomp has no effect',
      'line 36: updaters.sets: Clair has no feed for pyupio',
      'line 37: updaters.config has no effect',
      'line 40: trace has no effect',
      'line 42: metrics has no effect',
      'line 18: notifier.connstring has no effect: Clair stores all data in the database of indexer.connstring',
    ]);
  });

  it.each<[string, string, object]>([
    ['http_listen_addr: "127.0.0.1:6060"', 'api', { host: '127.0.0.1', port: 6060 }],
    ['http_listen_addr: "[::1]:6060"', 'api', { host: '::1', port: 6060 }],
    ['indexer: {}', 'api', { host: '127.0.0.1', healthport: 8089 }],
    ['introspection_addr: ":9000"', 'api', { healthport: 9000 }],
    ['log_level: fatal', 'log', { level: 'error' }],
    ['{http_listen_addr: ":1", tls: {cert: /c.pem, key: /k.pem}}', 'api', { certfile: '/c.pem', keyfile: '/k.pem' }],
    ['indexer: {index_report_request_concurrency: 5}', 'v4', { requests: 5 }],
    ['indexer: {index_report_request_concurrency: -1}', 'v4', { requests: 1024 }],
    ['indexer: {index_report_request_concurrency: 0}', 'v4', { incomplete: 'finished' }],
    ['matcher: {disable_updaters: true}', 'updater', { interval: 0 }],
    ['matcher: {disable_updaters: false}', 'updater', { interval: '2h' }],
    ['matcher: {connstring: "postgres://db/x"}', 'database', { type: 'postgres', source: 'postgres://db/x' }],
    ['notifier: {delivery_interval: 59s}\nindexer: {}', 'notifier', { v4: { interval: '1h', summary: true } }],
    [
      'notifier: {webhook: {target: "http://q", headers: null}}\nindexer: {}',
      'notifier',
      { v4: { target: 'http://q' } },
    ],
    ['updaters: {sets: []}', 'updater', { interval: '2h', feeds: ['epss', 'kev', 'nvd'] }],
    ['updaters: {sets: [toString]}', 'updater', { interval: '2h', feeds: ['epss', 'kev', 'nvd'] }],
    [`{auth: {psk: {key: "${KEY}", iss: [x]}}}`, 'api', { host: '127.0.0.1' }],
  ])('with %s sets %s', (text, section, expected) => {
    const { config } = parseConfig(text, 'FILE');
    expect(Reflect.get(config, section)).toMatchObject(expected);
  });

  it('with null as updater sets updates all feeds', () => {
    expect(parseConfig('updaters: {sets: null}', 'FILE').config.updater).not.toHaveProperty('feeds');
  });

  it('can be JSON, and environment variables override it', () => {
    const text = JSON.stringify({ http_listen_addr: ':6060', matcher: { period: '1h' } });
    const { config } = parseConfig(text, 'FILE', { CLAIR_UPDATER_INTERVAL: '3h', CLAIR_V4_INCOMPLETE: 'error' });
    expect([config.api.port, config.updater.interval, config.v4.incomplete]).toEqual([6060, '3h', 'error']);
  });

  it('names the hosts setting if no token protects the server', () => {
    const noticesOf = (text: string): readonly string[] => parseConfig(text, 'FILE').notices;
    expect(noticesOf('http_listen_addr: ":6060"')).toEqual([expect.stringContaining('CLAIR_API_HOSTS')]);
    expect(noticesOf(`auth: {psk: {key: "${KEY}", iss: [quay]}}`)).toEqual([]);
  });

  it.each([
    ['http_listen_addr: clair', 'line 1: http_listen_addr must be an address such as :6060 or 127.0.0.1:6060'],
    ['introspection_addr: ":99999"', 'line 1: api.healthport must be an integer from 0 to 65535, or null'],
    ['log_level: loud', 'line 1: log_level must be one of debug-color, debug, info, warn, error, fatal, panic'],
    ['matcher: {period: soon}', 'line 1: matcher.period must be a duration such as 6h'],
    ['matcher: {disable_updaters: maybe}', 'line 1: matcher.disable_updaters must be true or false'],
    [
      'indexer: {index_report_request_concurrency: x}',
      'line 1: indexer.index_report_request_concurrency must be an integer',
    ],
    ['updaters: {sets: alpine}', 'line 1: updaters.sets must be a list of updater sets'],
    [
      'auth: {psk: {key: "not a key", iss: [quay]}}',
      'line 1: api.auth.psk.key must be a key in base64 (32 bytes or more are recommended)',
    ],
    [`auth: {psk: {key: "${KEY}"}}`, 'line 1: api.auth.psk.key requires api.auth.psk.iss, the accepted token issuers'],
    [
      'matcher: {}\nnotifier: {delivery_interval: soon}',
      'line 2: notifier.delivery_interval must be a duration such as 1h',
    ],
    ['matcher: {}\nnotifier: {disable_summary: 1}', 'line 2: notifier.disable_summary must be true or false'],
    [
      'matcher: {}\nnotifier: {webhook: {headers: [a]}}',
      'line 2: notifier.webhook.headers must be a map of header names',
    ],
    [
      'matcher: {}\nnotifier: {webhook: {signed: true}}',
      'line 2: notifier.v4.signed requires api.auth.psk.key or api.auth.psk.keyfile',
    ],
    ['matcher: {}\nnotifier: {webhook: {target: quay}}', 'line 2: notifier.v4.target must be an http: or https: URL'],
    ['indexer: {connstring: ""}', 'line 1: database.source must be a postgres:// URL or libpq keyword=value pairs'],
  ])('with %s is invalid', (text, message) => {
    expect(() => parseConfig(text, 'FILE')).toThrow(message);
  });
});
