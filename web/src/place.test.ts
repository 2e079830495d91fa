import { describe, expect, it } from 'vitest';
import { RECENT_CHANGES } from './changes/changes-query.ts';
import { EVERY_IMAGE } from './image-list/image-list-query.ts';
import { EVERY_FINDING_QUERY } from './findings/finding-query.ts';
import { FIRST_IMAGE_QUERY } from './images/image-query.ts';
import {
  changesAddress,
  imageAddress,
  imagesAddress,
  layerAddress,
  notificationsAddress,
  placeOf,
  vulnerabilitiesAddress,
  vulnerabilityAddress,
} from './place.ts';

describe('a URL fragment', () => {
  it.each([
    ['', { page: 'overview' }],
    ['#/', { page: 'overview' }],
    ['#/images', { page: 'images', query: EVERY_IMAGE }],
    ['#/images?submit=open', { page: 'images', query: EVERY_IMAGE, submits: true }],
    [
      '#/images?search=team%2Fa&sort=severity',
      { page: 'images', query: { ...EVERY_IMAGE, search: 'team/a', sort: 'severity' } },
    ],
    ['#/feeds', { page: 'feeds' }],
    ['#/images/sha256%3Aab', { page: 'image', digest: 'sha256:ab', query: FIRST_IMAGE_QUERY }],
    [
      '#/images/sha256%3Aab?layer=3',
      { page: 'image', digest: 'sha256:ab', query: { ...FIRST_IMAGE_QUERY, tab: 'layers', layer: 3 } },
    ],
    [
      '#/images/sha256%3Aab?tab=layers&layer=3&package=libssl3',
      {
        page: 'image',
        digest: 'sha256:ab',
        query: { ...FIRST_IMAGE_QUERY, tab: 'layers', layer: 3, package: 'libssl3' },
      },
    ],
    ['#/images/sha256%3Aab?layer=-1', { page: 'image', digest: 'sha256:ab', query: FIRST_IMAGE_QUERY }],
    [
      '#/images/sha256%3Aab?tab=upgrades',
      { page: 'image', digest: 'sha256:ab', query: { ...FIRST_IMAGE_QUERY, tab: 'upgrades' } },
    ],
    [
      '#/images/sha256%3Aab?tab=packages&search=ssl&type=os',
      {
        page: 'image',
        digest: 'sha256:ab',
        query: { ...FIRST_IMAGE_QUERY, tab: 'packages', packages: { text: 'ssl', kind: 'os' } },
      },
    ],
    ['#/images/sha256%3Aab?tab=none', { page: 'image', digest: 'sha256:ab', query: FIRST_IMAGE_QUERY }],
    ['#/changes', { page: 'changes', query: RECENT_CHANGES }],
    ['#/vulnerabilities', { page: 'vulnerabilities', search: '', number: 1 }],
    ['#/vulnerabilities?sort=images', { page: 'vulnerabilities', search: '', sort: 'images', number: 1 }],
    ['#/vulnerabilities?sort=age', { page: 'vulnerabilities', search: '', number: 1 }],
    ['#/changes?inImages=true', { page: 'changes', query: { ...RECENT_CHANGES, inImages: true } }],
    [
      '#/changes?since=2026-01-05&firstImports=true&page=3',
      { page: 'changes', query: { ...RECENT_CHANGES, since: '2026-01-05', showsImports: true, number: 3 } },
    ],
    ['#/changes?since=9d&firstImports=1&page=0', { page: 'changes', query: RECENT_CHANGES }],
    ['#/vulnerabilities?search=CVE-2024', { page: 'vulnerabilities', search: 'CVE-2024', number: 1 }],
    ['#/vulnerabilities/CVE-2024-1', { page: 'vulnerability', id: 'CVE-2024-1', number: 1 }],
    ['#/vulnerabilities/CVE-2024-1?page=3', { page: 'vulnerability', id: 'CVE-2024-1', number: 3 }],
    ['#/notifications', { page: 'notifications', state: 'waiting', number: 1 }],
    ['#/notifications?state=dead', { page: 'notifications', state: 'dead', number: 1 }],
    ['#/notifications?state=none', { page: 'notifications', state: 'waiting', number: 1 }],
    ['#/vulnerabilities?search=CVE&sort=id&page=3', { page: 'vulnerabilities', search: 'CVE', sort: 'id', number: 3 }],
    ['#/notifications?state=dead&page=120', { page: 'notifications', state: 'dead', number: 120 }],
    [
      '#/ignore-rules?state=ended&search=CVE&page=2',
      { page: 'ignore-rules', state: 'ended', search: 'CVE', number: 2 },
    ],
    ['#/compare', { page: 'compare', before: '', after: '' }],
    ['#/compare?before=app%3A1&after=sha256%3Aab', { page: 'compare', before: 'app:1', after: 'sha256:ab' }],
    ['#/ignore-rules', { page: 'ignore-rules', state: 'active', search: '', number: 1 }],
    ['#/ignore-rules?state=ended&search=CVE-1', { page: 'ignore-rules', state: 'ended', search: 'CVE-1', number: 1 }],
    ['#/ignore-rules?state=none', { page: 'ignore-rules', state: 'active', search: '', number: 1 }],
    ['#/vulnerabilities/', { page: 'nowhere' }],
    ['#/images/', { page: 'nowhere' }],
    ['#/images/%E0%A4%A', { page: 'nowhere' }],
    ['#/images/a/b', { page: 'nowhere' }],
    ['#/feeds/x', { page: 'nowhere' }],
    ['#/else', { page: 'nowhere' }],
  ])('%s is %j', (hash, place) => {
    expect(placeOf(hash)).toEqual(place);
  });

  it('leads back to its page, whatever the name', () => {
    for (const name of ['sha256:0f', 'a/b', 'ü %', 'a?layer=1&b#c']) {
      expect(placeOf(imageAddress(name))).toEqual({ page: 'image', digest: name, query: FIRST_IMAGE_QUERY });
      const layers = { ...FIRST_IMAGE_QUERY, tab: 'layers', layer: 7 };
      expect(placeOf(layerAddress(name, 7))).toEqual({ page: 'image', digest: name, query: layers });
      const ofPackage = { ...layers, package: name };
      expect(placeOf(layerAddress(name, 7, name))).toEqual({ page: 'image', digest: name, query: ofPackage });
      const findings = { ...EVERY_FINDING_QUERY, open: name };
      const opened = { ...FIRST_IMAGE_QUERY, findings };
      expect(placeOf(imageAddress(name, { findings }))).toEqual({ page: 'image', digest: name, query: opened });
      const packages = { text: name, kind: 'library' as const };
      const listed = { ...FIRST_IMAGE_QUERY, tab: 'packages' as const, packages };
      expect(placeOf(imageAddress(name, listed))).toEqual({ page: 'image', digest: name, query: listed });
      expect(placeOf(vulnerabilityAddress(name))).toEqual({ page: 'vulnerability', id: name, number: 1 });
      expect(placeOf(vulnerabilityAddress(name, 2))).toEqual({ page: 'vulnerability', id: name, number: 2 });
      const query = { ...EVERY_IMAGE, search: name, fixable: true };
      expect(placeOf(imagesAddress(query))).toEqual({ page: 'images', query });
      const changes = { since: 'all' as const, showsImports: true, inImages: true, number: 2 };
      expect(placeOf(changesAddress(changes))).toEqual({ page: 'changes', query: changes });
      expect(placeOf(vulnerabilitiesAddress(name))).toEqual({ page: 'vulnerabilities', search: name, number: 1 });
    }
    expect(imagesAddress(EVERY_IMAGE)).toBe('#/images');
    expect(placeOf(notificationsAddress('delivered'))).toEqual({
      page: 'notifications',
      state: 'delivered',
      number: 1,
    });
  });
});
