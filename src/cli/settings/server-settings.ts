import { parseDuration } from '../../config/duration.ts';
import type { Config } from '../../config/schema.ts';
import type { TokenConfig } from '../../config/sections/api.ts';
import type { ServerOptions } from '../../compose/server.ts';

/** Returns the TLS, token, limit, timeout and pagination settings of the section `api`. */
export function accessSettings({
  api,
}: Config): Pick<ServerOptions, 'tls' | 'tokens' | 'limits' | 'timeout' | 'pageTokenKey'> {
  const { certfile, keyfile, cafile, auth } = api;
  const full = tokenKey(auth.psk);
  const readOnly = tokenKey(auth.readonly);
  return {
    ...(certfile !== undefined &&
      keyfile !== undefined && { tls: { certfile, keyfile, ...(cafile !== undefined && { cafile }) } }),
    ...(full !== undefined && { tokens: { full, ...(readOnly !== undefined && { readOnly }) } }),
    limits: { connections: api.maxconnections },
    timeout: parseDuration(api.timeout) ?? 0,
    ...(api.paginationkey !== undefined && { pageTokenKey: api.paginationkey }),
  };
}

/** Returns the time that running requests have to finish after a stop signal, in milliseconds. */
export function shutdownTimeout({ api }: Config): number {
  return parseDuration(api.shutdowntimeout) ?? 0;
}

/** Returns whether clients on other machines have full access without a token or a certificate. */
export function isOpenToAll({ api }: Config, host: string): boolean {
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return !isLocal && api.auth.psk.key === undefined && api.cafile === undefined;
}

function tokenKey({ key, iss }: TokenConfig): { key: Uint8Array; issuers: readonly string[] } | undefined {
  return key === undefined ? undefined : { key: Buffer.from(key, 'base64'), issuers: iss };
}
