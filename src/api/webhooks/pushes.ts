import type { IncomingHttpHeaders } from 'node:http';
import { isDigest } from '../../model/digest.ts';
import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../../model/json-values.ts';
import type { WebhookKind } from './settings.ts';

/**
 * An image that a registry reports as pushed. The server does not trust this data, and reads the image itself from the
 * registry.
 */
export type Push = {
  /** The name that the registry sends, in the form `HOST[:PORT]/REPOSITORY`. */
  readonly name: string;
  readonly tag: string;
  /** Absent if the registry does not send the digest. */
  readonly digest?: string;
};

/** Returns the pushes of tagged images in the body of a webhook; returns an empty list for other events. */
export function pushesOf(kind: WebhookKind, body: unknown, headers: IncomingHttpHeaders): readonly Push[] {
  const pushes = READERS[kind](objectOf(body), headers);
  return pushes.filter(({ name, tag }) => name !== '' && tag !== '' && !isAttachment(tag));
}

type Reader = (body: JsonObject, headers: IncomingHttpHeaders) => readonly Push[];

/**
 * Reads the notifications of Distribution (distribution.github.io, "Work with notifications") and of the GitLab
 * registry, which is based on Distribution.
 */
const distributionPushes: Reader = ({ events }) =>
  objectsOf(events).flatMap(({ action, target, request }) => {
    const { mediaType, url, repository, tag, digest } = objectOf(target);
    // Pushes of blobs are skipped: the media type of such a push is the media type of the blob. A manifest without a
    // tag is part of an index, or is an artifact that is attached to an image.
    if (action !== 'push' || !MANIFEST_TYPES.has(textOf(mediaType))) return [];
    const host = textOf(objectOf(request)['host']) || hostOf(textOf(url));
    return [pushOf(`${host}/${textOf(repository)}`, textOf(tag), textOf(digest))];
  });

/** Reads Harbor webhooks, in Harbor's own format or as CloudEvents (goharbor.io, "Configure Webhook Notifications"). */
const harborPushes: Reader = ({ specversion, type, data, event_data: eventData }) => {
  const isCloudEvent = textOf(specversion) !== '';
  if (type !== (isCloudEvent ? 'harbor.artifact.pushed' : 'PUSH_ARTIFACT')) return [];
  const { repository, resources } = objectOf(isCloudEvent ? data : eventData);
  const name = textOf(objectOf(repository)['repo_full_name']);
  return objectsOf(resources).map(({ resource_url: url, tag, digest }) => {
    const [host = ''] = textOf(url)
      .replace(/^\w+:\/\//, '')
      .split('/', 1);
    return pushOf(`${host}/${name}`, textOf(tag), textOf(digest));
  });
};

/** Reads the Quay notification `repo_push`, which contains no digest (docs.quay.io, "Repository Notifications"). */
const quayPushes: Reader = ({ docker_url: name, updated_tags: tags }) =>
  textsOf(tags).map((tag) => pushOf(textOf(name), tag, ''));

/**
 * Reads the GitHub webhook events `package` and `registry_package` (docs.github.com, "Webhook events and payloads").
 */
const githubPushes: Reader = (body, headers) => {
  const event = String(headers['x-github-event'] ?? '');
  if (event !== 'package' && event !== 'registry_package') return [];
  if (!['published', 'updated'].includes(textOf(body['action']))) return [];
  const { package_type: type, package_version: version } = objectOf(body[event]);
  if (textOf(type).toLowerCase() !== 'container') return [];
  const { container_metadata: metadata, package_url: url } = objectOf(version);
  const tag = objectOf(objectOf(metadata)['tag']);
  // The URL has the form `ghcr.io/OWNER/NAME:TAG`; image names are in lower case.
  const [name = ''] = textOf(url)
    .toLowerCase()
    .split(/[@:](?!\d+\/)/, 1);
  return [pushOf(name, textOf(tag['name']), textOf(tag['digest']))];
};

/** Reads Docker Hub webhooks, which contain no digest (docs.docker.com, "Docker Hub webhooks"). */
const dockerHubPushes: Reader = ({ push_data: push, repository }) => {
  const name = textOf(objectOf(repository)['repo_name']);
  return name === '' ? [] : [pushOf(`docker.io/${name}`, textOf(objectOf(push)['tag']), '')];
};

/**
 * Reads the predefined Artifactory webhooks (docs.jfrog.com, "Webhooks", domain `docker`). The image name has the form
 * of Artifactory's repository path method, `HOST/REPOSITORY/IMAGE`.
 */
const artifactoryPushes: Reader = ({ domain, event_type: event, jpd_origin: origin, data }) => {
  if (domain !== 'docker' || event !== 'pushed') return [];
  const { repo_key: repository, image_name: image, tag, sha256 } = objectOf(data);
  const parts = [hostOf(textOf(origin)), textOf(repository), textOf(image)];
  // Artifactory pushes the manifests of an index under their digests instead of tags.
  if (parts.includes('') || /^sha(?:256|512)(?::|__)/.test(textOf(tag))) return [];
  return [pushOf(parts.join('/'), textOf(tag), `sha256:${textOf(sha256)}`)];
};

const READERS: Readonly<Record<WebhookKind, Reader>> = {
  distribution: distributionPushes,
  harbor: harborPushes,
  quay: quayPushes,
  github: githubPushes,
  gitlab: distributionPushes,
  dockerhub: dockerHubPushes,
  artifactory: artifactoryPushes,
};

function pushOf(name: string, tag: string, digest: string): Push {
  return { name, tag, ...(isDigest(digest) && { digest }) };
}

/**
 * Returns whether a tag belongs to a cosign signature, attestation or SBOM, or is a fallback tag of OCI referrers. A
 * fallback tag contains at most 64 digits of a digest (distribution-spec, "Referrers Tag Schema").
 */
function isAttachment(tag: string): boolean {
  return /^sha(?:256|512)-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/.test(tag);
}

const MANIFEST_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
