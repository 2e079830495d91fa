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
  ])('%s', (source, expected) => {
    expect(parsePostgresAddress(source).client).toMatchObject(expected);
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
    ['postgres://u:secret@db:port/x', /not a URL/],
    ['postgres://u:%secret@db/x', /the URL contains an invalid % escape: write a literal % as %25/],
    ['host=db,other password=secret', /several hosts/],
    ['host=db port=70000', /port must be an integer from 0 to 65535/],
    ['host=db sslmode=maybe', /sslmode must be/],
    ['host=db gssencmode=disable', /gssencmode is an unknown parameter; use one of host,/],
    ['host=db search_path=a,b', /search_path must name exactly one schema/],
    ['host=db sslrootcert=/none', /cannot read sslrootcert \/none/],
  ])('is rejected as %s, without its password in the message', (source, message) => {
    const refused = (): unknown => parsePostgresAddress(source);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code: 'config/invalid' }));
    expect(refused).not.toThrow(/secret/);
  });
});
