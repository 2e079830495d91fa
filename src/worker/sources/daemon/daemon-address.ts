import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { TlsSettings } from '../../../bytes/http/routes.ts';
import { ClairError } from '../../../errors.ts';

/** The container engines whose daemons save images; also the scheme prefixes of their targets. */
export type DaemonKind = 'docker' | 'podman';

/** The address that a daemon listens on. */
export type DaemonAddress =
  | { readonly socket: string }
  | { readonly host: string; readonly port: string; readonly tls: TlsSettings | undefined };

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable with the address of the daemon, which the engine's own client uses, too. */
const VARIABLES: Readonly<Record<DaemonKind, string>> = { docker: 'DOCKER_HOST', podman: 'CONTAINER_HOST' };

/** The Docker ports without and with TLS (IANA, "docker" and "docker-s"). */
const PORTS = { plain: '2375', tls: '2376' } as const;

/**
 * Returns where the daemon listens: the address in `DOCKER_HOST` or `CONTAINER_HOST`, otherwise the first existing
 * socket of the engine's usual sockets, otherwise the first usual socket. An address with `tcp://` needs TLS with
 * `DOCKER_TLS_VERIFY` or `DOCKER_CERT_PATH`, unless the host is this machine, because anybody on the network path could
 * change the image.
 *
 * @param home the home directory of the user
 * @throws ClairError `daemon/address-invalid` for an address in another form, a remote address without TLS, and
 * certificate files that cannot be read
 */
export function daemonAddress(kind: DaemonKind, environment: Environment, home: string): DaemonAddress {
  const variable = VARIABLES[kind];
  const address = environment[variable] ?? '';
  if (address === '') {
    const sockets = usualSockets(kind, environment, home);
    return { socket: sockets.find((path) => existsSync(path)) ?? sockets[0] ?? '' };
  }
  if (address.startsWith('unix://')) {
    const socket = address.slice('unix://'.length);
    if (socket.startsWith('/')) return { socket };
  }
  if (!/^(tcp|https?):\/\/[^/@]+\/?$/.test(address) || !URL.canParse(address)) {
    // The value is not shown, because an address may contain a password.
    const forms = 'unix:///PATH or tcp://HOST:PORT';
    throw new ClairError('daemon/address-invalid', `${variable} does not have the form ${forms}`);
  }
  const { protocol, hostname, port } = new URL(address.replace(/^tcp:/, 'http:'));
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isEncrypted =
    protocol === 'https:' || (environment['DOCKER_TLS_VERIFY'] ?? '') !== '' || 'DOCKER_CERT_PATH' in environment;
  if (isEncrypted) return { host, port: port || PORTS.tls, tls: certificates(environment, home) };
  if (isLoopback(host)) return { host, port: port || PORTS.plain, tls: undefined };
  throw new ClairError(
    'daemon/address-invalid',
    `${variable} names the remote host ${host} without TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH`,
  );
}

/** Returns an address in the form of `DOCKER_HOST`, for messages. */
export function daemonAddressText(address: DaemonAddress): string {
  return 'socket' in address ? address.socket : `tcp://${address.host}:${address.port}`;
}

function usualSockets(kind: DaemonKind, environment: Environment, home: string): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  const own = (path: string): readonly string[] => (runtime === '' ? [] : [join(runtime, path)]);
  // The user's Podman service stores different images from the system service, and needs no privileges.
  if (kind === 'podman') return [...own('podman/podman.sock'), '/run/podman/podman.sock'];
  return ['/var/run/docker.sock', ...own('docker.sock'), join(home, '.docker/run/docker.sock')];
}

/**
 * Reads the certificates in the folder `DOCKER_CERT_PATH`, or otherwise in Docker's configuration folder; the
 * certificate of the client is optional, as for Docker.
 */
function certificates(environment: Environment, home: string): TlsSettings {
  const folder = environment['DOCKER_CERT_PATH'] || join(environment['DOCKER_CONFIG'] || join(home, '.docker'));
  const read = (name: string): string | undefined => {
    const path = join(folder, name);
    if (!existsSync(path)) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new ClairError(
        'daemon/address-invalid',
        `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    }
  };
  const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')];
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && key !== undefined && { cert, key }) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
