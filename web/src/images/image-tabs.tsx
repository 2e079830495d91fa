import type { VNode } from 'preact';
import { numberInWords } from '../words.ts';
import { imageAddress } from '../place.ts';
import { IMAGE_TABS, type ImageTab } from './image-query.ts';

const TAB_WORDS: Readonly<Record<ImageTab, string>> = {
  findings: 'Findings',
  upgrades: 'Upgrades',
  layers: 'Layers',
  packages: 'Packages',
  changes: 'Changes',
  raw: 'Raw',
};

/** Shows links to the tabs of an image, some of which have a count. */
export function ImageTabs({
  digest,
  current,
  counts,
}: {
  readonly digest: string;
  readonly current: ImageTab;
  readonly counts: Partial<Readonly<Record<ImageTab, number>>>;
}): VNode {
  return (
    <nav class="tabs" aria-label="Image views">
      {IMAGE_TABS.map((tab) => (
        <a key={tab} href={imageAddress(digest, { tab })} aria-current={tab === current ? 'page' : undefined}>
          {TAB_WORDS[tab]}
          {counts[tab] !== undefined && <small> {numberInWords(counts[tab])}</small>}
        </a>
      ))}
    </nav>
  );
}
