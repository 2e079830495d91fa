import { createHash } from 'node:crypto';
import { inChunks, type Member, tarOf } from '../../bytes/testing/tar-builder.ts';
import { digestOfHex } from '../../model/digest.ts';
import type { ImageSource } from '../sources/image-source.ts';

/** Builds the source of an image from the members of its layers, base first. */
export function layeredImage(...layers: readonly (readonly Member[])[]): ImageSource {
  const sources = layers.map((members, at) => {
    const tar = tarOf(...members);
    const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
    const source = { where: `layer ${at}`, diffId, open: async () => inChunks(tar) };
    return { source, digest: diffId, diffId, createdBy: '' };
  });
  const digest = digestOfHex(createHash('sha256').update(JSON.stringify(sources)).digest('hex'));
  const named = { kind: 'oci', reference: 'test', target: 'oci:/test', digest, platform: 'linux/amd64' } as const;
  return { ...named, layers: sources, close: async () => {} };
}

export const file = (name: string, content: string | Buffer): Member => ({ name, content });
export const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
export const hard = (name: string, target: string): Member => ({ name, type: '1', link: target });
export const gone = (name: string): Member => file(name.replace(/([^/]*)$/, '.wh.$1'), '');
