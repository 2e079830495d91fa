import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { isHostNotation } from '../host-notation.ts';
import { secretFileKey, secretKey } from '../key-forms.ts';

/** The settings of registry webhooks. If a kind of registry has no secret, the route of this kind is disabled. */
export type WebhooksConfig = {
  /** The registries whose images a webhook may submit, in the form `HOST[:PORT]` as in image references. */
  readonly registries: string[];
  readonly distribution?: string;
  readonly harbor?: string;
  readonly quay?: string;
  readonly github?: string;
  readonly gitlab?: string;
  readonly dockerhub?: string;
  readonly artifactory?: string;
};

const MIN_SECRET = 16;
const MAX_SECRET = 512;

function webhookSecret(what: string): ReturnType<typeof secretKey> {
  return secretKey(`text of ${MIN_SECRET} to ${MAX_SECRET} printable ASCII characters without spaces`, what, {
    accepts: (text) => text.length >= MIN_SECRET && text.length <= MAX_SECRET && /^[!-~]+$/.test(text),
    without: 'no webhook',
  });
}

const KEYS = mapOf({
  registries: Type.Array(
    Type.Refine(Type.String({ title: 'a registry (`HOST` or `HOST:PORT`), as in image references' }), isRegistry),
    {
      default: [],
      title: 'a list of registries (`HOST` or `HOST:PORT`), as in image references',
      description: 'Registries whose images webhooks may submit; pushes to other registries are ignored',
    },
  ),
  distribution: webhookSecret('Secret that Distribution sends in the header `Authorization`'),
  distributionfile: secretFileKey('distribution'),
  harbor: webhookSecret('Secret that Harbor sends in the header `Authorization`'),
  harborfile: secretFileKey('harbor'),
  quay: webhookSecret('Secret that Quay sends as the password in the webhook URL'),
  quayfile: secretFileKey('quay'),
  github: webhookSecret('Secret that signs GitHub webhooks (`X-Hub-Signature-256`)'),
  githubfile: secretFileKey('github'),
  gitlab: webhookSecret('Secret that the GitLab registry sends in the header `X-Gitlab-Token` or `Authorization`'),
  gitlabfile: secretFileKey('gitlab'),
  dockerhub: webhookSecret('Secret in the query parameter `secret` of the Docker Hub webhook URL'),
  dockerhubfile: secretFileKey('dockerhub'),
  artifactory: webhookSecret(
    'Secret that Artifactory sends in the header `X-JFrog-Event-Auth`, or uses to sign the webhook',
  ),
  artifactoryfile: secretFileKey('artifactory'),
});

/** The section `webhooks`. */
export const WEBHOOKS: ConfigSection<WebhooksConfig> = {
  name: 'webhooks',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};

/**
 * Returns whether an image reference can name a registry by this text. In an image reference, the first part is a host
 * only if it has a dot or a port, or is the name localhost.
 */
function isRegistry(text: string): boolean {
  const [, host = '', port] = /^(.+?)(:\d{1,5})?$/.exec(text) ?? [];
  return isHostNotation(host) && (port !== undefined || host === 'localhost' || host.includes('.'));
}
