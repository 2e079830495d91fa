import { parseDuration } from '../duration.ts';

/** Receives the settings that replace a Clair v4 key, and the remarks on the key. */
export type V4Output = {
  /** Sets a key of this release; the value is checked as in every file. */
  readonly set: (path: string, value: unknown) => void;
  /** States that the key, or a part of its value, has no effect. */
  readonly ignore: (why: string) => void;
  /** Reports a value that Clair v4 would not accept. */
  readonly reject: (expected: string) => void;
};

/** Translates the value of one key. */
type Translation = (value: unknown, out: V4Output) => void;

/** The Clair v4 keys (quay/clair, config/) that have an effect here; every other key has no effect. */
export const V4_KEYS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['http_listen_addr', address('api.host', 'api.port')],
  ['introspection_addr', address(undefined, 'api.healthport')],
  ['log_level', logLevel],
  ['tls.cert', as('api.certfile')],
  ['tls.key', as('api.keyfile')],
  ['auth.psk.key', as('api.auth.psk.key')],
  ['auth.psk.iss', as('api.auth.psk.iss')],
  ['indexer.index_report_request_concurrency', concurrency],
  ['matcher.period', period],
  ['matcher.disable_updaters', disableUpdaters],
  ['updaters.sets', updaterSets],
]);

/** The keys with a connection string, in order of precedence. */
export const CONNECTION_KEYS: readonly string[] = ['indexer.connstring', 'matcher.connstring', 'notifier.connstring'];

/** The port of Clair v4's health server, which probes expect. */
export const V4_HEALTH_PORT = 8089;

function as(path: string): Translation {
  return (value, out) => out.set(path, value);
}

/** Go's `net.Listen`: `:6060` listens on all addresses. */
function address(host: string | undefined, port: string): Translation {
  return (value, out) => {
    const [, six, four = '', number] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(String(value)) ?? [];
    if (number === undefined) {
      out.reject('an address such as :6060 or 127.0.0.1:6060');
      return;
    }
    const name = six ?? four;
    if (host !== undefined) out.set(host, name === '' ? '0.0.0.0' : name);
    else if (name !== '') out.ignore('the health port listens on the address of the API');
    out.set(port, Number(number));
  };
}

const LEVELS: Readonly<Record<string, string>> = {
  'debug-color': 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
  panic: 'error',
};

function logLevel(value: unknown, out: V4Output): void {
  const level = LEVELS[String(value).toLowerCase()];
  if (level === undefined) out.reject(Object.keys(LEVELS).join(', '));
  else out.set('log.level', level);
}

/** The maximum of `v4.requests`. */
const MAX_REQUESTS = 1024;

function concurrency(value: unknown, out: V4Output): void {
  if (!Number.isInteger(value)) out.reject('an integer');
  else if (Number(value) < 0) out.set('v4.requests', MAX_REQUESTS);
  // 0 is the default of four per processor.
  else if (Number(value) > 0) out.set('v4.requests', Math.min(Number(value), MAX_REQUESTS));
}

function period(value: unknown, out: V4Output): void {
  if (typeof value !== 'string' || parseDuration(value) === undefined) out.reject('a duration such as 6h');
  else out.set('updater.interval', value);
}

function disableUpdaters(value: unknown, out: V4Output): void {
  if (typeof value !== 'boolean') out.reject('true or false');
  else if (value) out.set('updater.interval', 0);
}

/** The feeds of an updater set. */
const FEEDS_OF_SET: Readonly<Record<string, readonly string[]>> = {
  alpine: ['alpine'],
  aws: ['amazon'],
  chainguard: ['chainguard', 'wolfi'],
  'clair.cvss': ['nvd'],
  debian: ['debian'],
  oracle: ['oracle'],
  osv: ['osv'],
  photon: ['photon'],
  rhel: ['redhat'],
  'rhel-vex': ['redhat'],
  suse: ['suse', 'opensuse'],
  ubuntu: ['ubuntu'],
  wolfi: ['wolfi'],
};

/** Data about CVEs, which Clair v4 fetches whatever its sets are. */
const ENRICHMENTS = ['epss', 'kev', 'nvd'];

function updaterSets(value: unknown, out: V4Output): void {
  if (!Array.isArray(value)) {
    out.reject('a list of updater sets');
    return;
  }
  const sets = value.map(String);
  const unknown = sets.filter((set) => !Object.hasOwn(FEEDS_OF_SET, set));
  if (unknown.length > 0) out.ignore(`Clair has no feed for ${unknown.slice(0, 10).join(', ')}`);
  const feeds = sets.flatMap((set) => (Object.hasOwn(FEEDS_OF_SET, set) ? (FEEDS_OF_SET[set] ?? []) : []));
  if (feeds.length > 0) out.set('updater.feeds', [...new Set([...feeds, ...ENRICHMENTS])]);
}
