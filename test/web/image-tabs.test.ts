import { expect, it } from 'vitest';
import { imagesAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
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
    const table = page().getByRole('region', { name: 'Table of findings', exact: true });
    const rows = table.locator('tbody tr');
    await rows.first().waitFor();
    await expect.poll(main, PATIENT).toContain('7 findings in 2 rows');
    const [first, second] = await rows.allInnerTexts();
    expect(first).toMatch(/exploited[^]*CVE-2025-7[^]*openssl 3\.0\.9-1\s+libssl3, openssl\s+3\.0\.11-1\s+2$/);
    expect(second).toContain('libssl3, openssl, libssl-dev, libssl-doc and 1 package');
    await expect.poll(main, PATIENT).toContain('1 known exploited: CVE-2025-7 in openssl, fixed in 3.0.11-1.');
    const widths = async (): Promise<unknown> =>
      await table.locator('thead th').evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().width));
    const before = await widths();
    await rows.first().getByRole('link', { name: 'CVE-2025-7', exact: true }).click();
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

  it('answers in three clicks which layer adds a package, and shows only this package in the layer', async () => {
    await open({ ...imagesAnswer(5), ...reportAnswer() }, '#/images');
    await page().getByRole('link', { name: 'service-0' }).click();
    await page().getByRole('link', { name: 'Packages' }).click();
    await page().getByLabel('Search', { exact: true }).click();
    await page().keyboard.type('TAR');
    const table = page().getByRole('region', { name: 'Table of packages', exact: true });
    // The packages of this image are all from the package database, so the table has no column for their places.
    expect(await table.getByRole('columnheader').allInnerTexts()).toEqual(['Package', 'Type', 'Layer']);
    const row = table.locator('tbody tr').first();
    await expect
      .poll(async () => await row.innerText(), PATIENT)
      .toMatch(/^tar 1\.0-6\s+deb\s+amd64\s+0\s+ADD file:6d3f2c1 in/);
    expect(await row.locator('.layer-line').getAttribute('title')).toBe('ADD file:6d3f2c1 in /');
    await picture('packages-of-name');
    await row.getByRole('link').click();
    const layer = page().locator('#layer-0');
    await layer.getByText('Only the package tar is shown.').waitFor();
    expect(await layer.getByRole('listitem').allInnerTexts()).toEqual([
      'Low CVE-2024-1006 in tar 1.0-6, fixed in 1.1-6',
      'tar 1.0-6',
    ]);
    await picture('layer-of-package');
    expect(await violations()).toEqual([]);
    await layer.getByRole('link', { name: 'Show the whole layer', exact: true }).click();
    await layer.getByText('Adds 88 packages').waitFor();
  });

  it('shows the whole instruction of a package while its link has the focus, and where packages are', async () => {
    const place = { arch: '', flags: [], candidates: [], owner: null, layer: 1 };
    const packages = [
      { name: 'curl', type: 'deb', namespace: 'debian:12', source: { name: 'curl', version: '1' }, paths: [] },
      { name: 'libssl3', type: 'deb', namespace: 'debian:12', source: { name: 'openssl', version: '1' }, paths: [] },
      {
        name: 'lodash',
        type: 'npm',
        namespace: 'npm',
        source: { name: 'lodash', version: '1' },
        paths: ['app/p.json'],
      },
    ].map((each) => ({ ...place, ...each, version: '1', purl: `pkg:${each.type}/${each.name}@1` }));
    await open(reportAnswer({ packages }), `${IMAGE}?tab=packages`);
    const table = page().getByRole('region', { name: 'Table of packages', exact: true });
    const places = table.locator('td[data-label="Place"]');
    await places.first().waitFor();
    expect(await places.allInnerTexts()).toEqual(['package database', 'source package openssl', 'app/p.json']);
    const instruction = table.locator('.layer-line code').first();
    const height = async (): Promise<number> => (await instruction.boundingBox())!.height;
    const before = await height();
    await table.getByRole('link').first().focus();
    await page().keyboard.press('Shift+Tab');
    await page().keyboard.press('Tab');
    expect(await height()).toBeGreaterThan(before * 1.5);
    await picture('packages-with-places');
    expect(await violations()).toEqual([]);
  });

  it('lists upgrades with commands to copy', async () => {
    await open({ ...reportAnswer(), [`GET images/${DIGEST}/upgrades`]: UPGRADES_ANSWER }, IMAGE);
    await page().getByRole('link', { name: 'Upgrades', exact: true }).click();
    const rows = page().getByRole('region', { name: 'Table of upgrades', exact: true }).locator('tbody tr');
    await rows.first().waitFor();
    await expect.poll(main, PATIENT).toContain('2 upgrades fix 3 of 24 findings.');
    expect(await rows.nth(0).innerText()).toMatch(/3\.0\.9-1 → 3\.0\.11-1[^]*1 exploited[^]*High 2[^]*apt-get update/);
    expect(await rows.nth(1).innerText()).toMatch(/CVE-4 and 1 other[^]*No command for this package/);
    await rows.nth(0).getByRole('button', { name: 'Copy the command for openssl', exact: true }).click();
    await rows
      .nth(0)
      .getByText(/Copied|Selected/)
      .waitFor();
    await picture('upgrades');
    expect(await violations()).toEqual([]);
  });

  it('links a layer to the package that is in it, and to the whole layer for several packages', async () => {
    const source = { name: 'openssl', version: '1' };
    const findings = ['libssl3', 'openssl'].map((name, layer) => ({
      ...numberedFinding(3),
      package: name,
      source,
      version: '1',
      layer,
    }));
    await open({ ...reportAnswer({ findings }), [`GET images/${DIGEST}/upgrades`]: UPGRADES_ANSWER }, IMAGE);
    const layersOf = async (table: string): Promise<readonly (string | null)[]> =>
      await page()
        .getByRole('region', { name: table })
        .locator('td[data-label="Layer"] a')
        .evaluateAll((all) => all.map((each) => each.getAttribute('href')!.split('?')[1]!));
    await page().getByText('2 findings in 1 row').waitFor();
    expect(await layersOf('Table of findings')).toEqual([
      'tab=layers&layer=0&package=libssl3',
      'tab=layers&layer=1&package=openssl',
    ]);
    await page().getByRole('link', { name: 'Upgrades', exact: true }).click();
    await page().getByRole('region', { name: 'Table of upgrades', exact: true }).waitFor();
    expect(await layersOf('Table of upgrades')).toEqual([
      'tab=layers&layer=0',
      'tab=layers&layer=2',
      'tab=layers&layer=0&package=nginx',
      'tab=layers&layer=2&package=nginx',
    ]);
  });

  it('links each vulnerability of an upgrade to its finding, limited to exactly the upgraded package', async () => {
    const findings = [3, 23, 43].map((number) => ({
      ...numberedFinding(number),
      package: number === 43 ? 'package-30' : 'package-3',
      source: { name: number === 43 ? 'package-30' : 'package-3', version: '1' },
      version: '1.0',
    }));
    const upgrade = {
      type: 'deb',
      namespace: 'debian:12',
      name: 'package-3',
      packages: [{ name: 'package-3', version: '1.0' }],
      version: '1.1',
      layers: [0],
      command: null,
      severities: { High: 2 },
      exploited: 0,
      vulnerabilities: ['CVE-2024-1003', 'CVE-2024-1023'],
    };
    const upgrades = { body: { upgrades: [upgrade], fixes: 2, findings: 3 } };
    await open({ ...reportAnswer({ findings }), [`GET images/${DIGEST}/upgrades`]: upgrades }, `${IMAGE}?tab=upgrades`);
    await page().getByRole('link', { name: 'CVE-2024-1023', exact: true }).click();
    const panel = page().getByRole('complementary', { name: 'CVE-2024-1023 in package-3' });
    await panel.getByRole('button', { name: 'Close', exact: true }).click();
    await expect.poll(main, PATIENT).toContain('2 of 3 findings in 2 rows.');
    await page().getByRole('button', { name: 'All packages', exact: true }).click();
    await page().getByText('3 findings in 3 rows.').waitFor();
    expect(await main()).not.toContain('Only the package');
    expect(await page().getByRole('region', { name: 'Table of findings', exact: true }).innerText()).toContain(
      'no fix',
    );
    const filters = page().getByRole('form', { name: 'Filter the findings' });
    await filters.getByLabel('Search').fill('nothing');
    await page().getByText('No finding matches these filters.').waitFor();
    expect(await page().getByRole('status').allInnerTexts()).toContain('0 of 3 findings');
    await page().getByRole('button', { name: 'Clear filters', exact: true }).click();
    await page().getByText('3 findings in 3 rows.').waitFor();
    expect(await page().evaluate('document.activeElement.value')).toBe('');
    expect(await page().evaluate('document.activeElement.type')).toBe('search');
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
    await page().getByRole('button', { name: 'Delete …', exact: true }).click();
    await page().getByRole('button', { name: 'Delete', exact: true }).click();
    await page().getByRole('heading', { name: 'Images', exact: true }).waitFor();
    expect(server().asked.map(({ request }) => request)).toContain(`DELETE images/${DIGEST}`);
  });
});
