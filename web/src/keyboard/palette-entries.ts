import { isDigest } from '../../../src/model/digest.ts';
import type { ApiClient } from '../api-client.ts';
import type { ImageList, ImageSummary, VulnerabilityList } from '../api-shapes.ts';
import { EVERY_IMAGE } from '../image-list/image-list-query.ts';
import { knownImage } from '../known-image.ts';
import { imageAddress, imagesAddress, notificationsAddress, SUBMIT_ADDRESS, vulnerabilityAddress } from '../place.ts';
import { shortDigest } from '../words.ts';

/** A destination of the command palette. */
export type PaletteEntry = {
  readonly kind: 'page' | 'action' | 'image' | 'vulnerability';
  readonly words: string;
  readonly detail: string;
  readonly address: string;
};

/** The destinations that need no search, the most frequently used first. */
const FIXED: readonly PaletteEntry[] = [
  page('Overview', '#/'),
  page('Images', imagesAddress(EVERY_IMAGE)),
  page('Vulnerabilities', '#/vulnerabilities'),
  page('Changes', '#/changes'),
  page('Notifications', '#/notifications'),
  page('Ignore rules', '#/ignore-rules'),
  page('Feeds and queue', '#/feeds'),
  action('Submit an image', SUBMIT_ADDRESS),
  action('Show images with a known exploited vulnerability', listed({ exploited: true })),
  action('Show images with fixable findings of High or above', listed({ fixableHigh: true })),
  action('Show images with an incomplete report', listed({ incomplete: true })),
  action('Show failed notifications', notificationsAddress('dead')),
];

/** The maximum number of images, and of vulnerabilities, that a search shows. */
const MAX_FOUND = '6';

/** Returns the pages and actions that contain all words of a text, regardless of case. */
export function fixedEntries(text: string): readonly PaletteEntry[] {
  const wanted = text.toLowerCase().split(/\s+/);
  return FIXED.filter(({ words, kind }) => wanted.every((word) => `${words} ${kind}`.toLowerCase().includes(word)));
}

/** Searches images by a part of their reference or by their digest, and vulnerabilities by the start of their ID. */
export async function foundEntries(
  api: Pick<ApiClient, 'get'>,
  text: string,
  signal: AbortSignal,
): Promise<readonly PaletteEntry[]> {
  const search = text.trim();
  if (search === '') return [];
  if (isDigest(search)) {
    const image = await knownImage(api, search, signal);
    return image === undefined ? [] : [imageEntry(image)];
  }
  // The ID is changed to upper case, because the search for IDs is case-sensitive.
  const identifier = /^(?:cve|dsa|dla|usn)-[\d-]*$/i.test(search) ? search.toUpperCase() : search;
  const [{ images }, { vulnerabilities }] = await Promise.all([
    api.get<ImageList>(`images?${searched(search)}`, signal),
    api.get<VulnerabilityList>(`vulnerabilities?${searched(identifier)}`, signal),
  ]);
  return [
    ...images.map(imageEntry),
    ...vulnerabilities.map(({ id, severity, description }) => ({
      kind: 'vulnerability' as const,
      words: id,
      detail: description === '' ? severity : `${severity}: ${description.slice(0, MAX_DETAIL)}`,
      address: vulnerabilityAddress(id),
    })),
  ];
}

function imageEntry({ reference, digest, platform }: ImageSummary): PaletteEntry {
  return {
    kind: 'image',
    words: reference,
    detail: `${platform}, ${shortDigest(digest)}`,
    address: imageAddress(digest),
  };
}

/** The maximum length of a search that the API accepts for vulnerabilities, in characters; longer for images. */
const MAX_LENGTH = 128;

/** The maximum length of a detail, in characters. */
const MAX_DETAIL = 100;

function searched(search: string): string {
  return new URLSearchParams({ limit: MAX_FOUND, search: search.slice(0, MAX_LENGTH) }).toString();
}

function page(words: string, address: string): PaletteEntry {
  return { kind: 'page', words, detail: '', address };
}

function action(words: string, address: string): PaletteEntry {
  return { kind: 'action', words, detail: '', address };
}

function listed(filters: Partial<typeof EVERY_IMAGE>): string {
  return imagesAddress({ ...EVERY_IMAGE, sort: 'severity', ...filters });
}
