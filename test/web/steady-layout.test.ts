/** Tests that text does not overlap, move or get cut off, at the window sizes of a laptop and a phone. */
import { describe, expect, it } from 'vitest';
import { layerOf } from '../../src/report/testing/report-builder.ts';
import { ignoreRulesAnswer, imagesAnswer, overviewAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { DIGEST, numberedFinding, reportAnswer, UPGRADES_ANSWER } from './page-image-answers.ts';
import type { PageAnswers } from './page-server.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

const LAPTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** The widest counts of an image, with all severities and the longest words beside the name. */
const WIDE = {
  severities: { Critical: 23, High: 456, Medium: 1234, Low: 567, Negligible: 89, Unknown: 12 },
  scannedAt: new Date(Date.now() - 40 * 60_000).toISOString(),
};

const TWO_THOUSAND: PageAnswers = {
  ...reportAnswer({
    findings: Array.from({ length: 2000 }, (_, number) => ({ ...numberedFinding(number), layer: 0 })),
    layers: ['ADD rootfs.tar /', 'RUN install'].map((createdBy, index) =>
      layerOf(index, { createdBy, size: 1_000_000 }),
    ),
  }),
  // Without a graph, the layers of the report are shown.
  [`GET images/${DIGEST}/graph`]: { status: 503, body: { error: { code: 'x/y', message: 'busy', remedy: 'Wait.' } } },
};

/** Returns the places of elements: `[left, right, top, bottom]` in pixels. */
const PLACES = `(all) => all.map((each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  const { left, right, top, bottom } = range.getBoundingClientRect();
  return [left, right, top, bottom].map(Math.round);
})`;

describeInBrowser('the layout', ({ open, follow, page, server }) => {
  const places = async (selector: string): Promise<readonly (readonly [number, number, number, number])[]> =>
    await page().evaluate(`(${PLACES})([...document.querySelectorAll(${JSON.stringify(selector)})])`);

  it('keeps the entries of the navigation and the tabs of an image in place', async () => {
    await open({ ...overviewAnswer(), ...imagesAnswer(5), ...reportAnswer() }, '#/');
    await page().setViewportSize(LAPTOP);
    await page().getByRole('heading', { name: 'Overview', exact: true }).waitFor();
    const left = async (selector: string): Promise<readonly number[]> =>
      await page().evaluate(
        `[...document.querySelectorAll('${selector}')].map((each) => each.getBoundingClientRect().left)`,
      );
    const before = await left('.top nav a');
    expect(before).toHaveLength(7);
    await page().getByRole('link', { name: 'Ignore rules', exact: true }).click();
    await page().getByRole('heading', { name: 'Ignore rules', level: 1 }).waitFor();
    expect(await left('.top nav a')).toEqual(before);
    await open(reportAnswer(), `${IMAGE}?tab=raw`);
    await page().getByText('With curl:').waitFor();
    const tabs = await left('.tabs a');
    expect(tabs).toHaveLength(6);
    await page().getByRole('link', { name: 'Packages' }).click();
    await page().getByText('88 of 88 packages').waitFor();
    expect(await left('.tabs a')).toEqual(tabs);
  });

  it('shows the counts of an image on one line at 1280 pixels, with a legend, and the whole time of its scan', async () => {
    await open(imagesAnswer(5, WIDE), '#/images');
    await page().setViewportSize(LAPTOP);
    const time = page().getByText('40 min ago');
    await time.waitFor();
    expect(await page().locator('.legend').innerText()).toMatch(/^D Defcon1\s+C Critical\s+H High\s+M Medium\s+L Low/);
    const [wide] = await page().evaluate<readonly number[][]>(
      `[...document.querySelectorAll('.short-counts')].slice(1, 2).map((list) => [...list.children].map((item) => item.offsetTop))`,
    );
    expect(new Set(wide).size).toBe(1);
    const table = await page().getByRole('region', { name: 'Images', exact: true }).boundingBox();
    const box = await time.boundingBox();
    expect(box!.x + box!.width).toBeLessThan(table!.x + table!.width - 4);
    // The line below the name shows the digest.
    const small = await page().evaluate<boolean>(
      `[...document.querySelectorAll('th small')].every((each) => each.scrollWidth <= each.clientWidth)`,
    );
    expect(small).toBe(true);
  });

  describe.each([LAPTOP, PHONE])('in a window of $width pixels', (size) => {
    it('keeps the numbers of the layers beside their bars', async () => {
      await open(TWO_THOUSAND, `${IMAGE}?tab=layers`);
      await page().setViewportSize(size);
      await page().getByText('whether these layers belong to a base image').waitFor();
      const [count] = await places('.open-count');
      const [bar] = await page().evaluate<readonly number[]>(
        `[...document.querySelectorAll('.size')].map((each) => each.getBoundingClientRect().left)`,
      );
      expect(bar! - count![1]).toBeGreaterThan(3);
      const [words] = await places('.flow .what');
      const [flow] = await page().evaluate<readonly { left: number; top: number }[]>(
        `[...document.querySelectorAll('.flow .severity-bar')].map((each) => each.getBoundingClientRect())`,
      );
      expect(flow!.left - words![1] > 8 || flow!.top >= words![3]).toBe(true);
    });
  });

  it('breaks no line of an image before a dot or inside the number of layers', async () => {
    await open(imagesAnswer(5, { countState: 'failed', severities: null, isCurrent: false }), '#/images');
    await page().setViewportSize(LAPTOP);
    const line = page().locator('th small').nth(1);
    await line.waitFor();
    expect(await line.evaluate(({ textContent }) => textContent)).toContain(
      '\u00a0· linux/amd64\u00a0· 5\u00a0layers\u00a0· ',
    );
  });

  it('has the labels and fields of a new ignore rule at the same heights', async () => {
    await open(ignoreRulesAnswer(), '#/ignore-rules');
    await page().setViewportSize(LAPTOP);
    const summary = page().getByText('New rule');
    await summary.click();
    await page().getByLabel('Until').waitFor();
    const rows = await page().evaluate<readonly (readonly [number, number, number])[]>(`
      [...document.querySelectorAll('.rule label')].map((label) => {
        const field = label.querySelector('input, select').getBoundingClientRect();
        return [label.getBoundingClientRect().top, field.top, field.height].map(Math.round);
      })
    `);
    const tops = new Set(rows.map(([top]) => top));
    expect(tops.size).toBeLessThan(rows.length / 2);
    // Fields whose labels start at the same height also start and end at the same height.
    expect(new Set(rows.map(String)).size).toBe(tops.size);
  });

  it('breaks no name before its tag, and no option of a command', async () => {
    const upgrades = { [`GET images/${DIGEST}/upgrades`]: UPGRADES_ANSWER };
    await open({ ...reportAnswer(), ...upgrades }, `${IMAGE}?tab=upgrades`);
    await page().setViewportSize(PHONE);
    const words = page().locator('.command code > span');
    await words.first().waitFor();
    const heights = await words.evaluateAll((all) => all.map((each) => each.getClientRects().length));
    expect(heights).toEqual(Array.from({ length: 9 }, () => 1));
    // The last part of the name and its tag are on one line.
    const lines = await page().evaluate<number>(`
      (() => {
        const tag = document.querySelector('h1 .tag');
        const range = document.createRange();
        range.setStart(tag.previousSibling, tag.previousSibling.length - 1);
        range.setEnd(tag, 1);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
      })()
    `);
    expect(lines).toBe(1);
  });

  it.each([PHONE, LAPTOP])('breaks no ID, no version and no option of an instruction at %o', async (size) => {
    // The number of lines of each word, which is in a box of its own.
    const lines = async (selector: string): Promise<readonly number[]> =>
      await page().evaluate(`
        [...document.querySelectorAll(${JSON.stringify(selector)})].map((each) => {
          const range = document.createRange();
          range.selectNodeContents(each);
          return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
        })
      `);
    await open(TWO_THOUSAND, IMAGE);
    await page().setViewportSize(size);
    await page().getByText('known exploited:').waitFor();
    // The notice names three vulnerabilities and the fix of one vulnerability.
    expect(await lines('.notice .whole-word')).toEqual([1, 1, 1, 1]);
    await open(reportAnswer(), `${IMAGE}?tab=layers`);
    await page().getByText('--chown=app:app').waitFor();
    expect(await lines('[data-layer="3"] .whole-word')).toEqual([1, 1, 1, 1]);
  });

  it('shows fields of the same height, and examples and buttons in legible colours', async () => {
    await open(reportAnswer(), IMAGE);
    await page().setViewportSize(LAPTOP);
    await page().getByPlaceholder('CVE or package').waitFor();
    const heights = await page()
      .locator('.filters :is(input[type="search"], select)')
      .evaluateAll((all) => all.map((each) => Math.round(each.getBoundingClientRect().height)));
    expect(heights).toEqual(Array.from({ length: 4 }, () => heights[0]));
    await page().emulateMedia({ colorScheme: 'dark' });
    const colour = async (selector: string, part: string): Promise<string> =>
      await page().evaluate(
        `getComputedStyle(document.querySelector(${JSON.stringify(selector)}), ${JSON.stringify(part)}).color`,
      );
    expect(await colour('.filters input', '::placeholder')).toBe(await colour('.tabs small', ''));
    await page().getByPlaceholder('CVE or package').fill('nothing');
    await page().getByRole('button', { name: 'Clear filters', exact: true }).waitFor();
    expect(await colour('.empty button', '')).toBe(await colour('body', ''));
    await page().emulateMedia({ colorScheme: 'light' });
  });

  it.each([390, 320])('breaks long tags and names in a window of %i pixels', async (width) => {
    const references = [
      'registry.example.org/team/payments_service:1.14.0-20260101120000-abcdef0123456789',
      `registry.example.org/team/a_name_without_places_to_break:${'f'.repeat(20)}`,
      `registry.example.org/team/app:${'e'.repeat(128)}`,
    ];
    const target = { kind: 'oci', digest: DIGEST, platform: 'linux/amd64' } as const;
    for (const reference of references) {
      const answers = { ...imagesAnswer(5, { reference }), ...reportAnswer({ target: { ...target, reference } }) };
      for (const hash of ['#/compare', '#/images', `${IMAGE}?tab=raw`]) {
        await follow(answers, hash);
        await page().setViewportSize({ width, height: 844 });
        await page().locator('bdi', { hasText: reference }).first().waitFor();
        expect([hash, await page().evaluate<number>('document.documentElement.scrollWidth')]).toEqual([hash, width]);
      }
    }
  });

  it('compares with another image if the first image is not indexed', async () => {
    const unknown = `sha256:${'b'.repeat(64)}`;
    const fails = (status: number, code: string): PageAnswers => ({
      ...imagesAnswer(5),
      [`GET images/${unknown}`]: { status, body: { error: { code, message: 'no image', remedy: 'Wait.' } } },
    });
    await follow(fails(404, 'image/unknown'), `#/compare?before=${unknown}&after=`);
    await page().getByRole('link', { name: 'service-1' }).waitFor();
    await follow(fails(503, 'database/unavailable'), `#/compare?before=${unknown}&after=`);
    await page().getByText('Could not load the images').waitFor();
    expect(await page().getByRole('link', { name: 'service-1' }).count()).toBe(0);
  });

  it('lets the reader choose the second image, and names the first image', async () => {
    const image = { digest: DIGEST, reference: 'registry.example.org/team/service-0:1.0', platform: 'linux/amd64' };
    await open({ ...imagesAnswer(5), [`GET images/${DIGEST}`]: { body: { ...image, history: [] } } }, '#/compare');
    await page().getByRole('heading', { name: 'Choose the first image', exact: true }).waitFor();
    await page().getByRole('link', { name: 'service-0' }).click();
    await page().getByRole('heading', { name: 'Choose the second image', exact: true }).waitFor();
    await page().getByRole('link', { name: 'service-1' }).waitFor();
    expect(await page().locator('.image-name').innerText()).toContain('team/service-0:1.0 linux/amd64');
    expect(await page().getByRole('link', { name: 'service-0' }).count()).toBe(0);
    expect(server().asked.map(({ request }) => request)).toContain(
      'GET images?limit=20&search=registry.example.org/team/service-0',
    );
    await page().getByRole('textbox', { name: 'Second image' }).fill('service-3');
    await expect.poll(() => server().asked.at(-1)?.request, PATIENT).toBe('GET images?limit=20&search=service-3');
    await page().getByRole('link', { name: 'service-3' }).click();
    await expect.poll(() => page().url(), PATIENT).toMatch(/before=sha256%3Aa1.*&after=sha256%3A0+3$/);
  });

  it('keeps the words of downloads beside their buttons, and shows no keys on a phone', async () => {
    await open(reportAnswer(), `${IMAGE}?tab=raw`);
    await page().setViewportSize(PHONE);
    await page().getByText('With curl:').waitFor();
    const beside = await page().evaluate<readonly boolean[]>(`
      [...document.querySelectorAll('.downloads li')].map((item) => {
        const [button, words] = item.children;
        return words.getBoundingClientRect().left >= button.getBoundingClientRect().right;
      })
    `);
    expect(beside).toHaveLength(10);
    expect(beside).not.toContain(false);
    expect(await page().getByRole('button', { name: 'Search', exact: true }).innerText()).not.toContain('Ctrl');
    await open(imagesAnswer(100), '#/images');
    await page().getByText('100 images.').waitFor();
    expect(await page().locator('main').innerText()).not.toContain('Ctrl');
  });
});
