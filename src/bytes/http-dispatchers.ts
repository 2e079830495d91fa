import { rootCertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { ClairError } from '../errors.ts';

/**
 * Gives the certificates (PEM) of the authorities that are trusted for a host, `HOST` or `HOST:PORT` where the port is
 * not 443, beside those that are trusted for every host.
 */
export type FindCertificates = (host: string) => Promise<readonly string[]>;

/** The connections of an HTTP client: hosts with certificates of their own do not share theirs with others. */
export type HttpDispatchers = {
  /** @throws what finding the certificates of the host throws */
  readonly of: (address: URL) => Promise<Dispatcher>;
  /** Cuts off all that is under way. */
  readonly destroy: () => Promise<void>;
};

type DispatcherOptions = {
  readonly connect: Readonly<Record<string, unknown>>;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
};

/**
 * Opens the connections of a client, through the proxies of the environment.
 *
 * @throws ClairError `bytes/unreachable` when the environment names a proxy that is no URL.
 */
export function openHttpDispatchers(
  options: DispatcherOptions,
  findCertificates: FindCertificates = async () => [],
): HttpDispatchers {
  const usual = openDispatcher(options, []);
  const opened = [usual];
  const byHost = new Map<string, Promise<Dispatcher>>();

  async function openFor(host: string): Promise<Dispatcher> {
    const certificates = await findCertificates(host);
    if (certificates.length === 0) return usual;
    const dispatcher = openDispatcher(options, certificates);
    opened.push(dispatcher);
    return dispatcher;
  }

  return {
    async of({ protocol, host }) {
      if (protocol !== 'https:') return usual;
      const known = byHost.get(host) ?? openFor(host);
      byHost.set(host, known);
      return await known;
    },
    async destroy() {
      await Promise.all(opened.map(async (dispatcher) => await dispatcher.destroy()));
    },
  };
}

function openDispatcher({ connect, ...options }: DispatcherOptions, certificates: readonly string[]): Dispatcher {
  // Certificates that are named replace those that Node comes with (node:tls, `ca`), which must stay.
  const trusted = certificates.length === 0 ? {} : { ca: [...rootCertificates, ...certificates] };
  try {
    return new EnvHttpProxyAgent({
      ...options,
      connect: { ...connect, ...trusted },
      // Behind a proxy it is the tunnel to the host that is encrypted for it.
      ...(certificates.length > 0 && { requestTls: trusted }),
    });
  } catch {
    // The cause is left out: it holds the value, and with it perhaps a password.
    throw new ClairError('bytes/unreachable', 'the environment names a proxy that is not a URL');
  }
}
