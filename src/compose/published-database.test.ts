import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  OCI_INDEX,
  OCI_MANIFEST,
  type RegistryServer,
  startRegistryServer,
} from '../worker/testing/registry-server.ts';
import { openPublishedDatabase, type PublishedDatabase } from './published-database.ts';

const SUBJECT = `sha256:${'1'.repeat(64)}`;
const entry = (artifactType: string, digit: string): object => ({
  mediaType: OCI_MANIFEST,
  digest: `sha256:${digit.repeat(64)}`,
  size: 2,
  artifactType,
});

let registry: RegistryServer;
let published: PublishedDatabase;
beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  registry = await startRegistryServer();
  published = await openPublishedDatabase(`${registry.domain}/db:1`, {
    certificates: { files: [], folders: [] },
    insecureRegistries: [],
    mirrors: [],
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await published.close();
  await registry.close();
});

it('has the referrers of the wanted types', async () => {
  const list = { schemaVersion: 2, manifests: [entry('a', '2'), entry('b', '3'), entry('c', '4')] };
  registry.manifest(list, OCI_INDEX, SUBJECT.replace(':', '-'));
  expect(await published.place.listReferrers?.(SUBJECT, ['a', 'c'])).toEqual([
    `sha256:${'2'.repeat(64)}`,
    `sha256:${'4'.repeat(64)}`,
  ]);
});

it('has a limited number of referrers, whose digests are valid', async () => {
  const many = Array.from({ length: 100 }, (_, at) => ({
    ...entry('a', '2'),
    digest: at === 0 ? '../../other/manifests/latest' : `sha256:${`${at}`.padStart(64, '0')}`,
  }));
  registry.manifest({ schemaVersion: 2, manifests: many }, OCI_INDEX, SUBJECT.replace(':', '-'));
  const found = await published.place.listReferrers?.(SUBJECT, ['a']);
  expect(found).toHaveLength(19);
  expect(found?.every((each) => each.startsWith('sha256:'))).toBe(true);
});

it('explains an invalid list of referrers, which is no corrupt image', async () => {
  registry.manifest('<html>', OCI_INDEX, SUBJECT.replace(':', '-'));
  await expect(published.place.listReferrers?.(SUBJECT, ['a'])).rejects.toMatchObject({
    code: 'bytes/unreachable',
    message: expect.stringContaining('a proxy before the registry, sent no valid list of signatures'),
  });
});
