import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { asClairError, ClairError } from '../../../errors.ts';

/** A parsed address. Missing parts come from libpq's environment variables (`PGHOST`). */
export type PostgresAddress = {
  /** The configuration of a client for the first server of the address. */
  readonly client: ClientConfig;
  /** The servers in the order of connection attempts; at least one server. */
  readonly servers: readonly ServerAddress[];
  /** The servers to accept; undefined when the address does not specify them. */
  readonly role?: ServerRole;
  /** Whether to connect without TLS when the server does not offer TLS, as libpq does with `sslmode=prefer`. */
  readonly mayGoWithoutTls: boolean;
  /** The schema of the tables; the server's default when undefined. */
  readonly schema?: string;
  /** Maximum duration of a query in milliseconds. */
  readonly statementTimeout?: number;
};

/** One server; missing parts come from the environment. */
export type ServerAddress = { readonly host?: string; readonly port?: number };

/** The servers that a connection accepts, as in libpq's `target_session_attrs`. */
export type ServerRole = 'any' | 'primary' | 'standby' | 'prefer-standby';

const MAX_SERVERS = 10;

/** Maximum time to connect. */
const CONNECT_TIMEOUT_MS = 5000;

/** The supported parameters: parameters of libpq, and `statement_timeout` and `search_path`. */
const KEYWORDS = [
  'host',
  'hostaddr',
  'port',
  'dbname',
  'user',
  'password',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'connect_timeout',
  'statement_timeout',
  'search_path',
  'target_session_attrs',
] as const;

type Keyword = (typeof KEYWORDS)[number];

/**
 * Parses a libpq address (postgresql.org/docs/current/libpq-connect.html, "Connection Strings"), which is a URL, or
 * keywords and values (`host=db dbname=clair`), with one or several servers (`host=a,b`). Also accepts
 * `statement_timeout` in milliseconds and `search_path` with one schema, as Go's drivers do. Errors contain no part of
 * the address, because any part could be the password.
 *
 * @throws ClairError `config/invalid` for a malformed address, and for unreadable certificate files.
 */
export function parsePostgresAddress(source: string): PostgresAddress {
  const values = /^postgres(ql)?:\/\//.test(source) ? valuesOfUrl(source) : valuesOfKeywords(source);
  const timeout = values.get('connect_timeout');
  const schema = values.get('search_path');
  const statementTimeout = values.get('statement_timeout');
  const servers = serversOf(values);
  const [first = {}] = servers;
  if (schema !== undefined && !/^\w{1,63}$/.test(schema))
    throw invalid('search_path must name exactly one schema: 1 to 63 letters, digits and _');
  const tls = first.host?.startsWith('/') === true ? WITHOUT_TLS : tlsOf(values);
  const role = roleOf(values.get('target_session_attrs'));
  return {
    servers,
    ...(role !== undefined && { role }),
    client: {
      ...first,
      ...optional('database', values.get('dbname')),
      ...optional('user', values.get('user')),
      ...optional('password', values.get('password')),
      application_name: values.get('application_name') ?? 'clair',
      connectionTimeoutMillis:
        timeout === undefined ? CONNECT_TIMEOUT_MS : numberOf('connect_timeout', timeout, 3600) * 1000,
      ssl: tls.ssl,
    },
    mayGoWithoutTls: tls.mayGoWithoutTls,
    ...(schema !== undefined && { schema }),
    ...(statementTimeout !== undefined && {
      statementTimeout: numberOf('statement_timeout', statementTimeout, 86_400_000),
    }),
  };
}

type Values = ReadonlyMap<Keyword, string>;

/** A single port applies to all hosts, as in libpq. */
function serversOf(values: Values): readonly ServerAddress[] {
  const hosts = (values.get('hostaddr') ?? values.get('host'))?.split(',') ?? [undefined];
  const ports = values.get('port')?.split(',') ?? [undefined];
  if (hosts.length > MAX_SERVERS) throw invalid(`host must name at most ${MAX_SERVERS} servers`);
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw invalid(
      `${ports.length} ports do not match ${hosts.length} hosts: specify one port, or one port for each host`,
    );
  }
  if (hosts.length > 1 && hosts.some((host) => host === '' || host?.startsWith('/') === true)) {
    throw invalid('with several hosts, each host must be a host name or an IP address');
  }
  return hosts.map((host, place) => {
    const port = ports.length === 1 ? ports[0] : ports[place];
    return {
      ...(host !== undefined && { host }),
      ...(port !== undefined && port !== '' && { port: numberOf('port', port, 65_535) }),
    };
  });
}

/** Every server that accepts writes counts as a primary, because `default_transaction_read_only` is not read. */
const ROLES: ReadonlyMap<string, ServerRole> = new Map([
  ['any', 'any'],
  ['read-write', 'primary'],
  ['primary', 'primary'],
  ['read-only', 'standby'],
  ['standby', 'standby'],
  ['prefer-standby', 'prefer-standby'],
]);

function roleOf(text: string | undefined): ServerRole | undefined {
  if (text === undefined) return undefined;
  const role = ROLES.get(text);
  if (role === undefined) throw invalid(`target_session_attrs must be one of ${[...ROLES.keys()].join(', ')}`);
  return role;
}

/**
 * Matches the servers of a URL with several servers. The URL parser accepts only one server, so the servers become
 * parameters.
 */
const SEVERAL_SERVERS = /^(\w+:\/\/(?:[^@/?#]*@)?)([^/?#]*,[^/?#]*)/;

function valuesOfSeveral(source: string, servers: string): Values {
  const parsed = servers.split(',').map((each) => /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(each) ?? undefined);
  const values = new Map(valuesOfUrl(source.replace(SEVERAL_SERVERS, '$1')));
  const hosts = parsed.map((each) => unescaped(each?.[1] ?? each?.[2] ?? ''));
  if (hosts.includes('')) throw invalid('a host of the URL is empty or has an invalid port');
  values.set('host', hosts.join(','));
  values.set('port', parsed.map((each) => each?.[3] || '5432').join(','));
  return values;
}

function valuesOfUrl(source: string): Values {
  const [, , several] = SEVERAL_SERVERS.exec(source) ?? [];
  if (several !== undefined) return valuesOfSeveral(source, several);
  // A URL may name its host only in the query, such as `?host=/run/postgresql`, but the URL parser requires a host
  // after a user.
  const hosted = source.replace(/^(\w+:\/\/(?:[^@/?#]*@)?)(?=[/?#]|$)/, '$1localhost');
  if (!URL.canParse(hosted))
    throw invalid(
      'the URL cannot be parsed; check the port, and write special characters in the password as % escapes',
    );
  const url = new URL(hosted);
  const said: [string, string][] = [
    ['host', hosted === source ? unescaped(url.hostname.replace(/^\[(.*)\]$/, '$1')) : ''],
    ['port', url.port],
    ['user', unescaped(url.username)],
    ['password', unescaped(url.password)],
    ['dbname', unescaped(url.pathname.slice(1))],
  ];
  return checked([...said.filter(([, value]) => value !== ''), ...url.searchParams]);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new ClairError('config/invalid', `${WHERE}: the URL contains an invalid % escape: write a literal % as %25`, {
      cause: error,
    });
  }
}

/** Matches a keyword with a bare or quoted value; in both forms, a backslash escapes the next character. */
const PAIR = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;

function valuesOfKeywords(source: string): Values {
  const text = source.trim();
  const said: [string, string][] = [];
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const [, name = '', quoted, bare = ''] = PAIR.exec(text) ?? [];
    if (name === '') throw invalid('expected a postgres:// URL or keyword=value pairs');
    said.push([name, (quoted ?? bare).replaceAll(/\\(.)/g, '$1')]);
  }
  if (said.length === 0) throw invalid('expected a postgres:// URL or keyword=value pairs, but the text is empty');
  return checked(said);
}

function checked(said: readonly (readonly [string, string])[]): Values {
  const values = new Map<Keyword, string>();
  for (const [name, value] of said) {
    const keyword = KEYWORDS.find((each) => each === name);
    if (keyword === undefined) {
      throw invalid(`${name.slice(0, 50)} is an unknown parameter; use one of ${KEYWORDS.join(', ')}`);
    }
    values.set(keyword, value);
  }
  return values;
}

type Tls = Pick<PostgresAddress, 'mayGoWithoutTls'> & { readonly ssl: NonNullable<ClientConfig['ssl']> };

const WITHOUT_TLS: Tls = { ssl: false, mayGoWithoutTls: false };

/** Follows the libpq modes (postgresql.org/docs/current/libpq-ssl.html); `allow` is treated as `prefer`. */
function tlsOf(values: Values): Tls {
  const root = values.get('sslrootcert');
  const own = {
    ...(root !== undefined && root !== 'system' && { ca: fileOf('sslrootcert', root) }),
    ...optional('cert', optionalFile(values, 'sslcert')),
    ...optional('key', optionalFile(values, 'sslkey')),
  };
  const mode = values.get('sslmode') ?? 'prefer';
  switch (mode) {
    case 'disable':
      return WITHOUT_TLS;
    case 'allow':
    case 'prefer':
      return { ssl: { ...own, rejectUnauthorized: false }, mayGoWithoutTls: true };
    case 'require':
      // With a root certificate, libpq treats `require` as `verify-ca`.
      return {
        ssl:
          root === undefined ? { ...own, rejectUnauthorized: false } : { ...own, checkServerIdentity: () => undefined },
        mayGoWithoutTls: false,
      };
    case 'verify-ca':
      return { ssl: { ...own, checkServerIdentity: () => undefined }, mayGoWithoutTls: false };
    case 'verify-full':
      return { ssl: own, mayGoWithoutTls: false };
    default:
      throw invalid('sslmode must be disable, allow, prefer, require, verify-ca or verify-full');
  }
}

function optionalFile(values: Values, keyword: 'sslcert' | 'sslkey'): string | undefined {
  const path = values.get(keyword);
  return path === undefined ? undefined : fileOf(keyword, path);
}

function fileOf(keyword: Keyword, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw asClairError(error, 'config/invalid', `${WHERE}: cannot read ${keyword} ${path}`);
  }
}

function optional<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  const found: Partial<Record<string, string>> = value === undefined ? {} : { [name]: value };
  return found;
}

function numberOf(keyword: Keyword, text: string, most: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) <= most) return Number(text);
  throw invalid(`${keyword} must be an integer from 0 to ${most}`);
}

const WHERE = 'the address of the PostgreSQL database';

function invalid(what: string): ClairError {
  return new ClairError('config/invalid', `${WHERE}: ${what}`);
}
