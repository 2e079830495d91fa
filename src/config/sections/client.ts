import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { fileKey, isUrl, secretFileKey, secretKey } from '../key-forms.ts';

/** The server that `clair submit` and `clair report` ask, and how. */
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
        title: 'an http: or https: address',
        description: 'server that `clair submit` and `clair report` ask where none is named',
        $comment: 'none',
      }),
      (text) => isUrl(text, ['http:', 'https:']),
    ),
  ),
  token: secretKey('one word', 'bearer token that this server gets', {
    accepts: (text) => /^[\x21-\x7e]+$/.test(text),
  }),
  tokenfile: secretFileKey('token'),
  cafile: fileKey('authorities that this server is judged by (PEM) instead of the usual ones'),
  certfile: fileKey('certificate that is shown to this server (PEM); needs `keyfile`'),
  keyfile: fileKey('private key of that certificate (PEM)'),
});

/** The section `client`. */
export const CLIENT: ConfigSection<ClientConfig> = {
  name: 'client',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
