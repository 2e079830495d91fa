import { expect, it } from 'vitest';
import { manyFindings, manyImages } from './long-lists.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { DIGEST } from './page-image-answers.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

/** More rows than fit into a window with the rows near it. */
const MAX_ROWS = 60;

describeInBrowser('a list of ten thousand rows', ({ open, page, server, main, picture, violations }) => {
  const rows = (label: string): ReturnType<ReturnType<typeof page>['locator']> =>
    page().getByRole('region', { name: label, exact: true }).locator('tbody tr:not(.gap)');
  const toEnd = async (): Promise<void> =>
    await page().evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');

  it('shows the images near the window, and loads the others when the reader reaches them', async () => {
    await open(manyImages());
    const images = rows('Images');
    await images.first().waitFor();
    await expect.poll(main, PATIENT).toContain('10,000 images. Use the search field above: Ctrl+F');
    expect(
      server()
        .asked.map(({ request }) => request)
        .filter((each) => each !== 'GET feeds'),
    ).toEqual(['GET images?limit=100']);
    expect(await page().locator('table').getAttribute('aria-rowcount')).toBe('10001');
    expect(await images.first().getAttribute('aria-rowindex')).toBe('2');
    // The page gets longer when the last rows are measured, so one scroll does not always lead to its end.
    await expect
      .poll(async () => {
        await toEnd();
        return await page().locator('tbody tr[aria-rowindex="10001"]').allInnerTexts();
      }, PATIENT)
      .toEqual([expect.stringContaining('service-9999:1.9999')]);
    expect(await images.count()).toBeLessThan(MAX_ROWS);
    expect(server().asked.length).toBeLessThan(15);
    await picture('images-many', false);
    expect(await violations()).toEqual([]);
  });

  it('starts a filtered list at its top, and returns to the row when the reader goes back', async () => {
    await open(manyImages());
    const images = rows('Images');
    await images.first().waitFor();
    await page().evaluate('window.scrollTo(0, 3500)');
    await expect.poll(async () => await images.first().getAttribute('aria-rowindex'), PATIENT).not.toBe('2');
    await expect
      .poll(async () => await page().evaluate<number>('history.state?.row ?? 0'), PATIENT)
      .toBeGreaterThan(50);
    const row = await page().evaluate<number>('history.state.row');
    await images.nth(15).getByRole('link').click();
    await expect.poll(async () => await images.count(), PATIENT).toBe(0);
    await page().goBack();
    await expect.poll(async () => await page().locator(`tbody tr[data-index="${row}"]`).count(), PATIENT).toBe(1);
    await page().evaluate('window.scrollTo(0, 0)');
    await page().getByLabel('Exploited', { exact: true }).check();
    await page().getByText('1,000 images').waitFor();
    expect(await images.first().innerText()).toContain('service-0:1.0');
    expect(server().asked.at(-1)?.request).toContain('exploited=true');
  });

  it('keeps the focused row, and moves on with the keyboard', async () => {
    await open(manyImages());
    const images = rows('Images');
    await images.first().getByRole('link').focus();
    await page().evaluate('window.scrollTo(0, 3000)');
    await expect.poll(async () => await images.nth(1).getAttribute('aria-rowindex'), PATIENT).not.toBe('3');
    expect(await page().evaluate('document.activeElement.textContent')).toContain('service-0:1.0');
    await page().keyboard.press('Tab');
    await expect
      .poll(async () => await page().evaluate('document.activeElement.textContent'), PATIENT)
      .toContain('service-');
  });

  it('shows why more images could not be loaded, and tries again', async () => {
    const { 'GET images?limit=1000&page=100': second, ...others } = manyImages();
    const error = { code: 'request/page-invalid', message: 'the page token is too old', remedy: 'Start anew.' };
    const failing = { status: 400, body: { error } };
    await open({ ...others, 'GET images?limit=1000&page=100': failing });
    await rows('Images').first().waitFor();
    await toEnd();
    await page().getByText('Could not load more images. The page token is too old. Start anew.').waitFor();
    expect(await violations()).toEqual([]);
    server().answer({ ...others, 'GET images?limit=1000&page=100': second! });
    await page().getByRole('button', { name: 'Try again', exact: true }).click();
    await expect.poll(() => server().asked.length, PATIENT).toBeGreaterThan(3);
  });

  it('filters and sorts ten thousand findings', async () => {
    await open(manyFindings(), IMAGE);
    const table = page().getByRole('region', { name: 'Table of findings', exact: true });
    const findings = rows('Table of findings');
    await findings.first().waitFor();
    expect(await findings.count()).toBeLessThan(MAX_ROWS);
    expect(await table.locator('table').getAttribute('aria-rowcount')).toBe('10001');
    await table.getByRole('button', { name: 'Vulnerability', exact: true }).click();
    expect(await findings.first().innerText()).toMatch(/by NVD[^]*CVE-2024-1000/);
    expect(await findings.nth(1).innerText()).not.toContain('by NVD');
    expect(await findings.nth(4).innerText()).toContain('kernel headers');
    await table.getByRole('button', { name: 'Vulnerability', exact: true }).click();
    expect(await findings.first().innerText()).toContain('CVE-2024-10999');
    expect(await table.locator('th[aria-sort="descending"]').innerText()).toContain('Vulnerability');
    await picture('findings-many', false);
    await page().getByPlaceholder('CVE or package').fill('cve-2024-7778');
    await expect.poll(async () => await findings.count(), PATIENT).toBe(1);
    await page().getByLabel('Fixable').check();
    await expect.poll(main, PATIENT).toContain('0 of 10,000 findings');
    expect(await violations()).toEqual([]);
  });
});
