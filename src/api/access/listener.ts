import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { followConnections, type OpenConnections } from './open-connections.ts';
import { isSameIdentity, readTlsFiles, type TlsFiles, type TlsIdentity } from './tls-files.ts';

export type ListenerOptions = {
  /** The certificate files; plain HTTP when absent. */
  readonly tls?: TlsFiles;
  readonly limits?: Partial<ListenerLimits>;
  readonly log: ListenerLog;
};

/** The connection limits; all times are in milliseconds. */
export type ListenerLimits = {
  /**
   * The maximum time from the first byte of a request to the end of the headers, and from the start of a connection to
   * the first byte.
   */
  readonly headers: number;
  /** The maximum time from the first byte of a request to the end of the body. */
  readonly request: number;
  /** The time after which an idle connection is closed. */
  readonly idle: number;
  /** The maximum time from the start of a response until the client has read the response. */
  readonly answer: number;
  readonly handshake: number;
  /** The maximum number of open connections; the server closes further connections immediately. */
  readonly connections: number;
  /** The interval between checks of the certificate files. */
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

/** The maximum interval between Node's checks for timed-out connections, in milliseconds. */
const CHECK_MS = 1000;

/** The logger for certificate reloads, such as a pino logger. */
export type ListenerLog = Readonly<Record<'info' | 'warn', (fields: object, message: string) => void>>;

/** The network side of the API: creates the server and closes its connections. */
export type Listener = {
  readonly serve: (answer: RequestListener) => Server;
  readonly isEncrypted: boolean;
  /** The `answer` limit, which the API enforces because Node has no such limit. */
  readonly answerLimit: number;
  /** Closes the connections without a running request. */
  readonly closeIdle: () => void;
  readonly close: () => void;
};

/**
 * Creates a listener with limits for slow and idle clients. With certificate files, the listener serves TLS 1.2 or
 * later and reloads changed files; invalid changes are logged and ignored.
 *
 * @throws ClairError `config/invalid` for files that are invalid at startup
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
      log.info({ certfile: files.certfile }, 'certificate files reloaded');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A file can be half-written for a moment or invalid for a long time, so a repeated reason is not logged again.
      if (reason !== broken) log.warn({ reason }, 'changed certificate files ignored');
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
