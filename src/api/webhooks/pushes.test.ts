import { describe, expect, it } from 'vitest';
import { pushesOf } from './pushes.ts';
import type { WebhookKind } from './settings.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('the pushes of a webhook', () => {
  it.each<[string, WebhookKind, object, readonly object[]]>([
    [
      'of Distribution without the host of the request have the host of the URL',
      'distribution',
      {
        events: [
          {
            action: 'push',
            target: {
              mediaType: 'application/vnd.oci.image.index.v1+json',
              repository: 'app',
              url: 'https://r.test:5000/v2/app/manifests/x',
              tag: '1',
            },
          },
        ],
      },
      [{ name: 'r.test:5000/app', tag: '1' }],
    ],
    [
      'of Harbor have the host of the resource, with or without a scheme',
      'harbor',
      {
        type: 'PUSH_ARTIFACT',
        event_data: {
          repository: { repo_full_name: 'a/b' },
          resources: [
            { resource_url: 'h.test/a/b:1', tag: '1', digest: DIGEST },
            { resource_url: 'https://h.test/a/b:2', tag: '2', digest: 'sha256:short' },
          ],
        },
      },
      [
        { name: 'h.test/a/b', tag: '1', digest: DIGEST },
        { name: 'h.test/a/b', tag: '2' },
      ],
    ],
    [
      'of Quay are one for each tag',
      'quay',
      { docker_url: 'quay.io/a/b', updated_tags: ['1', 7, '2'] },
      [
        { name: 'quay.io/a/b', tag: '1' },
        { name: 'quay.io/a/b', tag: '2' },
      ],
    ],
    [
      'of GitHub are in lower case, and may have a port',
      'github',
      {
        action: 'updated',
        package: {
          package_type: 'container',
          package_version: {
            package_url: 'GHCR.test:5000/Owner/App:Tag',
            container_metadata: { tag: { name: 'Tag', digest: DIGEST } },
          },
        },
      },
      [{ name: 'ghcr.test:5000/owner/app', tag: 'Tag', digest: DIGEST }],
    ],
    [
      'of Docker Hub are in docker.io, without a digest',
      'dockerhub',
      { push_data: { tag: '1', pusher: 'p' }, repository: { repo_name: 'owner/app', name: 'app' } },
      [{ name: 'docker.io/owner/app', tag: '1' }],
    ],
    [
      'of Artifactory have the repository in the path',
      'artifactory',
      {
        domain: 'docker',
        event_type: 'pushed',
        data: {
          repo_key: 'docker-local',
          path: 'a/b/1/manifest.json',
          image_name: 'a/b',
          tag: '1',
          sha256: 'a'.repeat(64),
        },
        jpd_origin: 'https://art.test:8443/artifactory',
      },
      [{ name: 'art.test:8443/docker-local/a/b', tag: '1', digest: DIGEST }],
    ],
    [
      'of Artifactory are not the manifests of an index',
      'artifactory',
      {
        domain: 'docker',
        event_type: 'pushed',
        data: { repo_key: 'docker-local', image_name: 'a', tag: `sha256:${'b'.repeat(64)}`, sha256: 'b'.repeat(64) },
        jpd_origin: 'https://art.test',
      },
      [],
    ],
  ])('%s', (_, kind, body, pushes) => {
    expect(pushesOf(kind, body, { 'x-github-event': 'package' })).toEqual(pushes);
  });

  it.each<[string, boolean]>([
    [`sha256-${'a'.repeat(64)}`, true],
    [`sha256-${'a'.repeat(64)}.sig`, true],
    [`sha512-${'a'.repeat(64)}`, true],
    [`sha512-${'a'.repeat(64)}.att`, true],
    [`sha512-${'a'.repeat(32)}`, false],
    [`sha512-${'a'.repeat(65)}`, false],
    [`sha256-${'a'.repeat(63)}`, false],
    [`sha256-${'a'.repeat(64)}.tar`, false],
  ])('with the tag %s are of an attached document: %s', (tag, isAttached) => {
    const body = { push_data: { tag, pusher: 'p' }, repository: { repo_name: 'owner/app' } };
    expect(pushesOf('dockerhub', body, {})).toHaveLength(isAttached ? 0 : 1);
  });

  it.each(['sha256:', 'sha256__', 'sha512:', 'sha512__'])(
    'of Artifactory under a digest (%s) are of an index',
    (start) => {
      const data = {
        repo_key: 'docker-local',
        image_name: 'a',
        tag: `${start}${'b'.repeat(64)}`,
        sha256: 'b'.repeat(64),
      };
      const body = { domain: 'docker', event_type: 'pushed', data, jpd_origin: 'https://art.test' };
      expect(pushesOf('artifactory', body, {})).toEqual([]);
    },
  );
});
