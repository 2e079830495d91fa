import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { followConnections, type OpenConnections } from './open-connections.ts';
import { isSameIdentity, readTlsFiles, type TlsFiles, type TlsIdentity } from './tls-files.ts';

export type ListenerOptions = {
  /** Plain HTTP when absent. */
  readonly tls?: TlsFiles;
  readonly limits?: Partial<ListenerLimits>;
  readonly log: ListenerLog;
};

/** The bounds of connections; times are in milliseconds. */
export type ListenerLimits = {
  /** From the connection, or from the request before it, to the end of a request's headers. */
  readonly headers: number;
  /** The same to the end of its body. */
  readonly request: number;
  /** How long a connection stays open that nothing is asked on. */
  readonly idle: number;
  /** From the start of an answer until the client has read it. */
  readonly answer: number;
  readonly handshake: number;
  /** Connections at a time; more are closed at once. */
  readonly connections: number;
  /** How often the certificate files are looked at. */
  readonly reload: number;
};

const DEFAULT_LIMITS: ListenerLimits = {
  headers: 10_000,
  request: 60_000,
  idle: 60_000,
  answer: 300_000,
  handshake: 10_000,
  connections: 10_000,
  reload: 5000,
};

/** How often Node looks for connections whose time is over, in milliseconds, at most. */
const CHECK_MS = 1000;

/** Where a listener tells what happens to its certificate; pino is one. */
export type ListenerLog = Readonly<Record<'info' | 'warn', (fields: object, message: string) => void>>;

/** Makes the one server that listens. */
export type Listener = {
  readonly serve: (answer: RequestListener) => Server;
  readonly isEncrypted: boolean;
  /** That of {@link ListenerLimits}; Node has no such bound, so whoever answers has to keep it. */
  readonly answerLimit: number;
  /** Closes the connections on which no request is being answered. */
  readonly closeIdle: () => void;
  readonly close: () => void;
};

/**
 * Makes a listener with bounds on what slow and idle clients hold. With certificate files it speaks TLS 1.2 or later, and
 * goes on with what the files hold when they change; files that are no certificate then change nothing, and are logged.
 *
 * @throws ClairError `config/invalid` for files that are none at the start.
 */
export async function openListener({ tls, log, ...options }: ListenerOptions): Promise<Listener> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const timeouts = {
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.headers),
  };
  const followed: OpenConnections[] = [];
  const bounded = <Each extends Server>(server: Each): Each => {
    server.maxConnections = limits.connections;
    followed.push(followConnections(server));
    return server;
  };
  const closeIdle = (): void => {
    for (const connections of followed) connections.closeIdle();
  };
  if (tls === undefined) {
    const serve: Listener['serve'] = (answer) => bounded(createServer(timeouts, answer));
    return { serve, isEncrypted: false, answerLimit: limits.answer, closeIdle, close: () => undefined };
  }

  let identity = await readTlsFiles(tls);
  let served: TlsServer | undefined;
  let broken: string | undefined;
  const timer = setInterval(() => void reload(tls), limits.reload).unref();

  async function reload(files: TlsFiles): Promise<void> {
    try {
      const now = await readTlsFiles(files);
      broken = undefined;
      if (isSameIdentity(now, identity)) return;
      identity = now;
      served?.setSecureContext(contextOf(identity));
      log.info({ certfile: files.certfile }, 'certificate files read again');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // They may be half-written just now, or stay broken for long: once is enough.
      if (reason !== broken) log.warn({ reason }, 'certificate files changed and are not used');
      broken = reason;
    }
  }

  return {
    serve(answer) {
      const isClientAsked = tls.cafile !== undefined;
      const asked = { requestCert: isClientAsked, rejectUnauthorized: isClientAsked };
      const handshakeTimeout = limits.handshake;
      const secured = { ...timeouts, ...contextOf(identity), ...asked, handshakeTimeout };
      served = bounded(createTlsServer(secured, answer));
      return served;
    },
    isEncrypted: true,
    answerLimit: limits.answer,
    closeIdle,
    close: () => clearInterval(timer),
  };
}

function contextOf(identity: TlsIdentity): SecureContextOptions {
  return { ...identity, minVersion: 'TLSv1.2' };
}
