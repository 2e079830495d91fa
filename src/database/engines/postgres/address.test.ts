import { describe, expect, it } from 'vitest';
import { parsePostgresAddress } from './address.ts';

describe('the address of a PostgreSQL database', () => {
  it.each<[string, object]>([
    [
      'postgres://clair:p%40ss@db:5433/vulns',
      { host: 'db', port: 5433, user: 'clair', password: 'p@ss', database: 'vulns' },
    ],
    ['postgresql://db', { host: 'db' }],
    ['postgres://[::1]:5432/x', { host: '::1', port: 5432, database: 'x' }],
    ['postgres:///x?host=/var/run/postgresql', { host: '/var/run/postgresql', database: 'x', ssl: false }],
    ['postgres://clair@/x?host=/run', { host: '/run', user: 'clair', database: 'x' }],
    ['host=db port=5432 user=clair dbname=vulns', { host: 'db', port: 5432, user: 'clair', database: 'vulns' }],
    [String.raw`password = 'it''s' host=db`.replace("''", String.raw`\'`), { password: "it's", host: 'db' }],
    [String.raw` password=a\ b\\c  dbname='' `, { password: String.raw`a b\c`, database: '' }],
    ['host=db hostaddr=192.0.2.1', { host: '192.0.2.1' }],
    ['host=db connect_timeout=3', { connectionTimeoutMillis: 3000 }],
    ['host=db application_name=one', { application_name: 'one' }],
    ['host=db', { application_name: 'clair', connectionTimeoutMillis: 5000 }],
    ['host=a,b port=1,2', { host: 'a', port: 1 }],
  ])('%s', (source, expected) => {
    expect(parsePostgresAddress(source).client).toMatchObject(expected);
  });

  it.each<[string, readonly object[]]>([
    ['host=db', [{ host: 'db' }]],
    ['dbname=x', [{}]],
    [
      'host=a,b port=5433',
      [
        { host: 'a', port: 5433 },
        { host: 'b', port: 5433 },
      ],
    ],
    [
      'host=a,b port=1,2',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    [
      'postgres://u:p@a:1,b/x',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 5432 },
      ],
    ],
    [
      'postgres://[::1]:1,[fe80::2]/x',
      [
        { host: '::1', port: 1 },
        { host: 'fe80::2', port: 5432 },
      ],
    ],
  ])('%s names its servers', (source, servers) => {
    expect(parsePostgresAddress(source).servers).toEqual(servers);
  });

  it.each([
    ['read-write', 'primary'],
    ['primary', 'primary'],
    ['standby', 'standby'],
    ['read-only', 'standby'],
    ['prefer-standby', 'prefer-standby'],
    ['any', 'any'],
  ])('with target_session_attrs=%s accepts the role %s', (attribute, role) => {
    expect(parsePostgresAddress(`postgres://a,b/x?target_session_attrs=${attribute}`).role).toBe(role);
  });

  it.each<[string, object | false, boolean]>([
    ['', { rejectUnauthorized: false }, true],
    ['prefer', { rejectUnauthorized: false }, true],
    ['disable', false, false],
    ['require', { rejectUnauthorized: false }, false],
    ['verify-full', {}, false],
  ])('handles the sslmode %s like libpq', (mode, ssl, mayGoWithoutTls) => {
    const address = parsePostgresAddress(`host=db ${mode === '' ? '' : `sslmode=${mode}`}`);
    expect(address).toMatchObject({ client: { ssl }, mayGoWithoutTls });
  });

  it('verifies the certificate but not its name with verify-ca', () => {
    const { ssl } = parsePostgresAddress('host=db sslmode=verify-ca').client;
    expect(ssl).not.toHaveProperty('rejectUnauthorized');
    expect(ssl).toHaveProperty('checkServerIdentity');
  });

  it('may set a schema and a statement timeout', () => {
    expect(parsePostgresAddress('host=db search_path=clair statement_timeout=60000')).toMatchObject({
      schema: 'clair',
      statementTimeout: 60_000,
    });
  });

  it.each<[string, RegExp]>([
    ['', /empty/],
    ['secret', /expected a postgres:\/\/ URL or/],
    ["password='secret", /expected a postgres/],
    ['mysql://u:secret@db/x', /expected a postgres/],
    ['postgres://u:secret@db:port/x', /the URL cannot be parsed; check the port/],
    ['postgres://u:%secret@db/x', /the URL contains an invalid % escape: write a literal % as %25/],
    ['host=a,b,c port=1,2 password=secret', /2 ports do not match 3 hosts/],
    ['host=a,/run password=secret', /with several hosts, each host must be a host name/],
    ['host=a,b,c,d,e,f,g,h,i,j,k', /host must name at most 10 servers/],
    ['postgres://u:secret@a,:1/x', /a host of the URL is empty or has an invalid port/],
    ['host=db target_session_attrs=fast', /target_session_attrs must be one of any, read-write,/],
    ['host=db port=70000', /port must be an integer from 0 to 65535/],
    ['host=db sslmode=maybe', /sslmode must be/],
    ['host=db gssencmode=disable', /gssencmode is an unknown parameter; use one of host,/],
    ['host=db search_path=a,b', /search_path must name exactly one schema/],
    ['host=db sslrootcert=/none', /cannot read sslrootcert \/none: ENOENT/],
  ])('is rejected as %s, without its password in the message', (source, message) => {
    const refused = (): unknown => parsePostgresAddress(source);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code: 'config/invalid' }));
    expect(refused).not.toThrow(/secret/);
  });
});
