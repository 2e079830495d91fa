import type { Config } from '../schema.ts';

/**
 * The configuration without a file and without environment variables. This copy of the defaults in the schema exists
 * because loading the schema takes longer than most steps of a scan; a test compares both.
 */
export const DEFAULT_CONFIG: Config = {
  api: {
    host: '127.0.0.1',
    port: 6060,
    hosts: [],
    healthport: 6061,
    timeout: '900s',
    shutdowntimeout: '30s',
    maxconnections: 10_000,
    auth: { psk: { iss: [] }, readonly: { iss: [] } },
  },
  client: {},
  database: { type: 'sqlite' },
  harbor: { incomplete: 'error', sbom: true, native: false },
  housekeeping: { interval: '1d', images: '90d', layers: '90d', notifications: '30d', changeLog: '90d' },
  log: { level: 'info' },
  notifier: {
    attempts: 150,
    renotifyinterval: '2h',
    http: { payload: 'reference', timeout: '5s' },
    amqp: { exchange: '', routingkey: 'clair', payload: 'reference' },
    v4: { callback: '/notifier/api/v1/notification/', signed: false, summary: true, interval: '1h', timeout: '10s' },
  },
  suppression: { files: [] },
  v4: { incomplete: 'finished' },
  webhooks: { registries: [] },
  tracing: { service: 'clair' },
  updater: {
    interval: '2h',
    intervals: {},
    maxShrinkPercent: 20,
    maxShrinkRecords: 100,
    offline: false,
    addresses: {},
    osv: { ecosystems: [] },
    minimumRate: 1024,
  },
  worker: {
    allowedHosts: [],
    allowedPaths: [],
    registries: [],
    partialFetch: [],
    fileDigests: false,
    submissions: 8,
    temporarySpace: 16_384,
    minimumRate: 1024,
  },
};
