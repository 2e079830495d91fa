import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../../src/database/contracts/store.ts';
import { buildDockerArchive, buildLayer, type LayerMembers } from '../../../src/worker/testing/image-builder.ts';
import { type NamespacePackages, packagesOfFeeds } from './feed-packages.ts';
import { type ListedPackage, packageDatabase } from './package-databases.ts';
import type { ComparedImage } from './shared-images.ts';

/**
 * Builds an image for every namespace of the feeds, because the real images cover few distributions.
 *
 * @param folder the output folder
 */
export async function feedImages(
  store: Store,
  feeds: readonly string[],
  folder: string,
): Promise<readonly ComparedImage[]> {
  const listed: ComparedImage[] = [];
  for (const each of await packagesOfFeeds(store, feeds)) {
    const { namespace } = each;
    const name = imageName(namespace);
    const archive = join(folder, `${name}.tar`);
    writeFileSync(archive, await buildImage(each));
    listed.push({ name, target: `docker-archive:${archive}`, namespace });
  }
  return listed;
}

function imageName(namespace: string): string {
  return `feed-${namespace.replaceAll(/[^a-z0-9.-]/gi, '-')}`;
}

/**
 * Builds two layers: the base has two thirds of the packages; the upper layer adds the other packages and, if there are
 * several packages, removes the first package.
 */
async function buildImage({ namespace, scheme, packages, contentSets }: NamespacePackages): Promise<Buffer> {
  const manifest = JSON.stringify({ metadata: { icm_version: 1, image_layer_index: 0 }, content_sets: contentSets });
  const base: LayerMembers = {
    'etc/os-release': osRelease(namespace),
    ...(contentSets.length > 0 && { 'root/buildinfo/content_manifests/base-1-1.json': manifest }),
  };
  const database = (listed: readonly ListedPackage[]): LayerMembers =>
    Object.fromEntries([packageDatabase(scheme, listed)]);
  const layers = [
    { ...base, ...database(packages.slice(0, Math.ceil((packages.length * 2) / 3))) },
    database(packages.length === 1 ? packages : packages.slice(1)),
  ];
  const built = [];
  for (const [index, members] of layers.entries()) {
    built.push({ tar: await buildLayer(members), createdBy: `RUN step-${index}` });
  }
  return await buildDockerArchive(built, `report-comparison/${imageName(namespace)}:1`);
}

/** Returns an os-release file from which `src/worker/detectors/os/distributions.ts` detects the namespace. */
export function osRelease(namespace: string): string {
  const [distribution = '', version = ''] = namespace.split(':');
  const id = distribution === 'oracle' ? 'ol' : distribution.replace(/^centos-stream$/, 'centos');
  const name = distribution === 'centos-stream' ? 'CentOS Stream' : 'CentOS Linux';
  const versionId = version === 'edge' ? '3.99_alpha20260101' : version.replace(/^v/, '');
  const release = versionId === 'unstable' ? 'VERSION_CODENAME=sid' : `VERSION_ID="${versionId}"`;
  return [`ID=${id}`, ...(id === 'centos' ? [`NAME="${name}"`] : []), ...(version === '' ? [] : [release]), ''].join(
    '\n',
  );
}
