import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrivateAuthority } from '../../../bytes/testing/private-authority.ts';
import { openRegistryLogins, type RegistryLogin } from './registry-logins.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-logins-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string): string => join(folder, name);
const passwordfile = inFolder('password');
const cafile = inFolder('ca.pem');
const { certificate } = createPrivateAuthority();

beforeAll(() => {
  writeFileSync(passwordfile, 'secret\n');
  writeFileSync(inFolder('empty'), '\n');
  writeFileSync(inFolder('long'), 'x'.repeat(100_000));
  writeFileSync(cafile, certificate);
});

const LOGIN: RegistryLogin = { host: 'registry.test:5000', username: 'me', passwordfile };
const ME = { username: 'me', secret: 'secret' };

describe('the credentials of a server', () => {
  it.each<[string, Partial<RegistryLogin>, string, string, boolean]>([
    ['its host', {}, 'registry.test:5000', 'any/app', true],
    ['another port of it', {}, 'registry.test', 'any/app', false],
    ['another spelling of it', {}, 'Registry.test:5000', 'any/app', false],
    ['a host below it', {}, 'x.registry.test:5000', 'any/app', false],
    ['another host', {}, 'docker.io', 'any/app', false],
    ['a repository', { repositories: ['team/app'] }, 'registry.test:5000', 'team/app', true],
    ['one below it', { repositories: ['other', 'team'] }, 'registry.test:5000', 'team/app/x', true],
    ['a host that only begins alike', { repositories: ['team'] }, 'registry.test:5000', 'team2/app', false],
    ['one above it', { repositories: ['team/app'] }, 'registry.test:5000', 'team', false],
  ])('are valid for %s: %j', async (_, parts, domain, repository, isGiven) => {
    const { credentials } = await openRegistryLogins([{ ...LOGIN, ...parts }]);
    expect(await credentials.find({ domain, repository })).toEqual(isGiven ? ME : undefined);
  });

  it('come from the first matching login', async () => {
    const tokenfile = inFolder('token');
    writeFileSync(tokenfile, 'identity');
    const { credentials } = await openRegistryLogins([
      { ...LOGIN, repositories: ['team'] },
      { host: LOGIN.host, tokenfile },
    ]);
    const find = async (repository: string): Promise<unknown> =>
      await credentials.find({ domain: LOGIN.host, repository });
    expect([await find('team/app'), await find('app')]).toEqual([ME, { identityToken: 'identity' }]);
    // The file is replaced while the server runs.
    writeFileSync(tokenfile, 'another');
    expect(await find('app')).toEqual({ identityToken: 'another' });
    rmSync(tokenfile);
    await expect(find('app')).rejects.toMatchObject({
      code: 'registry/credentials-invalid',
      message: expect.not.stringContaining(folder),
    });
  });

  it.each<[string, Partial<RegistryLogin>, string]>([
    ['there is no file', { passwordfile: inFolder('none') }, 'cannot read '],
    ['the file is empty', { passwordfile: inFolder('empty') }, 'empty contains no secret'],
    ['the file is large', { passwordfile: inFolder('long') }, 'long contains no secret'],
    ['the certificates are invalid', { cafile: passwordfile }, 'contains no certificate'],
    ['the host is a Docker Hub repository', { host: 'registry' }, 'registry is not a registry host'],
    ['Docker Hub has another name', { host: 'index.docker.io' }, 'is not a registry host'],
    ['the host is a path', { host: 'registry.test/team' }, 'is not a registry host'],
  ])('are rejected when %s', async (_, parts, message) => {
    await expect(openRegistryLogins([{ ...LOGIN, ...parts }])).rejects.toMatchObject({
      code: 'config/invalid',
      message: expect.stringMatching(new RegExp(`^worker\\.registries: .*${message}`)),
    });
  });
});

it("trusts a login's authorities for its host only", async () => {
  const { findCertificates } = await openRegistryLogins([
    { ...LOGIN, cafile },
    { ...LOGIN, host: 'other.test:443', cafile },
  ]);
  const counts = ['registry.test:5000', 'other.test', 'registry.test', 'x.test'].map(
    async (host) => (await findCertificates(host)).length,
  );
  expect(await Promise.all(counts)).toEqual([1, 1, 0, 0]);
});
