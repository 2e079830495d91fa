import type { TargetKind } from './image-source.ts';

/** A form in which Clair reads images, as docs/reference/coverage.md lists it; the texts are Markdown. */
export type TargetForm = { readonly name: string; readonly target: string; readonly note: string };

/** The forms of images by the scheme of their target; `layer` is a single layer that a client submits over HTTP. */
export const TARGET_FORMS: Readonly<Record<TargetKind | 'layer', TargetForm>> = {
  'docker-archive': {
    name: 'docker-archive',
    target: '`docker-archive:PATH`',
    note: 'archives of every Docker version, even without `manifest.json` (before Docker 1.10)',
  },
  oci: { name: 'OCI layout', target: '`oci:PATH[:TAG]`', note: 'a directory or a tar archive' },
  'oci-archive': { name: 'OCI archive', target: '`oci-archive:PATH[:TAG]`', note: 'a tar archive' },
  registry: {
    name: 'registry',
    target: '`registry:NAME[:TAG][@DIGEST]`',
    note: 'OCI and Docker schema 2; schema 1 is not supported',
  },
  docker: {
    name: 'Docker',
    target: '`docker:NAME`',
    note: 'an image from the daemon at `DOCKER_HOST`, or at the default socket',
  },
  podman: {
    name: 'Podman',
    target: '`podman:NAME`',
    note: 'an image from the service at `CONTAINER_HOST`, or at the default socket',
  },
  rootfs: {
    name: 'directory',
    target: '`rootfs:DIRECTORY`, `./DIRECTORY`',
    note: 'an image with one layer: a root file system, an application, or a machine (`rootfs:/`)',
  },
  sbom: {
    name: 'SBOM',
    target: '`sbom:FILE`, `sbom:-`',
    note: 'CycloneDX 1.0 to 1.7 (JSON, XML), SPDX 2.1 to 2.3 (JSON, tag-value), SPDX 3.0 (JSON), Syft JSON',
  },
  layer: {
    name: 'single layer',
    target: 'over HTTP, by path or URL',
    note: 'Docker layers and ACIs (files below `rootfs/`, no whiteouts)',
  },
};

/** The text about all forms in docs/reference/coverage.md, in Markdown. */
export const TARGET_NOTE =
  'On the command line, `NAME` without a prefix selects the image in Docker, then in Podman, then in the registry. With a digest, `--all-platforms` or `--attestations`, `NAME` always selects the image in the registry. Archives and layers can be uncompressed or compressed with gzip, xz, zstd or bzip2; Clair detects the compression from the first bytes. In nested indexes, the platform selects the image. Attestations are read only with `--attestations`. Foreign layers in a registry are reported as missing.';
