import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { subjectRelation } from '../../worker/sboms/sbom-subject.ts';
import type { AttachmentPlace } from '../../worker/sources/registry/attachment-place.ts';
import type { AttachedContent } from './attached-content.ts';
import type { AttachedManifest } from './attached-manifests.ts';

/**
 * Returns whether a document is about the index. A document that names no image is about the manifest to which the
 * document is attached. A statement in an index is about a platform if the statement names the manifest of the
 * platform.
 *
 * @param digest names the document in messages
 * @throws ClairError `image/unreadable` for a document about another image, and for a document whose image is unknown
 */
export function isAboutIndex(
  { subjects, hasUnknownSubjects }: Pick<AttachedContent, 'subjects' | 'hasUnknownSubjects'>,
  manifest: Pick<AttachedManifest, 'isOfIndex'>,
  { image, config, index }: Pick<AttachmentPlace, 'image' | 'config' | 'index'>,
  digest: Digest,
): boolean {
  const ofImage = hasUnknownSubjects ? 'unknown' : subjectRelation(subjects, image, [config]);
  if (ofImage === 'same') return false;
  if (ofImage === 'unnamed') return manifest.isOfIndex;
  const ofIndex = index === undefined || hasUnknownSubjects ? ofImage : subjectRelation(subjects, index.digest);
  if (ofIndex === 'same') return true;
  if (ofImage === 'other') throw new ClairError('image/unreadable', `${digest} is about another image: ${subjects[0]}`);
  const named = subjects[0] ?? 'its image by an unsupported digest';
  throw new ClairError(
    'image/unreadable',
    `${digest} was not used: it names ${named}, which cannot be compared with ${image}; attach a document that names ${image}`,
  );
}
