import { expect, it } from 'vitest';
import { describeInBrowser } from './page-browser.ts';
import { DIGEST, numberedFinding, reportAnswer, UPGRADES_ANSWER } from './page-image-answers.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

describeInBrowser('the tabs of an image', ({ open, page, server, main, picture, violations }) => {
  it('shows one row for a vulnerability and a source package, exploited first, and its details beside the table', async () => {
    const source = { name: 'openssl', version: '3.0.9-1' };
    const of = (name: string, number: number, parts: object = {}): ReturnType<typeof numberedFinding> => ({
      ...numberedFinding(number),
      id: `CVE-2025-${number}`,
      package: name,
      purl: `pkg:deb/debian/${name}@3.0.9-1`,
      version: '3.0.9-1',
      source,
      layer: 2,
      ...parts,
    });
    const exploited = [{ id: 'CVE-2025-7', epss: { score: 0.938, date: '2026-01-01' }, kev: { added: '2025-01-01' } }];
    const binaries = ['libssl3', 'openssl', 'libssl-dev', 'libssl-doc', 'libcrypto3-udeb'];
    await open(
      reportAnswer({
        findings: [
          ...binaries.map((name) => of(name, 6, { risk: 99 })),
          ...binaries.slice(0, 2).map((name) => of(name, 7, { risk: 40, cves: exploited, fixedIn: '3.0.11-1' })),
        ],
      }),
      IMAGE,
    );
    const table = page().getByRole('region', { name: 'Table of findings' });
    const rows = table.locator('tbody tr');
    await rows.first().waitFor();
    expect(await main()).toContain('7 findings in 2 rows');
    const [first, second] = await rows.allInnerTexts();
    expect(first).toMatch(/exploited[^]*CVE-2025-7[^]*openssl 3\.0\.9-1\s+libssl3, openssl\s+3\.0\.11-1\s+2$/);
    expect(second).toContain('libssl3, openssl, libssl-dev, libssl-doc and 1 package');
    expect(await main()).toContain('1 known exploited: CVE-2025-7 in openssl, fixed in 3.0.11-1.');
    const widths = async (): Promise<unknown> =>
      await table.locator('thead th').evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().width));
    const before = await widths();
    await rows.first().getByRole('link', { name: 'CVE-2025-7' }).click();
    const panel = page().getByRole('complementary', { name: 'CVE-2025-7 in openssl' });
    await panel.getByText('93.8 % probability of exploitation within 30 days').waitFor();
    expect(await panel.innerText()).toMatch(/libssl3 3\.0\.9-1 is fixed in 3\.0\.11-1 \(debian:12\), layer 2/);
    await panel.getByText('openssl in debian:12: 3 vulnerable ranges').waitFor();
    expect(await widths()).toEqual(before);
    expect(new URLSearchParams(page().url().split('?')[1]).get('open')).toContain('CVE-2025-7 openssl');
    await picture('finding-details', false);
    expect(await violations()).toEqual([]);
    await page().keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await page().evaluate('document.activeElement.textContent')).toBe('CVE-2025-7');
    await page().goBack();
  });

  it('lists upgrades with commands to copy', async () => {
    await open({ ...reportAnswer(), [`GET images/${DIGEST}/upgrades`]: UPGRADES_ANSWER }, IMAGE);
    await page().getByRole('link', { name: 'Upgrades' }).click();
    const rows = page().getByRole('region', { name: 'Table of upgrades' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await main()).toContain('2 upgrades fix 3 of 24 findings.');
    expect(await rows.nth(0).innerText()).toMatch(/3\.0\.9-1 → 3\.0\.11-1[^]*1 exploited[^]*High 2[^]*apt-get update/);
    expect(await rows.nth(1).innerText()).toMatch(/CVE-4 and 1 other[^]*No command for this type/);
    await rows.nth(0).getByRole('button', { name: 'Copy the command for openssl' }).click();
    await rows
      .nth(0)
      .getByText(/Copied|Selected/)
      .waitFor();
    await picture('upgrades');
    expect(await violations()).toEqual([]);
  });

  it('keeps the filters in the address, and restores them', async () => {
    await open(reportAnswer(), `${IMAGE}?severity=High&from=1`);
    const filters = page().getByRole('form', { name: 'Filter the findings' });
    await filters.waitFor();
    expect(await filters.getByLabel('Minimum severity').inputValue()).toBe('High');
    expect(await filters.getByLabel('From layer').inputValue()).toBe('1');
    await filters.getByLabel('Search').fill('lib c');
    await filters.getByLabel('Known exploited').check();
    const query = new URLSearchParams(page().url().split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({ severity: 'High', from: '1', search: 'lib c', exploited: 'true' });
  });

  it('downloads reports, and deletes the image after a confirmation', async () => {
    await open(
      { ...reportAnswer(), [`DELETE images/${DIGEST}`]: { status: 204, body: undefined } },
      `${IMAGE}?tab=raw`,
    );
    const [download] = await Promise.all([
      page().waitForEvent('download'),
      page().getByRole('listitem').filter({ hasText: 'SARIF' }).getByRole('button').click(),
    ]);
    expect(download.suggestedFilename()).toBe('sha256-a1a1a1a1a1a1.sarif');
    expect(server().asked.at(-1)?.request).toBe(`GET images/${DIGEST}/report?format=sarif`);
    await picture('raw');
    expect(await violations()).toEqual([]);
    await page().getByRole('button', { name: 'Delete …' }).click();
    await page().getByRole('button', { name: 'Delete', exact: true }).click();
    await page().getByRole('heading', { name: 'Images' }).waitFor();
    expect(server().asked.map(({ request }) => request)).toContain(`DELETE images/${DIGEST}`);
  });
});
