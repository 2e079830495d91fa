import { parseDuration } from '../duration.ts';
import { isSettableHeader } from '../sections/header-lines.ts';

/** Receives the settings that replace a Clair v4 key, and diagnostics about the key. */
export type V4Output = {
  /** Sets a key of this release. The value is checked like a value from a configuration file. */
  readonly set: (path: string, value: unknown) => void;
  /** Reports that the key, or a part of its value, has no effect. */
  readonly ignore: (why: string) => void;
  /** Reports a value that Clair v4 would not accept. */
  readonly reject: (expected: string) => void;
};

type Translation = (value: unknown, out: V4Output) => void;

/**
 * The Clair v4 keys (quay/clair, config/) that have an effect in this release, in addition to {@link CONNECTION_KEYS}.
 * All other keys have no effect.
 */
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
  ['notifier.webhook.target', as('notifier.v4.target')],
  ['notifier.webhook.callback', as('notifier.v4.callback')],
  ['notifier.webhook.headers', webhookHeaders],
  ['notifier.webhook.signed', as('notifier.v4.signed')],
  ['notifier.delivery_interval', deliveryInterval],
  ['notifier.disable_summary', disableSummary],
  ['updaters.sets', updaterSets],
]);

/** The keys with a connection string, in order of precedence. */
export const CONNECTION_KEYS: readonly string[] = ['indexer.connstring', 'matcher.connstring', 'notifier.connstring'];

/** The port of Clair v4's health server, to which existing probes connect. */
export const V4_HEALTH_PORT = 8089;

function as(path: string): Translation {
  return (value, out) => out.set(path, value);
}

/** Translates an address in the form of Go's `net.Listen`. In this form, `:6060` means all addresses. */
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
  if (level === undefined) out.reject(`one of ${Object.keys(LEVELS).join(', ')}`);
  else out.set('log.level', level);
}

/** The maximum of `v4.requests`. */
const MAX_REQUESTS = 1024;

function concurrency(value: unknown, out: V4Output): void {
  if (!Number.isInteger(value)) out.reject('an integer');
  else if (Number(value) < 0) out.set('v4.requests', MAX_REQUESTS);
  // 0 means the default of four requests per processor.
  else if (Number(value) > 0) out.set('v4.requests', Math.min(Number(value), MAX_REQUESTS));
}

function period(value: unknown, out: V4Output): void {
  if (typeof value !== 'string' || parseDuration(value) === undefined) out.reject('a duration such as 6h');
  else out.set('updater.interval', value);
}

/** The minimum interval. If the interval is shorter, Clair v4 uses its default. */
const MIN_DELIVERY_INTERVAL_MS = 60_000;

function deliveryInterval(value: unknown, out: V4Output): void {
  const interval = typeof value === 'string' ? parseDuration(value) : undefined;
  if (interval === undefined) out.reject('a duration such as 1h');
  else if (interval < MIN_DELIVERY_INTERVAL_MS) out.ignore('intervals below one minute are replaced with 1h');
  else out.set('notifier.v4.interval', value);
}

function disableSummary(value: unknown, out: V4Output): void {
  if (typeof value !== 'boolean') out.reject('true or false');
  else out.set('notifier.v4.summary', !value);
}

/** Translates a map of headers; in Clair v4, each name has a list of values. */
function webhookHeaders(value: unknown, out: V4Output): void {
  if (value === null) return;
  if (typeof value !== 'object' || Array.isArray(value)) {
    out.reject('a map of header names to lists of values');
    return;
  }
  const given = Object.entries(value).map(([name, values]: [string, unknown]) => [name, [values].flat()] as const);
  const own = given.filter(([name]) => !isSettableHeader(name)).map(([name]) => name);
  if (own.length > 0) out.ignore(`Clair sets ${own.slice(0, 10).join(', ')} itself`);
  const settable = given.filter(([name]) => isSettableHeader(name));
  const lines = settable.flatMap(([name, values]) => values.map((each) => `${name}: ${String(each)}`));
  if (lines.length > 0) out.set('notifier.v4.headers', lines.join('\n'));
}

function disableUpdaters(value: unknown, out: V4Output): void {
  if (typeof value !== 'boolean') out.reject('true or false');
  else if (value) out.set('updater.interval', 0);
}

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

/** The enrichment feeds, which Clair v4 fetches regardless of its updater sets. */
const ENRICHMENTS = ['epss', 'kev', 'nvd'];

function updaterSets(value: unknown, out: V4Output): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    out.reject('a list of updater sets');
    return;
  }
  const sets = value.map(String);
  const unknown = sets.filter((set) => !Object.hasOwn(FEEDS_OF_SET, set));
  if (unknown.length > 0) out.ignore(`Clair has no feed for ${unknown.slice(0, 10).join(', ')}`);
  const feeds = sets.flatMap((set) => (Object.hasOwn(FEEDS_OF_SET, set) ? (FEEDS_OF_SET[set] ?? []) : []));
  // With an empty list, Clair v4 runs no updaters; with null, it runs all updaters.
  out.set('updater.feeds', [...new Set([...feeds, ...ENRICHMENTS])]);
}
