/** The errors of images, their bytes, registries and submissions. */
export const IMAGE_ERRORS = {
  'bytes/not-found': {
    kind: 'not-found',
    when: 'A file or URL does not exist.',
    remedy: 'Check the path or the address.',
  },
  'bytes/unreachable': {
    kind: 'unreachable',
    when: 'A file or URL cannot be read.',
    remedy: 'Check the address, the permissions and the network, and try again.',
  },
  'bytes/truncated': {
    kind: 'unreadable',
    when: 'A file or download ends too early.',
    remedy: 'Download or build the file again.',
  },
  'bytes/corrupt': {
    kind: 'unreadable',
    when: 'A file or download is corrupt.',
    remedy: 'Download or build the file again.',
  },
  'bytes/unsupported-compression': {
    kind: 'unreadable',
    when: 'A file uses an unsupported compression format.',
    remedy: 'Compress the file in one of the formats that the message lists.',
  },
  'bytes/limit-exceeded': {
    kind: 'unreadable',
    when: 'A file or download exceeds a limit.',
    remedy: 'Reduce the size; docs/reference/limits.md lists the limits.',
  },
  'bytes/digest-mismatch': {
    kind: 'unreadable',
    when: 'The bytes of a blob do not match its digest, or a file changed during the scan.',
    remedy: 'Pull or save the image again, and scan it again.',
  },
  'image/target-invalid': {
    kind: 'invalid',
    when: 'The name or path of an image is invalid.',
    remedy: 'Use one of the forms that clair scan --help lists.',
  },
  'image/unknown': {
    kind: 'not-found',
    when: 'The server has no image with this name or digest.',
    remedy: 'Submit the image with clair submit, or use an image that GET /v2/images lists.',
  },
  'image/not-found': {
    kind: 'not-found',
    when: 'The image does not exist at its path or in its registry.',
    remedy: 'Check the path or the name of the image.',
  },
  'image/unreadable': {
    kind: 'unreadable',
    when: 'The index, manifest or configuration of an image is corrupt or exceeds a limit.',
    remedy: 'Save or push the image again; docs/reference/limits.md lists the limits.',
  },
  'image/unsupported': {
    kind: 'unreadable',
    when: 'The image has an unsupported format.',
    remedy: 'Save or push the image in a format that docs/reference/coverage.md lists.',
  },
  'image/choice-needed': {
    kind: 'invalid',
    when: 'The name matches several images, or no image for the platform or with the tag.',
    remedy:
      'Name one of the tags or platforms that the message lists, or a digest; save each image of a docker-archive separately.',
  },
  'daemon/address-invalid': {
    kind: 'invalid',
    when: 'DOCKER_HOST or CONTAINER_HOST has an unsupported form.',
    remedy:
      'Set the variable to unix:///PATH or tcp://HOST:PORT; with tcp, also set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.',
  },
  'daemon/unreachable': {
    kind: 'unreachable',
    when: 'The Docker or Podman daemon cannot be reached.',
    remedy: 'Start Docker or podman.socket, or set DOCKER_HOST or CONTAINER_HOST; or save the image and scan the file.',
  },
  'daemon/failed': {
    kind: 'unreachable',
    when: 'The Docker or Podman daemon cannot describe or save the image.',
    remedy: 'Check the log of the daemon, or update the daemon.',
  },
  'sbom/invalid': {
    kind: 'unreadable',
    when: 'An SBOM is malformed.',
    remedy: 'Create the SBOM again, or correct it at the location that the message names.',
  },
  'sbom/unsupported': {
    kind: 'unreadable',
    when: 'A document is not an SBOM in a supported format.',
    remedy: 'Convert the document to CycloneDX or SPDX in JSON.',
  },
  'sbom/limit-exceeded': {
    kind: 'unreadable',
    when: 'An SBOM exceeds a limit.',
    remedy:
      'Reduce the SBOM, for example by omitting the entries for files; docs/reference/limits.md lists the limits.',
  },
  'report/no-document': {
    kind: 'not-found',
    when: 'The format cannot express the report.',
    remedy: 'Request the report in another format, such as json.',
  },
  'registry/denied': {
    kind: 'unreachable',
    when: 'The registry denies access to the image or the repository.',
    remedy: 'Check the name, and log in with docker login; for a server, set worker.registries.',
  },
  'registry/refused': {
    kind: 'unreachable',
    when: 'The registry does not accept an upload.',
    remedy: 'Check that the registry accepts OCI artifacts, and check its limits and its log.',
  },
  'registry/credentials-invalid': {
    kind: 'invalid',
    when: 'The registry credentials cannot be read.',
    remedy: 'Correct the Docker configuration file or worker.registries, or log in again.',
  },
  'registry/certificate-invalid': {
    kind: 'invalid',
    when: 'A registry certificate file is unreadable or invalid, or there are too many files.',
    remedy: 'Check the permissions, the number (at most 100) and the format (PEM) of the certificate files.',
  },
  'submission/not-found': {
    kind: 'not-found',
    when: 'The server has no submission with this ID.',
    remedy: 'Submit the image again: submissions are kept for 7 days after they finish.',
  },
  'manifest/queue-full': {
    kind: 'busy',
    when: 'The server is already indexing as many manifests as v4.requests allows.',
    remedy: 'Post the manifest again later, or raise v4.requests.',
  },
  'manifest/layer-unavailable': {
    kind: 'unreachable',
    when: 'A layer of a posted manifest could not be downloaded, or its bytes do not match its digest.',
    remedy:
      'Check that the server can reach the host in the message, and post the manifest again with new credentials.',
  },
  'submission/queue-full': {
    kind: 'busy',
    when: 'The queue of submissions is full.',
    remedy: 'Submit the image again after earlier submissions have finished.',
  },
  'submission/too-large': {
    kind: 'too-large',
    when: 'The archive exceeds 4 GiB, or the SBOM exceeds 64 MiB.',
    remedy:
      'Push the image to a registry and submit its reference, compress the SBOM with gzip, or scan the file with clair scan.',
  },
  'submission/upload-broken': {
    kind: 'unreadable',
    when: 'The upload of an archive or SBOM was interrupted.',
    remedy: 'Upload the file again.',
  },
  'submission/upload-slow': {
    kind: 'unreadable',
    when: 'The upload of an archive or SBOM was too slow.',
    remedy: 'Use a faster connection, or push the image to a registry and submit its reference.',
  },
  'submission/upload-lost': {
    kind: 'unreadable',
    when: 'The instance with the uploaded archive stopped.',
    remedy: 'Upload the archive again.',
  },
  'submission/given-up': {
    kind: 'unreadable',
    when: 'The analysis of the image was interrupted three times.',
    remedy: 'Scan the image with clair scan, and find the cause in the log of the server.',
  },
  'submission/timeout': {
    kind: 'unreachable',
    when: 'The analysis of a submitted image took too long.',
    remedy: 'Check the speed of the registry, and submit the image again.',
  },
  'suppression/invalid': {
    kind: 'invalid',
    when: 'An ignore file or VEX document is invalid.',
    remedy:
      'Check the path, and correct the entry that the message names; docs/how-to/suppress-findings.md describes the files.',
  },
} as const;
