import { expect, it } from 'vitest';
import { DEBIAN, findingOf, reportOf } from '../testing/report-builder.ts';
import { listsFixedOnly } from '../../model/report/fixed-only-feeds.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { FORMATS } from '../index.ts';

it.each(FORMATS)('the format $id states that a feed lists fixed vulnerabilities only', (format) => {
  const rendered = (fixedOnly: boolean): string =>
    format.render(reportOf({ findings: [findingOf()], feeds: [{ ...DEBIAN, listsFixedOnly: fixedOnly }] }));
  const words = format.id === 'json' ? '"listsFixedOnly": true' : 'lists fixed vulnerabilities only';
  expect(rendered(true)).toContain(words);
  expect(rendered(false)).not.toContain(words);
});

it('lists the names of feeds with fixed vulnerabilities only', () => {
  const names = FETCHERS.map(({ id }) => id).filter(listsFixedOnly);
  expect(names).toEqual(['almalinux', 'alpine', 'amazon', 'chainguard', 'oracle', 'photon', 'rocky', 'wolfi']);
});
