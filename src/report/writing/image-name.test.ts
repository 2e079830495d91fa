import { expect, it } from 'vitest';
import { HOSTILE } from '../testing/reports.ts';
import { imagePurl, repositoryOf } from './image-name.ts';

const target = {
  kind: 'registry',
  reference: 'registry.test:5000/team/app:1',
  digest: 'sha256:ab',
  platform: 'linux/arm64/v8',
};

it.each([
  ['registry.test:5000/team/app:1', 'registry.test:5000/team/app'],
  ['registry.test:5000/team/app', 'registry.test:5000/team/app'],
  ['registry.test/app:1@sha256:ab', 'registry.test/app'],
  ['debian', 'debian'],
  ['/tmp/an image.tar', '/tmp/an image.tar'],
])('the repository of %s is %s', (reference, repository) =>
  expect(repositoryOf({ ...target, reference })).toBe(repository),
);

it.each([
  ['registry', 'pkg:oci/app@sha256:ab?arch=arm64&repository_url=registry.test%3A5000%2Fteam%2Fapp'],
  ['oci', 'pkg:oci/app@sha256:ab?arch=arm64'],
  ['docker-archive', 'pkg:docker/app@sha256:ab'],
  ['podman', 'pkg:docker/app@sha256:ab'],
  ['rootfs', 'pkg:generic/app@sha256:ab'],
])('the package URL of an image of %s is %s', (kind, purl) => expect(imagePurl({ ...target, kind })).toBe(purl));

it.each(HOSTILE)('an image with the name %j has a package URL', (reference) => {
  expect(imagePurl({ ...target, reference, platform: reference })).toMatch(/^pkg:oci\/[^/@\s]+@/);
});
