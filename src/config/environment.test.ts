import { describe, expect, it } from 'vitest';
import { defaultConfig, parseConfig } from './config-file.ts';

describe('the environment', () => {
  const environment = {
    CLAIR_API_PORT: '7000',
    CLAIR_API_HEALTHPORT: 'null',
    CLAIR_DATABASE_PATH: '8000',
    CLAIR_WORKER_ALLOWEDPATHS: '[/a, /b]',
    CLAIR_NOTIFIER_HTTP_PAYLOAD: 'full',
    CLAIR_API_HOST: '',
    CLAIR_DB: 'x',
  };

  it('overrides the file', () => {
    const { config } = parseConfig('api: {port: 1, host: "::"}\nworker: {threads: 2}', 'FILE', environment);
    expect(config).toMatchObject({
      api: { host: '::', port: 7000, healthport: null },
      database: { path: '8000' },
      worker: { allowedPaths: ['/a', '/b'], threads: 2 },
      notifier: { http: { payload: 'full' } },
    });
  });

  it('is named in errors about invalid values and unknown variables', () => {
    const variables = { CLAIR_API_PORT: 'x', CLAIR_WORKER_THREAD: '1' };
    expect(() => parseConfig('', 'FILE', variables)).toThrow(
      'FILE is not a valid configuration:\n' +
        '  CLAIR_API_PORT: api.port must be an integer from 0 to 65535\n' +
        '  unknown variable CLAIR_WORKER_THREAD; did you mean CLAIR_WORKER_THREADS?',
    );
    expect(() => parseConfig('api: {port: 1}', 'FILE', { CLAIR_API_CAFILE: '/c' })).toThrow(
      'FILE is not a valid configuration:\n  CLAIR_API_CAFILE: api.cafile requires api.certfile',
    );
  });

  it('is read as text if it is nested too deeply', () => {
    expect(() => parseConfig('', 'FILE', { CLAIR_API_PORT: '['.repeat(5000) })).toThrow(
      'CLAIR_API_PORT: api.port must be an integer from 0 to 65535',
    );
  });

  it('may contain the variables that Kubernetes sets for a service called clair-api', () => {
    const variables = {
      CLAIR_API_PORT: 'tcp://10.0.0.1:6060',
      CLAIR_API_SERVICE_HOST: '10.0.0.1',
      CLAIR_API_PORT_6060_TCP_ADDR: '10.0.0.1',
    };
    expect(parseConfig('', 'FILE', variables).config).toEqual(defaultConfig());
  });
});
