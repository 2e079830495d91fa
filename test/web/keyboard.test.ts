import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import {
  CHANGES_ANSWER,
  feedsAnswer,
  imagesAnswer,
  notificationsAnswer,
  overviewAnswer,
  VULNERABILITIES_ANSWER,
} from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { COMPARISON_ANSWER, DIGEST, reportAnswer, UPGRADES_ANSWER } from './page-image-answers.ts';
import type { PageAnswers } from './page-server.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

const ANSWERS: PageAnswers = {
  ...overviewAnswer(),
  ...imagesAnswer(5),
  ...reportAnswer(),
  [`GET images/${DIGEST}/upgrades`]: UPGRADES_ANSWER,
  ...VULNERABILITIES_ANSWER,
  ...CHANGES_ANSWER,
  ...notificationsAnswer(),
  ...feedsAnswer(true),
};

const PAGES = [
  '#/',
  '#/images',
  IMAGE,
  `${IMAGE}?tab=upgrades`,
  `${IMAGE}?tab=layers`,
  `${IMAGE}?tab=packages`,
  `${IMAGE}?tab=changes`,
  `${IMAGE}?tab=raw`,
  '#/vulnerabilities',
  '#/changes',
  '#/notifications',
  '#/ignore-rules',
  '#/feeds',
] as const;

/** Describes the focused element, and whether its outline is visible. */
const FOCUSED = `(() => {
  const { activeElement: element } = document;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    name: element.tagName + ' ' + (element.getAttribute('aria-label') || element.textContent || element.name).slice(0, 60),
    isMarked: outlineStyle !== 'none' && outlineWidth !== '0px',
    isVisible: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
})()`;

type Focused = { readonly name: string; readonly isMarked: boolean; readonly isVisible: boolean };

describeInBrowser('the web UI by keyboard', ({ open, follow, page, server, main, picture, violations }) => {
  const focused = async (): Promise<string> => (await page().evaluate<Focused>(FOCUSED)).name;

  const isFocused = async (element: Locator): Promise<boolean> =>
    await element.evaluate((each) => each.matches(':focus'));

  it('finds an image, a vulnerability, a page and an action in the palette', async () => {
    await open(ANSWERS, '#/feeds');
    await page().getByText('2 images queued').waitFor();
    await page().keyboard.press('Control+k');
    const dialog = page().getByRole('dialog', { name: 'Search everything' });
    const search = dialog.getByRole('combobox');
    await search.waitFor();
    await picture('palette', false);
    expect(await violations()).toEqual([]);
    await search.fill('service-3');
    await dialog.getByRole('option', { name: 'service-3' }).waitFor();
    expect(server().asked.map(({ request }) => request)).toContain('GET images?limit=6&search=service-3');
    await search.fill('cve-2024-108');
    await dialog.getByRole('option', { name: 'CVE-2024-1081' }).waitFor();
    await expect
      .poll(() => server().asked.at(-1)?.request, PATIENT)
      .toBe('GET vulnerabilities?limit=6&search=CVE-2024-108');
    await picture('palette-found', false);
    expect(await violations()).toEqual([]);
    server().answer({
      ...ANSWERS,
      'GET images': { body: { images: [], nextPage: null } },
      'GET vulnerabilities': { body: { vulnerabilities: [], nextPage: null } },
      [`GET images/${DIGEST}`]: { body: { reference: 'app:1', digest: DIGEST, platform: 'linux/amd64', history: [] } },
    });
    await search.fill('openssl');
    await dialog.getByText('Nothing found. The search finds images by a part of their name').waitFor();
    expect(await dialog.innerText()).toContain('To find a package, open an image and search in its tab “Packages”.');
    await picture('palette-nothing', false);
    expect(await violations()).toEqual([]);
    await search.fill(DIGEST);
    await dialog.getByRole('option', { name: 'Image app:1' }).waitFor();
    const unknown = `sha256:${'0'.repeat(64)}`;
    const fault = { code: 'image/unknown', message: `image ${unknown} not found`, remedy: 'Submit it.' };
    server().answer({ ...ANSWERS, [`GET images/${unknown}`]: { status: 404, body: { error: fault } } });
    await search.fill(unknown);
    await dialog.getByText('Nothing found.').waitFor();
    server().answer(ANSWERS);
    await search.fill('exploited');
    await dialog.getByRole('option', { name: 'known exploited' }).waitFor();
    expect(await search.getAttribute('aria-activedescendant')).toBe('entry 0');
    await page().keyboard.press('Enter');
    await expect.poll(() => page().url(), PATIENT).toContain('#/images?sort=severity&exploited=true');
    await page().keyboard.press('Control+k');
    await search.fill('change');
    await page().keyboard.press('ArrowDown');
    await page().keyboard.press('ArrowUp');
    await page().keyboard.press('Enter');
    await page().getByRole('heading', { name: 'Recent changes', exact: true }).waitFor();
    await page().keyboard.press('Control+k');
    await search.fill('submit');
    await page().keyboard.press('Enter');
    await page().getByLabel('Name').waitFor();
  });

  it('moves in lists, to the search field, and to the list of keys', async () => {
    await open(ANSWERS, '#/images');
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
    await page().keyboard.press('j');
    expect(await focused()).toContain('service-0');
    await page().keyboard.press('j');
    expect(await focused()).toContain('service-1');
    await page().keyboard.press('k');
    expect(await focused()).toContain('service-0');
    await page().keyboard.press('/');
    expect(await focused()).toBe('INPUT search');
    await page().keyboard.type('jk?/');
    expect(await page().getByLabel('Search', { exact: true }).inputValue()).toBe('jk?/');
    await page().getByRole('heading', { name: 'Images', exact: true }).click();
    await page().keyboard.press('?');
    const dialog = page().getByRole('dialog', { name: 'Keys' });
    await dialog.getByText('go to the next row of the list').waitFor();
    await picture('keys', false);
    expect(await violations()).toEqual([]);
    await dialog.getByLabel('Single-key shortcuts').uncheck();
    await page().keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const before = await focused();
    await page().keyboard.press('j');
    expect(await focused()).toBe(before);
    await page().keyboard.press('Control+k');
    await page().getByRole('dialog', { name: 'Search everything' }).waitFor();
    await page().keyboard.press('Escape');
    await page().evaluate('localStorage.clear()');
  });

  it('opens a dialog right after another one was closed, and returns the focus', async () => {
    await open(ANSWERS, '#/images');
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
    await page().keyboard.press('j');
    await page().keyboard.press('?');
    await page().getByRole('dialog', { name: 'Keys' }).waitFor();
    // The browser reports the closing of a dialog only in the next animation frame.
    await page().evaluate(`
      document.querySelector('dialog').close();
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
      new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    `);
    await page().getByRole('dialog', { name: 'Search everything' }).waitFor();
    await page().keyboard.press('Escape');
    expect(await focused()).toContain('service-0');
    await page().keyboard.press('?');
    await page().getByRole('dialog', { name: 'Keys' }).waitFor();
  });

  it.each(PAGES)('reaches every part of %s, and shows the focus', async (hash) => {
    await open(ANSWERS, hash);
    await page().locator('main h1').waitFor();
    await expect.poll(main, PATIENT).not.toContain('Loading');
    const seen = new Set<string>();
    for (let presses = 0; presses < 150; presses += 1) {
      await page().keyboard.press('Tab');
      const { name, isMarked, isVisible } = await page().evaluate<Focused>(FOCUSED);
      if (name.startsWith('BODY')) break;
      expect([name, isMarked, isVisible]).toEqual([name, true, true]);
      seen.add(name);
    }
    expect([...seen].join('\n')).toContain('A Feeds and queue');
    expect(seen.size).toBeGreaterThan(8);
  });

  it.each(PAGES)('fits the page %s at a zoom of 200 percent', async (hash) => {
    await follow(ANSWERS, hash);
    // A zoom of 200 % halves the width of a window of 1280 pixels.
    await page().setViewportSize({ width: 640, height: 400 });
    await page().locator('main h1').waitFor();
    await expect.poll(main, PATIENT).not.toContain('Loading');
    expect(await page().evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(640);
  });

  it('keeps the focus when first imports are shown and hidden', async () => {
    await open(ANSWERS, '#/changes');
    await page().getByRole('link', { name: 'Show', exact: true }).focus();
    await page().keyboard.press('Enter');
    await page().getByText('hidden ·').waitFor({ state: 'detached' });
    const imports = page().getByLabel('First imports of feeds');
    expect(await isFocused(imports)).toBe(true);
    await page().keyboard.press('Space');
    await page().getByText('hidden ·').waitFor();
    expect(await isFocused(imports)).toBe(true);
    expect(await imports.isChecked()).toBe(false);
  });

  it('moves the focus from a chosen image to the next choice, and then to the comparison', async () => {
    const first = { digest: DIGEST, reference: 'app:1', platform: 'linux/amd64', history: [] };
    const answers = { 'GET comparison': COMPARISON_ANSWER, [`GET images/${DIGEST}`]: { body: first } };
    await open({ ...ANSWERS, ...answers }, '#/compare');
    await page().getByRole('link', { name: 'service-0' }).focus();
    await page().keyboard.press('Enter');
    const choice = page().getByRole('heading', { name: 'Choose the second image', exact: true });
    await choice.waitFor();
    await expect.poll(async () => await isFocused(choice), PATIENT).toBe(true);
    await page().getByRole('link', { name: 'service-2' }).focus();
    await page().keyboard.press('Enter');
    await page().getByRole('region', { name: 'Compared images', exact: true }).waitFor();
    expect(await isFocused(page().getByRole('heading', { name: 'Compare images', exact: true }))).toBe(true);
  });

  it('keeps the focus when the limit to a package is removed', async () => {
    await open(ANSWERS, `${IMAGE}?package=curl`);
    await page().getByRole('button', { name: 'All packages', exact: true }).focus();
    await page().keyboard.press('Enter');
    await page().getByText('24 findings in').waitFor();
    expect(await isFocused(page().getByLabel('Search', { exact: true }))).toBe(true);
    await open(ANSWERS, `${IMAGE}?tab=layers&layer=0&package=tar`);
    await page().getByRole('link', { name: 'Show the whole layer', exact: true }).focus();
    await page().keyboard.press('Enter');
    await page().getByText('Adds 88 packages').waitFor();
    await expect.poll(async () => await isFocused(page().locator('[data-layer="0"]')), PATIENT).toBe(true);
  });

  it('does not move anything for readers who prefer reduced motion', async () => {
    await page().emulateMedia({ reducedMotion: 'reduce' });
    for (const hash of PAGES) {
      await open(ANSWERS, hash);
      await page().locator('main h1').waitFor();
      await expect.poll(main, PATIENT).not.toContain('Loading');
      expect(await page().evaluate<number>('document.getAnimations().length')).toBe(0);
    }
  });
});
