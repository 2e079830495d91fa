import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { fileKey, isUrl, secretFileKey, secretKey } from '../key-forms.ts';

/** The server that `clair submit` and `clair report` use, and the credentials for this server. */
export type ClientConfig = {
  readonly server?: string;
  readonly token?: string;
  readonly cafile?: string;
  readonly certfile?: string;
  readonly keyfile?: string;
};

const KEYS = mapOf({
  server: Type.Optional(
    Type.Refine(
      Type.String({
        title: 'an http: or https: URL',
        description: 'Server that `clair submit` and `clair report` use by default',
        $comment: 'none',
      }),
      (text) => isUrl(text, ['http:', 'https:']),
    ),
  ),
  token: secretKey('printable ASCII characters without spaces', 'Bearer token for this server', {
    accepts: (text) => /^[\x21-\x7e]+$/.test(text),
  }),
  tokenfile: secretFileKey('token'),
  cafile: fileKey('CA certificates (PEM) for this server, instead of the built-in certificates'),
  certfile: fileKey('Client certificate for this server (PEM); requires `keyfile`'),
  keyfile: fileKey('Private key of the client certificate (PEM)'),
});

/** The section `client`. */
export const CLIENT: ConfigSection<ClientConfig> = {
  name: 'client',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
