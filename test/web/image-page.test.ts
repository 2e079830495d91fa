import { expect, it } from 'vitest';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { DIGEST, imageChangesAnswer, numberedFinding, OLDER, reportAnswer } from './page-image-answers.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

const STALE = {
  code: 'feed-stale',
  message: 'the data of debian is 9 days old',
  where: 'debian',
  incomplete: true,
} as const;

const DAY_MS = 86_400_000;

const tab = (name: string): string => `${IMAGE}?tab=${name}`;

describeInBrowser('the page of an image', ({ open, page, server, main, picture, violations }) => {
  it('shows diagnostics before all findings, and suppressed findings with the author of the rule', async () => {
    await open(reportAnswer({ diagnostics: [STALE] }), IMAGE);
    await page().getByRole('heading', { name: 'Suppressed findings', exact: true }).waitFor();
    const text = await main();
    expect(text.indexOf('The report is incomplete')).toBeLessThan(text.indexOf('CVE-2024-1000'));
    expect(text).toContain('vulnerable_code_not_in_execute_path');
    expect(await page().getByRole('region', { name: 'Table of findings', exact: true }).innerText()).not.toContain(
      'CVE-2024-1099',
    );
  });

  it('moves between layers by keys, and opens a layer', async () => {
    await open(reportAnswer(), tab('layers'));
    const layers = page().locator('[data-layer]');
    await layers.first().focus();
    await page().keyboard.press('ArrowDown');
    await page().keyboard.press('ArrowDown');
    await page().keyboard.press('Enter');
    expect(await layers.nth(2).getAttribute('aria-expanded')).toBe('true');
    const opened = page().locator('#layer-2');
    expect(await opened.innerText()).toMatch(/Fixes 7 findings[\s\S]*Adds 1 package[\s\S]*libc6 1.0-3/);
    await picture('layer-open');
    expect(await violations()).toEqual([]);
    await page().keyboard.press('End');
    await page().keyboard.press('ArrowDown');
    expect(await page().evaluate('document.activeElement.dataset.layer')).toBe('3');
  });

  it('shows the type and all paths of libraries, and filters by type', async () => {
    const paths = ['app/node_modules/@made/up/package.json', 'srv/node_modules/@made/up/package.json'];
    const place = { namespace: 'npm', type: 'npm', version: '1.2.3', purl: 'pkg:npm/%40made/up@1.2.3', paths };
    const source = { name: '@made/up', version: '1.2.3' };
    const finding = { ...numberedFinding(0), ...place, id: 'CVE-2099-1', package: '@made/up', source };
    const owner = { type: 'deb', name: 'node-made', version: '1.2.3-1' };
    const library = {
      ...place,
      name: '@made/up',
      arch: '',
      source,
      flags: ['dev'],
      candidates: [],
      owner,
      layer: 3,
    } as const;
    const system = {
      ...library,
      name: 'libc6',
      type: 'deb',
      arch: 'amd64',
      paths: [],
      flags: [],
      candidates: [],
      owner: null,
    };
    const ofLibc = { name: 'glibc', version: '2' };
    await open(
      reportAnswer({
        findings: [numberedFinding(1), finding],
        packages: [{ ...system, namespace: 'debian:12', purl: 'pkg:deb/libc6', source: ofLibc }, library],
      }),
      IMAGE,
    );
    const findings = page().getByRole('region', { name: 'Table of findings', exact: true });
    await findings.getByText('@made/up', { exact: true }).waitFor();
    await page().getByRole('form', { name: 'Filter the findings' }).getByLabel('Type').selectOption('library');
    expect(await findings.locator('tbody tr').count()).toBe(1);
    expect(await findings.innerText()).toMatch(/npm\s+app\/node_modules\/@made\/up\/package\.json and 1 more/);
    await findings.getByText('and 1 more').click();
    expect(await findings.innerText()).toContain(paths[1]);

    await page().getByRole('link', { name: 'Packages' }).click();
    const packages = page().getByRole('region', { name: 'Table of packages', exact: true });
    const [first, second] = await packages.locator('tbody tr').allInnerTexts();
    expect(first).toMatch(/libc6 1\.2\.3[\s\S]*deb\s+amd64\s+source package glibc/);
    expect(second).toMatch(
      /@made\/up 1\.2\.3\s*dev\s+npm\s+app\/node_modules[\s\S]*owned by node-made 1\.2\.3-1\s+3\s+COPY --chown=app:app \.\/dist \/srv\/app$/,
    );
    await page().getByRole('form', { name: 'Filter the packages' }).getByLabel('Type').selectOption('os');
    expect(await packages.locator('tbody tr').count()).toBe(1);
    await picture('packages');
    expect(await violations()).toEqual([]);
  });

  it('shows the candidates of a library whose group is uncertain, and the candidate that a finding is about', async () => {
    const [name, version] = ['core', '2.1'];
    const source = { name, version };
    const place = {
      namespace: 'maven',
      type: 'maven',
      version,
      purl: 'pkg:generic/core@2.1',
      paths: ['app/core.jar'],
      source,
    };
    const finding = { ...numberedFinding(0), ...place, package: name, candidates: ['org.made:core'] };
    const candidates = ['org.made:core', 'org.made.core:core'];
    const library = { ...place, name, arch: '', flags: [], candidates, owner: null, layer: 3 };
    await open(reportAnswer({ findings: [finding], packages: [library] }), IMAGE);
    const findings = page().getByRole('region', { name: 'Table of findings', exact: true });
    await findings.getByText('matched as org.made:core', { exact: true }).waitFor();
    await page().getByRole('link', { name: 'Packages' }).click();
    const packages = page().getByRole('region', { name: 'Table of packages', exact: true });
    await packages.getByText('perhaps org.made:core or org.made.core:core', { exact: true }).waitFor();
    expect(await violations()).toEqual([]);
  });

  it('numbers layers as the JSON and the address do', async () => {
    await open(reportAnswer(), `${IMAGE}?layer=2`);
    await page().getByText('In the image').waitFor();
    expect(await page().locator('.layer .index').allInnerTexts()).toEqual(['0', '1', '2', '3']);
    const opened = page().locator('.instruction[aria-expanded="true"]');
    expect(await opened.locator('.index').innerText()).toBe('2');
    expect(
      await page()
        .locator('.picture ol')
        .evaluateAll((lists) => lists.map((list) => list.getAttribute('start'))),
    ).toEqual(['0', '1']);
    await page().getByRole('link', { name: 'Findings' }).click();
    await page().getByRole('region', { name: 'Table of findings', exact: true }).waitFor();
    const choices = await page().getByLabel('From layer').locator('option').allInnerTexts();
    expect(choices.map((words) => words.split(':')[0])).toEqual(['any', '0', '1', '2', '3']);
    const link = page()
      .getByRole('region', { name: 'Table of findings', exact: true })
      .locator('td[data-label="Layer"] a')
      .first();
    expect(await link.getAttribute('href')).toBe(`${tab('layers')}&layer=${await link.innerText()}&package=zlib1g`);
  });

  it('draws the version line of a package on demand', async () => {
    await open(reportAnswer(), tab('layers'));
    await page().locator('[data-layer="2"]').click();
    await page().getByText('openssl in debian:12: 3 vulnerable ranges').click();
    const line = page().getByRole('region', { name: 'Version line of openssl', exact: true });
    expect(await line.getByRole('list', { name: 'Installed versions' }).innerText()).toMatch(
      /3\.0\.9-1 added in layer 0, removed in layer 2\s+3\.0\.11-1~deb12u2 added in layer 2/,
    );
    const bars = line.getByRole('list', { name: 'Vulnerable ranges' }).getByRole('listitem');
    expect(await bars.allInnerTexts()).toEqual([
      'CVE-2024-9143 Critical, from 3.0.11-1~deb12u2, no fix',
      'CVE-2023-5363 High, from 0, before 3.0.11-1~deb12u2',
      'CVE-2024-4741 Medium, from 0, before 3.0.14-1~deb12u1',
    ]);
    // The installed version is at the end of the affected range of one vulnerability, and below the fixed version of
    // the other vulnerability.
    const [point, fixed, unfixed] = await Promise.all([
      line.getByText('added in layer 2').boundingBox(),
      bars.nth(1).boundingBox(),
      bars.nth(2).boundingBox(),
    ]);
    expect(Math.abs(point!.x - (fixed!.x + fixed!.width))).toBeLessThan(10);
    expect(point!.x).toBeLessThan(unfixed!.x + unfixed!.width - 50);
    await picture('version-line');
    expect(await violations()).toEqual([]);
  });

  it('escapes text of images and feeds', async () => {
    const name = '<img src=x onerror=alert(1)>\u202Egpj.exe';
    const link = 'javascript:alert(1)';
    const finding = { ...numberedFinding(1), id: name, package: name, description: name, link };
    await open(reportAnswer({ findings: [finding] }), IMAGE);
    await page().getByRole('region', { name: 'Table of findings', exact: true }).waitFor();
    expect(await page().locator('main img').count()).toBe(0);
    expect(await page().locator('a[href^="javascript"]').count()).toBe(0);
  });

  it('draws a stream whose width after each layer is the number of open findings', async () => {
    await open(reportAnswer(), tab('layers'));
    await page().getByText('In the image').waitFor();
    expect(await page().locator('.layer .open-count').allInnerTexts()).toEqual(['25', '31', '24', '24']);
    await expect.poll(main, PATIENT).toContain('In the image 24 open findings');
    const ends = await page()
      .locator('.layer .run')
      .evaluateAll((runs) =>
        runs.map((run) => {
          const box = run.getBoundingClientRect();
          const edges = [...run.children].map((path) => path.getBoundingClientRect().right);
          return Math.round(((Math.max(...edges) - box.left) / box.width) * 31);
        }),
      );
    expect(ends).toEqual([25, 31, 24, 24]);
  });

  it('opens the layer of its address, and links a finding to its layer', async () => {
    await open(reportAnswer(), `${IMAGE}?layer=2`);
    await page().getByText('Fixes 7 findings').waitFor();
    await expect.poll(async () => await page().evaluate('document.activeElement.dataset.layer'), PATIENT).toBe('2');
    await page().getByRole('link', { name: 'Findings' }).click();
    const table = page().getByRole('region', { name: 'Table of findings', exact: true });
    await table.getByRole('link', { name: '1', exact: true }).first().click();
    await expect.poll(async () => await page().evaluate('document.activeElement.dataset.layer'), PATIENT).toBe('1');
    expect(await page().locator('[data-layer="1"]').getAttribute('aria-expanded')).toBe('true');
    expect(page().url()).toContain('tab=layers&layer=1');
  });

  it('counts no suppressed findings, and mentions them', async () => {
    await open(reportAnswer(), tab('layers'));
    await page().getByText('In the image').waitFor();
    expect(await page().locator('.layer').nth(1).innerText()).toMatch(/Introduces 6[\s\S]*1 suppressed/);
    await page().locator('[data-layer="1"]').click();
    expect(await page().locator('#layer-1').innerText()).toMatch(/CVE-2024-1099 in .*\(suppressed\)/);
  });

  it('shows beside the picture, too, that an incomplete result is not clean', async () => {
    await open(reportAnswer({ diagnostics: [STALE] }), tab('layers'));
    await page().getByText('In the image').waitFor();
    await expect
      .poll(main, PATIENT)
      .toContain('In the image 24 open findings, but the report is incomplete, so there may be more findings');
  });

  it('lists changes by kind, with their cause and the compared state', async () => {
    await open(reportAnswer(), tab('changes'));
    const news = page().getByRole('region', { name: 'New', exact: true });
    await news.waitFor();
    expect(await page().locator('h3.change').allInnerTexts()).toEqual([
      'New 12',
      'Re-scored 1',
      'Fixed 1',
      'Withdrawn 1',
    ]);
    const rows = news.locator('tbody tr');
    expect(await rows.count()).toBe(10);
    expect(await rows.nth(0).innerText()).toMatch(/CVE-2025-3000[\s\S]*no finding[\s\S]*Critical[\s\S]*image$/);
    expect(await rows.nth(1).innerText()).toMatch(/feed debian\s+2026-01-01$/);
    const rescored = page().getByRole('region', { name: 'Re-scored', exact: true });
    expect(await rescored.locator('tbody tr').innerText()).toMatch(/Low 1\.0-1[\s\S]*High 1\.0-1/);
    await expect
      .poll(main, PATIENT)
      .toContain('Compared with the image that this reference pointed to at 2025-12-26 00:00 UTC');
    expect(
      await page()
        .getByRole('link', { name: new RegExp(`^${OLDER.digest.slice(0, 19)}`) })
        .count(),
    ).toBe(2);
    await page()
      .getByRole('navigation', { name: 'Pages of New' })
      .getByRole('button', { name: 'Next', exact: true })
      .click();
    expect(await rows.count()).toBe(2);
    expect(await violations()).toEqual([]);
  });

  it.each([
    [{ comparedWith: null }, 'pointed to at 2025-12-26 00:00 UTC. This image is compared with itself'],
    [
      { comparedWith: { digest: DIGEST, scannedAt: OLDER.scannedAt } },
      'The reference already pointed to this image at',
    ],
    [
      { isWhole: false, knownFrom: '2025-12-30T06:00:00.000Z' },
      'Feed changes between 2025-12-26 00:00 UTC and 2025-12-30 06:00 UTC are missing: the change log starts later',
    ],
    [{ isWhole: false, knownFrom: null }, 'The change log does not reach back to'],
  ])('describes changes with %j: %s', async (parts, words) => {
    await open({ ...reportAnswer(), ...imageChangesAnswer(parts) }, tab('changes'));
    await expect.poll(main, PATIENT).toContain(words);
  });

  it('requests the changes since a chosen time', async () => {
    await open(reportAnswer(), tab('changes'));
    await page().getByRole('region', { name: 'New', exact: true }).waitFor();
    const asked = (): string => {
      const requests = server().asked.filter(({ request }) => request.includes('/changes?'));
      return new URLSearchParams(requests.at(-1)?.request.split('?')[1]).get('since') ?? '';
    };
    const daysAgo = (): number => Math.round((Date.now() - Date.parse(asked())) / DAY_MS);
    expect(await page().getByLabel('7 days ago').isChecked()).toBe(true);
    expect(daysAgo()).toBe(7);
    await page().getByLabel('7 days ago').focus();
    await page().keyboard.press('ArrowRight');
    await expect.poll(daysAgo, PATIENT).toBe(30);
    await page().getByLabel('24 hours ago').check();
    await expect.poll(daysAgo, PATIENT).toBe(1);
    await page().getByLabel('a date').check();
    await page().getByLabel('Date', { exact: true }).fill('2026-01-02');
    await expect.poll(asked, PATIENT).toBe('2026-01-02T00:00:00.000Z');
    expect(await violations()).toEqual([]);
    // The address contains the choice, so that a reload and the back button keep the choice.
    expect(new URLSearchParams(page().url().split('?')[1]).get('since')).toBe('2026-01-02');
    await page().reload();
    await expect.poll(asked, PATIENT).toBe('2026-01-02T00:00:00.000Z');
    expect(await page().getByLabel('Date', { exact: true }).inputValue()).toBe('2026-01-02');
    await page().goBack();
    await expect.poll(async () => await page().getByLabel('24 hours ago').isChecked(), PATIENT).toBe(true);
  });

  it('shows the chosen start of the changes in the form after Back', async () => {
    await open(reportAnswer(), tab('changes'));
    const date = page().getByLabel('Date', { exact: true });
    // The page has handled the new address once it requests the changes.
    const since = (): string | null => new URLSearchParams(server().asked.at(-1)?.request.split('?')[1]).get('since');
    await page().getByLabel('a date').check();
    await date.fill('2026-01-02');
    await expect.poll(since, PATIENT).toBe('2026-01-02T00:00:00.000Z');
    await date.fill('2026-01-03');
    await expect.poll(since, PATIENT).toBe('2026-01-03T00:00:00.000Z');
    await page().goBack();
    await expect.poll(async () => await date.inputValue(), PATIENT).toBe('2026-01-02');
    await page().goBack();
    await expect.poll(async () => await page().getByLabel('7 days ago').isChecked(), PATIENT).toBe(true);
    expect(await date.count()).toBe(0);
  });
});
