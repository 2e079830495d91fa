import { gzipSync } from 'node:zlib';
import { type BuiltLayer, configOf, hexOf } from '../../../src/worker/testing/image-builder.ts';
import { type Member, tarOf } from '../../../src/bytes/testing/tar-builder.ts';
import type { Sample } from './corpus.ts';
import { dpkgStatus } from './corpus-databases.ts';

const LAYERS: readonly BuiltLayer[] = [
  { tar: tarOf({ name: 'var/lib/dpkg/status', content: dpkgStatus(2) }), createdBy: 'debootstrap' },
  { tar: tarOf({ name: 'var/lib/dpkg/status', content: dpkgStatus(5) }), createdBy: 'RUN apt-get install' },
];
const CONFIG = JSON.stringify(configOf(LAYERS));
const TYPE = 'application/vnd.oci.image.';

/**
 * Returns images as archives: whole images, and each document of an image alone in an archive whose digests are always
 * valid, so that no mutation fails the digest check.
 */
export function imageSamples(): readonly Sample[] {
  const docker = JSON.stringify([{ Config: 'config.json', RepoTags: ['a:1'], Layers: ['0/layer.tar', '1/layer.tar'] }]);
  const platform = { os: 'linux', architecture: 'amd64' };
  const manifest = ociManifest(Buffer.from(CONFIG));
  const index = indexOf({ ...descriptorOf(manifest, `${TYPE}manifest.v1+json`), platform });
  return [
    image('docker-archive', dockerArchive(Buffer.from(docker), Buffer.from(CONFIG))),
    image('manifest.json', Buffer.from(docker), (json) => dockerArchive(json, Buffer.from(CONFIG))),
    image('configuration of a docker-archive', Buffer.from(CONFIG), (json) => dockerArchive(Buffer.from(docker), json)),
    image('OCI archive', ociArchive(index, manifest, Buffer.from(CONFIG)), undefined, true),
    image('gzip of an OCI archive', gzipSync(ociArchive(index, manifest, Buffer.from(CONFIG))), undefined, true),
    image('index.json', index, (json) => ociArchive(json, manifest, Buffer.from(CONFIG))),
    image('OCI manifest', manifest, (json) => ociArchive(indexOf(descriptorOf(json)), json, Buffer.from(CONFIG))),
    image('OCI configuration', Buffer.from(CONFIG), (json) => {
      const of = ociManifest(json);
      return ociArchive(indexOf(descriptorOf(of)), of, json);
    }),
    image('index in an index', index, (json) =>
      ociArchive(indexOf(descriptorOf(json, `${TYPE}index.v1+json`)), json, manifest, Buffer.from(CONFIG)),
    ),
  ];
}

type Descriptor = { readonly mediaType?: string; readonly digest: string; readonly size: number };

function descriptorOf(blob: Buffer, mediaType?: string): Descriptor {
  return { ...(mediaType !== undefined && { mediaType }), digest: `sha256:${hexOf(blob)}`, size: blob.length };
}

function indexOf(descriptor: object): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
}

function ociManifest(config: Buffer): Buffer {
  const layers = LAYERS.map(({ tar }) => descriptorOf(tar, `${TYPE}layer.v1.tar`));
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, config: descriptorOf(config, `${TYPE}config.v1+json`), layers }),
  );
}

function dockerArchive(manifest: Buffer, config: Buffer): Buffer {
  const layers = LAYERS.map(({ tar }, at): Member => ({ name: `${at}/layer.tar`, content: tar }));
  return tarOf(...layers, { name: 'config.json', content: config }, { name: 'manifest.json', content: manifest });
}

function ociArchive(index: Buffer, ...blobs: readonly Buffer[]): Buffer {
  const all = [...blobs, ...LAYERS.map(({ tar }) => tar)];
  return tarOf(
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: index },
    ...all.map((content): Member => ({ name: `blobs/sha256/${hexOf(content)}`, content })),
  );
}

function image(
  name: string,
  bytes: Buffer,
  wrap: (mutated: Buffer) => Buffer = (mutated) => mutated,
  sealed = false,
): Sample {
  return { name, bytes, form: 'image', wrap, sealed };
}
