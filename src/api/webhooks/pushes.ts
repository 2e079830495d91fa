import type { IncomingHttpHeaders } from 'node:http';
import { isDigest } from '../../model/digest.ts';
import { isRecord, listIn, recordIn, textIn } from './members.ts';
import type { WebhookKind } from './settings.ts';

/** An image that a registry says was pushed. The body of a webhook is a hint: nothing in it is trusted. */
export type Push = {
  /** `HOST[:PORT]/REPOSITORY` as the registry names it. */
  readonly name: string;
  readonly tag: string;
  /** Absent if the registry does not name it. */
  readonly digest?: string;
};

/** Returns the pushes of tagged images in the body of a webhook; other events give none. */
export function pushesOf(kind: WebhookKind, body: unknown, headers: IncomingHttpHeaders): readonly Push[] {
  if (!isRecord(body)) return [];
  return READERS[kind](body, headers).filter(({ name, tag }) => name !== '' && tag !== '' && !isAttachment(tag));
}

type Reader = (body: Readonly<Record<string, unknown>>, headers: IncomingHttpHeaders) => readonly Push[];

/** The notifications of Distribution (distribution.github.io, "Work with notifications"), which GitLab's registry sends too. */
const distributionPushes: Reader = (body) =>
  listIn(body, 'events').flatMap((event) => {
    const target = recordIn(event, 'target');
    // A push of a blob has the media type of the blob; a manifest without a tag is part of an index, or is attached.
    if (textIn(event, 'action') !== 'push' || !isManifest(textIn(target, 'mediaType'))) return [];
    const host = textIn(recordIn(event, 'request'), 'host') || hostOf(textIn(target, 'url'));
    return [pushOf(`${host}/${textIn(target, 'repository')}`, textIn(target, 'tag'), textIn(target, 'digest'))];
  });

/** The webhooks of Harbor, in its own format or as CloudEvents (goharbor.io, "Configure Webhook Notifications"). */
const harborPushes: Reader = (body) => {
  const isCloudEvent = textIn(body, 'specversion') !== '';
  const type = textIn(body, 'type');
  if (type !== (isCloudEvent ? 'harbor.artifact.pushed' : 'PUSH_ARTIFACT')) return [];
  const data = recordIn(body, isCloudEvent ? 'data' : 'event_data');
  const repository = textIn(recordIn(data, 'repository'), 'repo_full_name');
  return listIn(data, 'resources').map((resource) => {
    const [host = ''] = textIn(resource, 'resource_url')
      .replace(/^\w+:\/\//, '')
      .split('/', 1);
    return pushOf(`${host}/${repository}`, textIn(resource, 'tag'), textIn(resource, 'digest'));
  });
};

/** The notification `repo_push` of Quay, which names no digest (docs.quay.io, "Repository Notifications"). */
const quayPushes: Reader = (body) =>
  listIn(body, 'updated_tags').flatMap((tag) =>
    typeof tag === 'string' ? [pushOf(textIn(body, 'docker_url'), tag, '')] : [],
  );

/** The webhook events `package` and `registry_package` of GitHub (docs.github.com, "Webhook events and payloads"). */
const githubPushes: Reader = (body, headers) => {
  const event = String(headers['x-github-event'] ?? '');
  if (event !== 'package' && event !== 'registry_package') return [];
  if (!['published', 'updated'].includes(textIn(body, 'action'))) return [];
  const published = recordIn(body, event);
  if (textIn(published, 'package_type').toLowerCase() !== 'container') return [];
  const version = recordIn(published, 'package_version');
  const tag = recordIn(recordIn(version, 'container_metadata'), 'tag');
  // `ghcr.io/OWNER/NAME:TAG`; names of images are in lower case.
  const [name = ''] = textIn(version, 'package_url')
    .toLowerCase()
    .split(/[@:](?!\d+\/)/, 1);
  return [pushOf(name, textIn(tag, 'name'), textIn(tag, 'digest'))];
};

const READERS: Readonly<Record<WebhookKind, Reader>> = {
  distribution: distributionPushes,
  harbor: harborPushes,
  quay: quayPushes,
  github: githubPushes,
  gitlab: distributionPushes,
};

function pushOf(name: string, tag: string, digest: string): Push {
  return { name, tag, ...(isDigest(digest) && { digest }) };
}

/** Signatures and attestations of cosign, and the fallback tags of OCI referrers. */
function isAttachment(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/.test(tag);
}

function isManifest(mediaType: string): boolean {
  return MANIFEST_TYPES.has(mediaType);
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
