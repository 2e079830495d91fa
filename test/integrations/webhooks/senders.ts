import { createHmac } from 'node:crypto';
import type { WebhookKind } from '../../../src/api/webhooks/settings.ts';

/** A pushed image, as the senders describe it. */
export type PushedImage = {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
};

export type WebhookRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

export const SECRET = 'b1Qf7-push-secret';

const OCI = 'application/vnd.oci.image.manifest.v1+json';

/** The requests of the registries about a push, as their documentation shows them, by name. */
export const SENDERS: Readonly<
  Record<string, { readonly kind: WebhookKind; readonly request: (image: PushedImage) => WebhookRequest }>
> = {
  distribution: { kind: 'distribution', request: (image) => distributionRequest(image, 'distribution') },
  gitlab: {
    kind: 'gitlab',
    request: (image) => ({
      ...distributionRequest(image, 'gitlab'),
      headers: jsonHeaders({ 'x-gitlab-token': SECRET }),
    }),
  },
  harbor: {
    kind: 'harbor',
    request: (image) => ({
      path: '/webhooks/harbor',
      headers: jsonHeaders({ authorization: SECRET }),
      body: { type: 'PUSH_ARTIFACT', occur_at: 1_586_922_308, operator: 'admin', event_data: harborData(image) },
    }),
  },
  'harbor, as CloudEvents': {
    kind: 'harbor',
    request: (image) => ({
      path: '/webhooks/harbor',
      headers: { authorization: SECRET, 'content-type': 'application/cloudevents+json' },
      body: {
        specversion: '1.0',
        id: '1',
        source: '/projects/1/webhook/policies/15',
        type: 'harbor.artifact.pushed',
        datacontenttype: 'application/json',
        data: harborData(image),
      },
    }),
  },
  quay: {
    kind: 'quay',
    request: ({ host, repository, tag }) => ({
      path: '/webhooks/quay',
      // Python's requests sends the user name and the password of a URL as basic authentication.
      headers: jsonHeaders({ authorization: `Basic ${btoa(`clair:${SECRET}`)}` }),
      body: {
        name: repository.split('/').at(-1),
        repository,
        namespace: repository.split('/')[0],
        docker_url: `${host}/${repository}`,
        homepage: `https://${host}/repository/${repository}`,
        updated_tags: [tag],
      },
    }),
  },
  artifactory: {
    kind: 'artifactory',
    request: ({ host, repository, tag, digest }) => {
      const [repo = '', ...image] = repository.split('/');
      const data = {
        repo_key: repo,
        path: `${image.join('/')}/${tag}/manifest.json`,
        image_name: image.join('/'),
        tag,
      };
      return {
        path: '/webhooks/artifactory',
        headers: jsonHeaders({ 'x-jfrog-event-auth': SECRET }),
        body: {
          domain: 'docker',
          event_type: 'pushed',
          data: { ...data, name: 'manifest.json', sha256: digest.replace('sha256:', ''), size: 949, platforms: [] },
          subscription_key: 'clair',
          jpd_origin: `http://${host}`,
          source: 'jfrog/admin',
        },
      };
    },
  },
  'github, event package': { kind: 'github', request: (image) => githubRequest(image, 'package') },
  'github, event registry_package': { kind: 'github', request: (image) => githubRequest(image, 'registry_package') },
};

/** The time that Distribution waits for a response by default, in milliseconds. */
export const PATIENCE_MS = 500;

/**
 * Delivers a webhook as the registries do: a response other than 2xx, or a response that takes too long, is a failure.
 *
 * @param patience in milliseconds
 * @returns the body of the response
 */
export async function deliver(
  send: typeof fetch,
  url: string,
  request: WebhookRequest,
  patience: number = PATIENCE_MS,
): Promise<unknown> {
  const start = performance.now();
  const response = await send(`${url}${request.path}`, {
    method: 'POST',
    headers: request.headers,
    body: textOf(request.body),
    redirect: 'manual',
  });
  const text = await response.text();
  const took = performance.now() - start;
  if (response.status < 200 || response.status > 299) throw new Error(`${response.status} ${text}`);
  if (took > patience) throw new Error(`the response took ${took} ms`);
  return JSON.parse(text);
}

/** Signs a body as GitHub does; a body that is not a string is sent as JSON. */
export function signed(body: unknown): string {
  return `sha256=${createHmac('sha256', SECRET).update(textOf(body)).digest('hex')}`;
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function jsonHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', ...headers };
}

function distributionRequest({ host, repository, tag, digest }: PushedImage, path: string): WebhookRequest {
  return {
    path: `/webhooks/${path}`,
    headers: {
      authorization: `Bearer ${SECRET}`,
      'content-type': 'application/vnd.docker.distribution.events.v1+json',
    },
    body: {
      events: [
        {
          id: 'asdf-asdf-asdf-asdf-0',
          timestamp: '2026-01-02T15:04:05Z',
          action: 'push',
          target: {
            mediaType: OCI,
            digest,
            size: 7143,
            repository,
            url: `https://${host}/v2/${repository}/manifests/${digest}`,
            tag,
          },
          request: { id: 'asdfasdf', addr: 'client.local', host, method: 'PUT', useragent: 'test/0.1' },
          actor: { name: 'test-actor' },
          source: { addr: 'hostname.local:5000', instanceID: 'x' },
        },
      ],
    },
  };
}

function harborData({ host, repository, tag, digest }: PushedImage): object {
  const [namespace = '', name = ''] = repository.split('/');
  return {
    resources: [{ digest, tag, resource_url: `${host}/${repository}:${tag}` }],
    repository: { date_created: 1_586_922_308, name, namespace, repo_full_name: repository, repo_type: 'private' },
  };
}

function githubRequest({ host, repository, tag, digest }: PushedImage, event: string): WebhookRequest {
  const [namespace = '', name = ''] = repository.split('/');
  const body = {
    action: 'published',
    [event]: {
      id: 1,
      name,
      namespace,
      ecosystem: 'CONTAINER',
      package_type: 'CONTAINER',
      package_version: {
        id: 2,
        version: digest,
        container_metadata: { labels: {}, manifest: {}, tag: { name: tag, digest } },
        package_url: `${host}/${repository}:${tag}`,
      },
      registry: { name: 'GitHub CONTAINER registry', type: 'CONTAINER', vendor: 'GitHub Inc' },
    },
  };
  return {
    path: '/webhooks/github',
    headers: jsonHeaders({ 'x-github-event': event, 'x-hub-signature-256': signed(body) }),
    body,
  };
}
