/** Tests the text and the accessibility of every part of the web UI in every state, and takes screenshots. */
import { describe, expect, it } from 'vitest';
import { layerOf } from '../../src/report/testing/report-builder.ts';
import { ERRORS } from '../../src/errors.ts';
import {
  CHANGES_ANSWER,
  imagesAnswer,
  notificationsAnswer,
  overviewAnswer,
  feedsAnswer,
  ignoreRulesAnswer,
  VULNERABILITIES_ANSWER,
  vulnerabilityAnswer,
} from './page-answers.ts';
import { describeInBrowser } from './page-browser.ts';
import {
  COMPARISON_ANSWER,
  DIGEST,
  imageChangesAnswer,
  numberedFinding,
  reportAnswer,
  UPGRADES_ANSWER,
} from './page-image-answers.ts';
import type { PageAnswer, PageAnswers } from './page-server.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

const LAYERS = `${IMAGE}?tab=layers`;
const CHANGES = `${IMAGE}?tab=changes`;
const UPGRADES = `${IMAGE}?tab=upgrades`;

const COMPARED = '#/compare?before=app%3A1&after=app%3A2';

const CVE = 'CVE-2024-1086';
const VULNERABILITY = `#/vulnerabilities/${CVE}`;

/** The axe rules for colours, which take most of axe's time. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** The axe rules whose result depends on the width: styles hide elements, and change sizes and scrolling. */
const OF_WIDTHS = [
  'aria-hidden-focus',
  'button-name',
  'empty-heading',
  'label',
  'link-name',
  'scrollable-region-focusable',
  'select-name',
  'target-size',
];

const LOOKS = [
  ['light', 1200, {}],
  ['dark', 1200, { only: OF_COLOURS }],
  ['light', 320, { only: OF_WIDTHS }],
] as const;

/**
 * The states that show parts that no other state shows. Axe checks these states in every combination of colours and
 * width, and the other states only in the first combination.
 */
const OWN_PARTS: ReadonlySet<string> = new Set([
  'overview',
  'images',
  'images-counting',
  'images-failed',
  'images-locked',
  'image',
  'image-layers',
  'image-layer-open',
  'image-no-match',
  'image-raw',
  'image-of-package',
  'comparison-second',
  'image-packages',
  'image-upgrades',
  'image-stale',
  'image-changes-in-part',
  'feeds',
  'feeds-stale',
  'vulnerabilities',
  'vulnerability',
  'changes',
  'notifications',
  'notifications-dead',
  'ignore-rules',
  'comparison',
]);

const FAULT: PageAnswer = {
  status: 503,
  body: { error: { code: 'database/unavailable', message: 'the database does not answer', remedy: 'Wait.' } },
};

const UNKNOWN_VULNERABILITY: PageAnswers = {
  [`GET vulnerabilities/${CVE}`]: {
    status: 404,
    body: {
      error: {
        code: 'vulnerability/not-found',
        message: `vulnerability ${CVE} not found`,
        remedy: ERRORS['vulnerability/not-found'].remedy,
      },
    },
  },
};

const NOT_COUNTED = {
  countState: 'waiting',
  isCurrent: false,
  packages: null,
  severities: null,
  suppressed: null,
  fixable: null,
  kev: null,
  isIncomplete: true,
  diagnostics: null,
};

const STALE = {
  code: 'feed-stale',
  message: 'the data of debian is 9 days old',
  where: 'debian',
  incomplete: true,
} as const;

const NO_DATA = reportAnswer({
  findings: [],
  suppressed: [],
  diagnostics: [{ code: 'namespace-without-data', message: 'no feed speaks of plan9:4', where: '', incomplete: true }],
});

function list(name: string, entries: readonly unknown[]): PageAnswer {
  return { body: { [name]: entries, nextPage: null } };
}

function imageWith(part: string, answer: PageAnswer): PageAnswers {
  return { ...reportAnswer(), [`GET images/${DIGEST}/${part}`]: answer };
}

function affecting(answer: PageAnswer): PageAnswers {
  return {
    [`GET vulnerabilities/${CVE}`]: vulnerabilityAnswer(CVE)[`GET vulnerabilities/${CVE}`]!,
    [IMAGES_OF]: answer,
  };
}

const IMAGES_OF = `GET vulnerabilities/${CVE}/images`;

const THOUSANDS = reportAnswer({
  findings: Array.from({ length: 5000 }, (_, number) => numberedFinding(number)),
});

/** Layers without a known base image; the number of findings has as many digits as in large images. */
const UNKNOWN_ORIGIN: PageAnswers = {
  ...reportAnswer({
    findings: Array.from({ length: 2000 }, (_, number) => numberedFinding(number)),
    layers: ['ADD rootfs.tar /', 'RUN install'].map((createdBy, index) =>
      layerOf(index, { createdBy, size: 1_000_000 }),
    ),
  }),
  [`GET images/${DIGEST}/graph`]: FAULT,
};

const SECOND: PageAnswers = {
  ...imagesAnswer(5),
  [`GET images/${DIGEST}`]: {
    body: {
      digest: DIGEST,
      reference: 'registry.example.org/team/service-0:1.0',
      platform: 'linux/amd64',
      history: [],
    },
  },
};

const NO_FEEDS: PageAnswers = { 'GET feeds': { body: { feeds: [] } } };

const NEVER_UPDATED: PageAnswers = {
  'GET feeds': {
    body: {
      feeds: ['alpine', 'debian'].map((name) => ({
        name,
        state: 'never updated',
        ageSeconds: null,
        error: null,
        refused: null,
        isStale: false,
        vulnerabilities: 0,
        skippedRecords: 0,
        holds: 'vulnerabilities',
      })),
    },
  },
};

const NO_UPGRADE = { body: { upgrades: [], fixes: 0, findings: 24 } };
const NOTHING_CHANGED = { ...reportAnswer(), ...imageChangesAnswer({ changes: [] }) };
const FIRST_READ = { ...reportAnswer(), ...imageChangesAnswer({ baseline: '2025-12-30T00:00:00.000Z', changes: [] }) };
const LOG_TOO_SHORT = {
  ...reportAnswer(),
  ...imageChangesAnswer({ isWhole: false, knownFrom: '2025-12-30T00:00:00Z' }),
};
const LOG_GONE = { ...reportAnswer(), ...imageChangesAnswer({ isWhole: false, knownFrom: null, changes: [] }) };

describeInBrowser('the page', ({ follow, page, pictures, violations }) => {
  describe.each<[name: string, answers: PageAnswers, hash: string, words: string]>([
    ['overview', overviewAnswer(), '#/', 'Most urgent images'],
    ['overview-empty', overviewAnswer(true), '#/', 'No advisories have been imported yet,'],
    ['images', imagesAnswer(5), '#/images', 'service-0:1.0'],
    ['images-many', imagesAnswer(100), '#/images', '100 images. Use the search field above'],
    ['images-counting', imagesAnswer(5, NOT_COUNTED), '#/images', 'Counting…'],
    ['images-out-of-date', imagesAnswer(5, { isCurrent: false }), '#/images', 'Out of date'],
    ['images-too-large', imagesAnswer(5, { ...NOT_COUNTED, countState: 'failed' }), '#/images', 'Too large to count'],
    ['images-feeds-failed', { ...imagesAnswer(5), 'GET feeds': FAULT }, '#/images', 'Could not check whether feeds'],
    ['images-empty', imagesAnswer(0), '#/images', 'No images yet'],
    ['images-without-feeds', { ...imagesAnswer(0), ...NO_FEEDS }, '#/images', 'No advisories have been imported yet,'],
    ['images-filtered', imagesAnswer(0), '#/images?severity=High&fixable=true', 'No image matches these filters.'],
    ['images-not-found', imagesAnswer(0), '#/images?search=none', 'No image matches “none”.'],
    ['images-loading', { 'GET images': 'never' }, '#/images', 'Loading the images'],
    ['images-failed', { 'GET images': FAULT }, '#/images', 'The database does not answer. Wait.'],
    ['images-locked', { 'GET images': { ...FAULT, status: 401 } }, '#/images', 'This server requires a token'],
    ['image', reportAnswer(), IMAGE, '100. Known exploited vulnerabilities come first.'],
    ['image-layers', reportAnswer(), LAYERS, 'In the image'],
    ['image-packages', reportAnswer(), `${IMAGE}?tab=packages`, '88 of 88 packages. Use the search field'],
    ['image-layer-open', reportAnswer(), `${IMAGE}?layer=1`, 'Introduces 7 findings (1 suppressed)'],
    ['image-layers-unknown', UNKNOWN_ORIGIN, LAYERS, 'Layers of unknown origin'],
    ['image-no-match', reportAnswer(), `${IMAGE}?search=nothing`, 'No finding matches these filters.'],
    ['image-packages-no-match', reportAnswer(), `${IMAGE}?tab=packages&search=nothing`, 'No package matches'],
    ['image-raw', reportAnswer(), `${IMAGE}?tab=raw`, 'With curl:'],
    ['image-of-package', reportAnswer(), `${IMAGE}?package=libssl3`, 'Only the package libssl3'],
    ['image-upgrades', imageWith('upgrades', UPGRADES_ANSWER), UPGRADES, '2 upgrades fix 3 of 24 findings.'],
    ['image-upgrades-none', imageWith('upgrades', NO_UPGRADE), UPGRADES, 'No upgrade fixes a finding'],
    ['image-many', THOUSANDS, IMAGE, '5,000 findings in 5,000 rows'],
    ['image-stale', reportAnswer({ diagnostics: [STALE] }), IMAGE, 'the data of debian is 9 days old'],
    ['image-without-data', NO_DATA, IMAGE, 'No vulnerabilities found, but the report is incomplete.'],
    ['image-loading', { [`GET images/${DIGEST}/report`]: 'never' }, IMAGE, 'Loading the image'],
    ['image-unknown', {}, IMAGE, 'Could not load the image.'],
    ['image-no-digest', {}, '#/images/latest', '“latest” is not an image digest.'],
    ['image-without-graph', imageWith('graph', FAULT), LAYERS, 'Only the final contents of the image are shown'],
    ['image-graph-loading', imageWith('graph', 'never'), LAYERS, 'Loading the layers'],
    ['image-changes-none', NOTHING_CHANGED, CHANGES, 'No changes since then.'],
    ['image-changes-baseline', FIRST_READ, CHANGES, 'The changes start at 2025-12-30'],
    ['image-changes-loading', imageWith('changes', 'never'), CHANGES, 'Loading the changes'],
    ['image-changes-failed', imageWith('changes', FAULT), CHANGES, 'Could not load the changes.'],
    ['image-changes-in-part', LOG_TOO_SHORT, CHANGES, 'Some changes are missing.'],
    ['image-changes-unknown', LOG_GONE, CHANGES, 'No known changes since then.'],
    ['feeds', feedsAnswer(true), '#/feeds', '2 images queued, 1 being read'],
    ['feeds-none', { ...feedsAnswer(true), ...NO_FEEDS }, '#/feeds', 'No advisories have been imported yet,'],
    [
      'feeds-never-updated',
      { ...feedsAnswer(true), ...NEVER_UPDATED },
      '#/feeds',
      'No advisories have been imported yet,',
    ],
    ['feeds-stale', feedsAnswer(false), '#/feeds', '2 feeds have stale data or a failed update'],
    ['feeds-failed', { ...feedsAnswer(true), 'GET feeds': FAULT }, '#/feeds', 'Could not load the feeds.'],
    ['vulnerabilities', VULNERABILITIES_ANSWER, '#/vulnerabilities?search=CVE-2024-1', 'CVE-2024-1084'],
    [
      'vulnerabilities-none',
      { 'GET vulnerabilities': list('vulnerabilities', []) },
      '#/vulnerabilities?sort=id',
      'no advisories have been imported. Run clair update, or wait until the server updates the feeds. Show the feeds',
    ],
    [
      'vulnerabilities-in-no-image',
      { 'GET vulnerabilities': list('vulnerabilities', []) },
      '#/vulnerabilities',
      'No vulnerability was found in an indexed image. Show all vulnerabilities',
    ],
    ['vulnerabilities-failed', { 'GET vulnerabilities': FAULT }, '#/vulnerabilities', 'Could not load'],
    ['vulnerability', vulnerabilityAnswer(CVE), VULNERABILITY, 'builder-of-kernels:'],
    ['vulnerability-affecting-none', affecting(list('images', [])), VULNERABILITY, 'No indexed image is affected'],
    ['vulnerability-images-loading', affecting('never'), VULNERABILITY, 'Loading the affected images'],
    ['vulnerability-images-failed', affecting(FAULT), VULNERABILITY, 'Could not load the affected images.'],
    ['vulnerability-loading', { [`GET vulnerabilities/${CVE}`]: 'never' }, VULNERABILITY, 'Loading the vulnerability'],
    ['vulnerability-unknown', UNKNOWN_VULNERABILITY, VULNERABILITY, 'Check the identifier, and update the feeds'],
    ['changes', CHANGES_ANSWER, '#/changes', 'First import of debian (2,000 advisories) hidden'],
    ['changes-since-date', CHANGES_ANSWER, '#/changes?since=2026-01-01&firstImports=true', 'first import of the feed'],
    ['changes-none', { 'GET changes': list('changes', []) }, '#/changes?since=all', 'No changes yet'],
    ['notifications', notificationsAnswer(), '#/notifications', '2 failed attempts'],
    ['notifications-delivered', notificationsAnswer(), '#/notifications?state=delivered', 'Next reminder unless read'],
    ['notifications-dead', notificationsAnswer(), '#/notifications?state=dead', 'no attempts are left'],
    [
      'notifications-none',
      { 'GET notifications': list('notifications', []) },
      '#/notifications',
      'No notifications are waiting',
    ],
    ['notifications-failed', { 'GET notifications': FAULT }, '#/notifications', 'Could not load the notifications.'],
    ['comparison', { 'GET comparison': COMPARISON_ANSWER }, COMPARED, '12 findings fixed, 2 new'],
    ['comparison-choice', imagesAnswer(5), '#/compare', 'service-4:1.4'],
    ['comparison-second', SECOND, `#/compare?before=${DIGEST}&after=`, 'service-1:1.1'],
    ['comparison-no-image', { ...SECOND, 'GET images': list('images', []) }, '#/compare', 'No image is indexed.'],
    ['comparison-loading', { 'GET comparison': 'never' }, COMPARED, 'Loading the comparison'],
    ['comparison-failed', { 'GET comparison': FAULT }, COMPARED, 'Could not load the comparison.'],
    ['ignore-rules', ignoreRulesAnswer(), '#/ignore-rules', 'The container has no capabilities.'],
    ['ignore-rules-expired', ignoreRulesAnswer(), '#/ignore-rules?state=expired', 'expired'],
    ['ignore-rules-ended', ignoreRulesAnswer(), '#/ignore-rules?state=ended', 'Ended 2026-01-03'],
    ['ignore-rules-none', ignoreRulesAnswer(), '#/ignore-rules?search=none', 'No active rule matches “none”.'],
    ['ignore-rules-failed', { 'GET ignore-rules': FAULT }, '#/ignore-rules', 'Could not load the ignore rules.'],
    ['nowhere', {}, '#/nowhere', 'No page has this address.'],
  ])('%s', (name, answers, hash, words) => {
    it('shows its text, and is accessible in light, in dark, and on a phone', async () => {
      await follow(answers, hash);
      await page().getByText(words).first().waitFor();
      await pictures(name);
      for (const [at, [colorScheme, width, rules]] of LOOKS.entries()) {
        await page().emulateMedia({ colorScheme });
        await page().setViewportSize({ width, height: 800 });
        const found = at === 0 || OWN_PARTS.has(name) ? await violations(rules) : [];
        expect(found, `${colorScheme}, ${width} wide`).toEqual([]);
        // The page is never wider than the window.
        expect(await page().evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
    });
  });
});
