import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DaemonAddress, daemonAddress, type DaemonKind } from './daemon-address.ts';

const home = mkdtempSync(join(tmpdir(), 'clair-daemon-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const certificates = join(home, 'certificates');
mkdirSync(certificates);
for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(certificates, name), name);

const socket = (path: string): DaemonAddress => ({ socket: path });
const tcp = (host: string, port: string, tls?: object): DaemonAddress => ({ host, port, tls });
const TLS = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' };

describe('daemonAddress', () => {
  it.each<[DaemonKind, Record<string, string>, DaemonAddress]>([
    ['docker', { DOCKER_HOST: 'unix:///run/user/1/docker.sock' }, socket('/run/user/1/docker.sock')],
    ['podman', { CONTAINER_HOST: 'unix:///run/podman.sock', DOCKER_HOST: 'tcp://a' }, socket('/run/podman.sock')],
    ['docker', { DOCKER_HOST: 'tcp://127.0.0.1:2375' }, tcp('127.0.0.1', '2375')],
    ['docker', { DOCKER_HOST: 'tcp://localhost' }, tcp('localhost', '2375')],
    ['docker', { DOCKER_HOST: 'tcp://[::1]:1' }, tcp('::1', '1')],
    ['docker', { DOCKER_HOST: 'http://127.0.0.1:2375/' }, tcp('127.0.0.1', '2375')],
    ['docker', { DOCKER_HOST: 'tcp://build:2376', DOCKER_CERT_PATH: '/nowhere' }, tcp('build', '2376', {})],
    ['docker', { DOCKER_HOST: 'tcp://build', DOCKER_TLS_VERIFY: '1' }, tcp('build', '2376', {})],
    [
      'docker',
      { DOCKER_HOST: 'tcp://build:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates },
      tcp('build', '1', TLS),
    ],
    ['podman', { CONTAINER_HOST: 'https://build', DOCKER_CONFIG: certificates }, tcp('build', '2376', TLS)],
  ])('reads the environment: %s %j', (kind, environment, expected) => {
    expect(daemonAddress(kind, environment, home)).toEqual(expected);
  });

  it.each([
    ['ssh://host', 'DOCKER_HOST does not have the form unix:///PATH or tcp://HOST:PORT'],
    ['unix://relative', 'DOCKER_HOST does not have the form'],
    ['/var/run/docker.sock', 'DOCKER_HOST does not have the form'],
    ['tcp://user:password@host', 'DOCKER_HOST does not have the form'],
    ['tcp://host:port', 'DOCKER_HOST does not have the form'],
    ['tcp://docker:2375', 'DOCKER_HOST names the remote host docker without TLS'],
    ['tcp://127.0.0.1.example:2375', 'DOCKER_HOST names the remote host 127.0.0.1.example without TLS'],
  ])('rejects %s', (address, message) => {
    const find = (): DaemonAddress => daemonAddress('docker', { DOCKER_HOST: address }, home);
    expect(find).toThrow(expect.objectContaining({ code: 'daemon/address-invalid' }));
    expect(find).toThrow(message);
    expect(find).not.toThrow('password');
  });

  it.each<[DaemonKind, string, string]>([
    ['podman', 'podman/podman.sock', '/run/podman/podman.sock'],
    ['docker', 'docker.sock', '/var/run/docker.sock'],
  ])('finds the socket of %s that exists', (kind, name, usual) => {
    const runtime = mkdtempSync(join(home, 'runtime-'));
    mkdirSync(join(runtime, 'podman'));
    const environment = { XDG_RUNTIME_DIR: runtime };
    // The machine that runs this test may have daemons.
    expect([join(runtime, name), usual]).toContainEqual(Object.values(daemonAddress(kind, environment, home))[0]);
    writeFileSync(join(runtime, name), '');
    expect([join(runtime, name), usual]).toContainEqual(Object.values(daemonAddress(kind, environment, home))[0]);
  });
});
