import pg, { type ClientConfig } from 'pg';
import type { PostgresAddress } from './address.ts';

/** The servers of an address. New connections go to the current server until {@link ServerChoice.leave} is called. */
export type ServerChoice = {
  /** Creates connections to the current server. */
  readonly Client: typeof pg.Client;
  /** The number of attempts after which each server was tried in each acceptable role. */
  readonly attempts: number;
  readonly current: () => number;
  /** Switches to the next server, unless another connection has already caused the switch from this server. */
  readonly leave: (server: number) => void;
  /** Makes future connections to the server use no TLS; returns false if TLS is required or already off. */
  readonly goWithoutTls: (server: number) => boolean;
  /** Whether the role of a server must be queried. */
  readonly isPicky: boolean;
  /** @param tried the number of servers that were refused before */
  readonly accepts: (isStandby: boolean, tried: number) => boolean;
};

/** Creates the choice for one pool, as libpq does with `target_session_attrs`. */
export function createServerChoice({ client, servers, role = 'any', mayGoWithoutTls }: PostgresAddress): ServerChoice {
  let at = 0;
  const withoutTls = new Set<number>();
  return {
    Client: class extends pg.Client {
      constructor(config?: string | ClientConfig) {
        // The password in the options of the pool is not enumerable, so add `client`, which contains the password.
        const options = typeof config === 'object' ? config : {};
        super({ ...options, ...client, ...servers[at], ...(withoutTls.has(at) && { ssl: false }) });
      }
    },
    attempts: role === 'prefer-standby' ? 2 * servers.length : servers.length,
    current: () => at,
    leave(server) {
      if (server === at) at = (at + 1) % servers.length;
    },
    goWithoutTls(server) {
      if (!mayGoWithoutTls || withoutTls.has(server)) return false;
      withoutTls.add(server);
      return true;
    },
    isPicky: role !== 'any',
    accepts(isStandby, tried) {
      switch (role) {
        case 'any':
          return true;
        case 'primary':
          return !isStandby;
        case 'standby':
          return isStandby;
        case 'prefer-standby':
          return isStandby || tried >= servers.length;
      }
    },
  };
}
