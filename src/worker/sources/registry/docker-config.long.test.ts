import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { askCredentialHelper } from './docker-credentials.ts';
import { findCredentials } from './docker-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-docker-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => vi.stubEnv('PATH', `${folder}${delimiter}${env['PATH']}`));
afterEach(() => rmSync(join(folder, 'config.json'), { force: true, recursive: true }));

const ME = { username: 'me', secret: 'se:cr&t' };
const AUTH = base64('me:se:cr&t');
const OTHER = base64('other:other');

function configure(config: object | string): void {
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function helper(name: string, script: string): void {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

describe("credentials from Docker's configuration file", () => {
  it.each<[string, string, object]>([
    ['the host', 'localhost:5000', { auths: { 'localhost:5000': { auth: AUTH }, localhost: { auth: OTHER } } }],
    ['the address', 'a.example', { auths: { 'https://a.example/v1/': { auth: AUTH } } }],
    ['the plain address', 'a.example:80', { auths: { 'http://a.example:80': { auth: AUTH } } }],
    ['Docker Hub', 'docker.io', { auths: { 'https://index.docker.io/v1/': { auth: AUTH } } }],
    ['Docker Hub by its other name', 'docker.io', { auths: { 'docker.io': { auth: AUTH } } }],
    [
      'a file with further fields',
      'a.example',
      { HttpHeaders: {}, auths: { 'a.example': { auth: AUTH, email: 'x' } } },
    ],
  ])('are found by %s', async (_, domain, config) => {
    configure(config);
    expect(await findCredentials(domain, folder)).toEqual(ME);
  });

  it('may be an identity token, which precedes a password', async () => {
    configure({ auths: { 'a.example': { auth: AUTH, identitytoken: 'abc' } } });
    expect(await findCredentials('a.example', folder)).toEqual({ identityToken: 'abc' });
    configure({ auths: { 'a.example': { auth: AUTH, identitytoken: '' } } });
    expect(await findCredentials('a.example', folder)).toEqual(ME);
  });

  it.each<[string, object]>([
    ['an empty file', {}],
    ['another host', { auths: { 'b.example': { auth: AUTH } } }],
    ['another port', { auths: { 'a.example:5000': { auth: AUTH } } }],
    ['a longer name', { auths: { 'a.example.org': { auth: AUTH }, 'xa.example': { auth: AUTH } } }],
    ['an empty entry', { auths: { 'a.example': {} } }],
  ])('are undefined for %s', async (_, config) => {
    configure(config);
    expect(await findCredentials('a.example', folder)).toBeUndefined();
  });

  it('are undefined without a file', async () => {
    expect(await findCredentials('a.example', folder)).toBeUndefined();
    expect(await findCredentials('a.example', join(folder, 'none'))).toBeUndefined();
  });

  it.each<[string, object | string, string]>([
    ['no JSON', '{"auths": hidden', 'is not valid JSON'],
    ['another shape', { auths: ['hidden'] }, '/auths'],
    ['no pair', { auths: { 'a.example': { auth: base64('hidden') } } }, '"auth" of a.example'],
    ['no user', { auths: { 'a.example': { auth: base64(':hidden') } } }, '"auth" of a.example'],
  ])('are rejected without being shown: %s', async (_, config, reason) => {
    configure(config);
    const error = await findCredentials('a.example', folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'registry/credentials-invalid', message: expect.stringContaining(reason) });
    expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain('hidden');
  });
});

describe('credentials from a helper', () => {
  it('are requested by host, and by a special address for Docker Hub', async () => {
    helper('echo', 'read server; printf \'{"Username":"%s","Secret":"%s"}\' "$1" "$server"');
    configure({ credsStore: 'echo' });
    expect(await findCredentials('localhost:5000', folder)).toEqual({ username: 'get', secret: 'localhost:5000' });
    expect(await findCredentials('docker.io', folder)).toMatchObject({ secret: 'https://index.docker.io/v1/' });
  });

  it("prefer the host's helper to the general helper, and the general helper to the file", async () => {
    helper('one', 'echo \'{"Username":"one","Secret":"1"}\'');
    helper('all', 'echo \'{"Username":"all","Secret":"2"}\'');
    configure({ credHelpers: { 'a.example': 'one' }, credsStore: 'all', auths: { 'b.example': { auth: AUTH } } });
    expect(await findCredentials('a.example', folder)).toMatchObject({ username: 'one' });
    expect(await findCredentials('b.example', folder)).toMatchObject({ username: 'all' });
  });

  it('may be an identity token, marked by a reserved user name', async () => {
    helper('token', 'echo \'{"Username":"<token>","Secret":"abc"}\'');
    configure({ credsStore: 'token' });
    expect(await findCredentials('a.example', folder)).toEqual({ identityToken: 'abc' });
  });

  it('fall back to the file when the helper has no credentials', async () => {
    helper('empty', 'echo credentials not found in native keychain; exit 1');
    configure({ credsStore: 'empty', auths: { 'a.example': { auth: AUTH } } });
    expect(await findCredentials('a.example', folder)).toEqual(ME);
    expect(await findCredentials('b.example', folder)).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['fails', 'echo hidden; echo hidden >&2; exit 3', 'failed with exit status 3'],
    ['returns nothing', 'exit 0', 'did not return a user name'],
    ['returns something else', 'echo \'["hidden"]\'', 'did not return a user name'],
    ['returns too much', 'while :; do echo hiddenhiddenhiddenhidden; done', 'wrote more than 65536 bytes'],
  ])("are an error without the helper's output when the helper %s", async (_, script, reason) => {
    helper('broken', script);
    configure({ credsStore: 'broken' });
    const error = await findCredentials('a.example', folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'registry/credentials-invalid', message: expect.stringContaining(reason) });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain('hidden');
  });

  it.each([
    ['is-not-there', 'is not installed'],
    ['../../bin/sh', 'has an invalid name'],
  ])('reject the helper %s: it %s', async (name, reason) => {
    await expect(askCredentialHelper(name, 'a.example')).rejects.toMatchObject({
      code: 'registry/credentials-invalid',
      message: expect.stringContaining(reason),
    });
  });

  it('time out', async () => {
    helper('slow', 'sleep 60');
    await expect(askCredentialHelper('slow', 'a.example', { timeout: 200 })).rejects.toMatchObject({
      code: 'registry/credentials-invalid',
      message: 'the credential helper docker-credential-slow did not respond within 0.2 seconds',
    });
  });
});
