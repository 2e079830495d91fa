import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PageFile } from '../../src/api/page/page-files.ts';
import {
  CHANGES_ANSWER,
  DIGEST,
  imagesAnswer,
  numberedFinding,
  reportAnswer,
  sourcesAnswer,
  vulnerabilityAnswer,
} from '../fixtures/page-answers.ts';
import { buildPageFiles, type PageAnswers, type PageServer, startPageServer } from '../fixtures/page-server.ts';

/** Debian's; without it only the size of the page is looked at. */
const CHROMIUM = '/usr/bin/chromium';

/** Pictures of each state, for people. */
const SCREENSHOTS = fileURLToPath(new URL('../../screenshots', import.meta.url));

const MAX_SCRIPT_BYTES = 60 * 1000;

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

/** Machines of tests are slow. */
const PATIENT = { timeout: 30_000 };

const CVE = 'CVE-2024-1086';

const STALE = {
  code: 'source-stale',
  message: 'the data of debian is 9 days old',
  where: 'debian',
  incomplete: true,
} as const;

const FAULT = { error: { code: 'database/unavailable', message: 'The database does not answer.', remedy: 'Wait.' } };

const NO_DATA = reportAnswer({
  vulnerabilities: [],
  suppressed: [],
  problems: [{ code: 'namespace-without-data', message: 'no source speaks of plan9:4', where: '', incomplete: true }],
});

let files: readonly PageFile[];
beforeAll(async () => {
  files = await buildPageFiles();
  mkdirSync(SCREENSHOTS, { recursive: true });
});

describe('the page', () => {
  it('loads less than 60 kB of compressed script at first', () => {
    const scripts = files.filter(({ path }) => path.endsWith('.js'));
    expect(scripts).not.toEqual([]);
    const bytes = scripts.reduce((sum, { content }) => sum + gzipSync(content).length, 0);
    expect(bytes).toBeLessThan(MAX_SCRIPT_BYTES);
  });
});

describe.skipIf(!existsSync(CHROMIUM))('the page in Chromium', () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    server = await startPageServer(files);
    // What runs here as root has no sandbox; all that is loaded is ours.
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // A status of the API is written there by the browser itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) complaints.push(`asks ${request.url()}`);
    });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function open(answers: PageAnswers, hash = ''): Promise<void> {
    server.answer(answers);
    await page.goto(`${server.url}/${hash}`);
  }

  const main = async (): Promise<string> => await page.locator('main').innerText();

  describe.each<[name: string, answers: PageAnswers, hash: string, words: string]>([
    ['images', imagesAnswer(5), '', 'registry.example.org/team/service-0:1.0'],
    ['images-empty', imagesAnswer(0), '', 'No image is known yet'],
    ['images-loading', { 'GET images': 'never' }, '', 'Loading the images'],
    ['images-failed', { 'GET images': { status: 503, body: FAULT } }, '', 'The database does not answer.'],
    ['images-locked', { 'GET images': { status: 401, body: FAULT } }, '', 'This server wants a token'],
    ['image', reportAnswer(), IMAGE, 'What came with the base image'],
    ['image-stale', reportAnswer({ problems: [STALE] }), IMAGE, 'the data of debian is 9 days old'],
    ['image-without-data', NO_DATA, IMAGE, 'No vulnerability was found, but the answer is incomplete.'],
    ['image-unknown', {}, IMAGE, 'Could not load the image.'],
    ['sources', sourcesAnswer(true), '#/sources', '2 images waiting to be read, 1 being read'],
    ['sources-stale', sourcesAnswer(false), '#/sources', 'Of 2 sources the last update failed'],
    ['image-without-graph', withoutGraph(), IMAGE, 'Only what is there at the top is shown'],
    ['look-up', {}, '#/vulnerabilities', 'Identifier'],
    ['vulnerability', vulnerabilityAnswer(CVE), `#/vulnerabilities/${CVE}`, 'is known to be exploited'],
    ['vulnerability-unknown', {}, `#/vulnerabilities/${CVE}`, 'Could not load the vulnerability.'],
    ['changes', CHANGES_ANSWER, '#/changes', 'with the first update of the source'],
    ['changes-none', { 'GET changes': { body: { changes: [], nextPage: null } } }, '#/changes', 'Nothing changed yet'],
    ['nowhere', {}, '#/nowhere', 'There is no such page'],
  ])('%s', (name, answers, hash, words) => {
    it.each([
      ['light', 1200],
      ['dark', 1200],
      ['light', 360],
    ] as const)('is said in %s and %i wide, and reads well for all', async (colorScheme, width) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await open(answers, hash);
      await page.getByText(words).first().waitFor();
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      expect(await violations(page)).toEqual([]);
      // Nothing is cut off, and nobody has to move the page sideways to read it.
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    });
  });

  it('says problems before all findings, and shows what is suppressed with who said so', async () => {
    await open(reportAnswer({ problems: [STALE] }), IMAGE);
    await page.getByText('Suppressed findings').waitFor();
    const text = await main();
    expect(text.indexOf('The answer is incomplete')).toBeLessThan(text.indexOf('Brings in'));
    expect(text).toContain('vulnerable_code_not_in_execute_path');
    expect(await page.getByRole('region', { name: 'Table of findings' }).innerText()).not.toContain('CVE-2024-1099');
  });

  it('leads from layer to layer by keys, and opens one', async () => {
    await open(reportAnswer(), IMAGE);
    const layers = page.locator('[data-layer]');
    await layers.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await layers.nth(2).getAttribute('aria-expanded')).toBe('true');
    const opened = page.locator('#layer-2');
    expect(await opened.innerText()).toMatch(/Repairs 7 findings[\s\S]*Adds 1 package[\s\S]*package-3 1.0-3/);
    await page.screenshot({ path: `${SCREENSHOTS}/layer-open.png`, fullPage: true });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.dataset.layer')).toBe('3');
  });

  it('draws the version line of a package on demand', async () => {
    await open(reportAnswer(), IMAGE);
    await page.locator('[data-layer="2"]').click();
    await page.getByText('openssl in debian:12: 3 vulnerable ranges').click();
    const line = page.getByRole('region', { name: 'Version line of openssl' });
    expect(await line.getByRole('list', { name: 'Installed versions' }).innerText()).toMatch(
      /3\.0\.9-1 from layer 1, until layer 3\s+3\.0\.11-1~deb12u2 from layer 3/,
    );
    const bars = line.getByRole('list', { name: 'Vulnerable ranges' }).getByRole('listitem');
    expect(await bars.allInnerTexts()).toEqual([
      'CVE-2024-9143 Critical, from 3.0.11-1~deb12u2 on, without a fix',
      'CVE-2023-5363 High, from 0 to below 3.0.11-1~deb12u2',
      'CVE-2024-4741 Medium, from 0 to below 3.0.14-1~deb12u1',
    ]);
    // The point that is installed lies where the bar of what is fixed by it ends, and below the fix of the other.
    const [point, fixed, unfixed] = await Promise.all([
      line.getByText('from layer 3').boundingBox(),
      bars.nth(1).boundingBox(),
      bars.nth(2).boundingBox(),
    ]);
    expect(Math.abs(point!.x - (fixed!.x + fixed!.width))).toBeLessThan(10);
    expect(point!.x).toBeLessThan(unfixed!.x + unfixed!.width - 50);
    await page.screenshot({ path: `${SCREENSHOTS}/version-line.png`, fullPage: true });
    expect(await violations(page)).toEqual([]);
  });

  it('leads from a finding to what the sources say, by pages of ranges', async () => {
    const id = numberedFinding(0).id;
    await open({ ...reportAnswer({ vulnerabilities: [numberedFinding(0)] }), ...vulnerabilityAnswer(id) }, IMAGE);
    await page.getByRole('region', { name: 'Table of findings' }).getByRole('link', { name: id, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: id }).waitFor();
    // Who does not see the page hears that it is another one.
    await expect.poll(async () => await page.evaluate('document.activeElement.id'), PATIENT).toBe('content');
    expect(await page.title()).toBe(`${id} – Clair`);
    const rows = page.getByRole('region', { name: 'Ranges of debian' }).locator('tbody tr');
    expect(await rows.count()).toBe(50);
    expect(await rows.nth(1).innerText()).toContain('[5.10, 6.1.1-1)');
    await page.getByLabel('Release or package').fill('linux-119');
    expect(await rows.count()).toBe(1);
  });

  it('turns the pages of a list by the tokens of the API', async () => {
    await open(CHANGES_ANSWER, '#/changes');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2').waitFor();
    await expect.poll(() => server.asked.at(-1)?.request, PATIENT).toBe('GET changes?limit=100&page=more');
    await page.getByRole('button', { name: 'Previous' }).click();
    await expect.poll(() => server.asked.at(-1)?.request, PATIENT).toBe('GET changes?limit=100');
  });

  it('looks a vulnerability up by its name', async () => {
    await open(vulnerabilityAnswer(CVE), '#/vulnerabilities');
    await page.getByLabel('Identifier').fill(CVE);
    await page.keyboard.press('Enter');
    await page.getByText('is known to be exploited').waitFor();
    expect(page.url()).toBe(`${server.url}/#/vulnerabilities/${CVE}`);
  });

  it('shows ten thousand findings by pages, and finds one among them', async () => {
    const vulnerabilities = Array.from({ length: 10_000 }, (_, number) => numberedFinding(number));
    await open(reportAnswer({ vulnerabilities }), IMAGE);
    const table = page.getByRole('region', { name: 'Table of findings' });
    const rows = table.locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(100);
    await page.getByRole('button', { name: 'Last' }).click();
    expect(await main()).toContain('Page 100 of 100');
    await table.getByRole('button', { name: 'Vulnerability' }).click();
    expect(await rows.first().innerText()).toContain('CVE-2024-1000');
    await table.getByRole('button', { name: 'Vulnerability' }).click();
    expect(await rows.first().innerText()).toContain('CVE-2024-10999');
    expect(await table.locator('th[aria-sort="descending"]').innerText()).toContain('Vulnerability');
    await page.screenshot({ path: `${SCREENSHOTS}/findings-many.png` });
    await page.getByPlaceholder('CVE or package').fill('cve-2024-7778');
    expect(await rows.count()).toBe(1);
    await page.getByLabel('Fixable').check();
    expect(await main()).toContain('0 of 10,000 findings');
    expect(await violations(page)).toEqual([]);
  });

  it('shows words of strangers as words', async () => {
    const name = '<img src=x onerror=alert(1)>\u202Egpj.exe';
    const link = 'javascript:alert(1)';
    const finding = { ...numberedFinding(1), id: name, package: name, description: name, link };
    await open(reportAnswer({ vulnerabilities: [finding] }), IMAGE);
    await page.getByRole('region', { name: 'Table of findings' }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
  });

  it('asks for a token, sends it from then on, and says when it is refused', async () => {
    await open({ 'GET images': { status: 401, body: FAULT } });
    await page.getByLabel('Bearer token').fill('wrong');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('The token was not accepted').waitFor();
    expect(server.asked.at(-1)?.token).toBe('Bearer wrong');
    server.answer(imagesAnswer(2));
    await page.getByLabel('Bearer token').fill('right');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('region', { name: 'Images' }).waitFor();
    expect(server.asked.at(-1)?.token).toBe('Bearer right');
  });

  it('tries again when asked to', async () => {
    await open({ 'GET images': { status: 503, body: FAULT } });
    await page.getByText('Could not load the images.').waitFor();
    server.answer(imagesAnswer(1));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('region', { name: 'Images' }).waitFor();
    expect(await main()).not.toContain('Could not load');
  });

  it('submits an image by its name, and follows it until it is there', async () => {
    const submission = { id: 's1', target: 'debian:12', platform: null, images: [], error: null };
    const reading = { ...submission, state: 'reading', layers: { total: 4, done: 2, known: 1 } };
    const done = { ...submission, state: 'done', layers: { total: 4, done: 4, known: 1 }, images: [DIGEST] };
    await open({
      ...imagesAnswer(0),
      'POST images': { status: 202, body: { submission: { ...reading, state: 'queued' } } },
      'GET submissions/s1/events': {
        events: [
          ': open\n\n',
          `event: progress\ndata: ${JSON.stringify(reading)}\n\n`,
          `event: done\ndata: ${JSON.stringify(done)}\n\n`,
        ],
      },
    });
    await page.getByLabel('Name').fill('debian:12');
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('debian:12 is read:').waitFor();
    expect(await page.locator('.way a').getAttribute('href')).toBe(IMAGE);
    // The list is asked for again: the image may be in it now.
    await expect.poll(() => server.asked.at(-1)?.request, PATIENT).toMatch(/^GET images\?/);
  });

  it('follows an image on when the stream of events is cut off', async () => {
    const layers = { total: 4, done: 2, known: 1 };
    const submission = { id: 's3', target: 'debian:12', platform: null, images: [], layers, error: null };
    const told = (state: string): PageAnswers => ({
      ...imagesAnswer(0),
      'POST images': { status: 202, body: { submission: { ...submission, state: 'queued' } } },
      'GET submissions/s3/events': { events: [`data: ${JSON.stringify({ ...submission, state })}\n\n`] },
    });
    await open(told('reading'));
    await page.getByLabel('Name').fill('debian:12');
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('Reading debian:12: 2 of 4 layers, 1 known already').waitFor();
    server.answer(told('done'));
    await page.getByText('debian:12 is read:').waitFor();
    expect(server.asked[0]?.request).toBe('GET submissions/s3/events');
  });

  it('submits an archive, and says why it could not be read', async () => {
    const layers = { total: 0, done: 0, known: 0 };
    const submission = {
      id: 's2',
      target: 'app.tar',
      platform: null,
      images: [],
      layers,
      state: 'queued',
      error: null,
    };
    const error = { code: 'image/unreadable', message: 'The archive has no manifest.', remedy: 'Save it again.' };
    await open({
      ...imagesAnswer(0),
      'POST images': { status: 202, body: { submission } },
      'GET submissions/s2/events': {
        events: [`event: failed\ndata: ${JSON.stringify({ ...submission, state: 'failed', error })}\n\n`],
      },
    });
    const buffer = Buffer.from('no archive');
    await page.getByLabel('or an archive').setInputFiles({ name: 'app.tar', mimeType: 'application/x-tar', buffer });
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('The archive has no manifest.').waitFor();
    expect(server.asked.map(({ request }) => request)).toContain('POST images?name=app.tar');
    expect(await violations(page)).toEqual([]);
  });

  it('searches images at the server, and sorts those that are there', async () => {
    await open(imagesAnswer(5));
    await page.getByLabel('Search').fill('service');
    await page.keyboard.press('Enter');
    await expect.poll(() => server.asked.at(-1)?.request, PATIENT).toBe('GET images?limit=100&search=service');
    const rows = page.locator('table.images tbody tr');
    await page.getByRole('button', { name: 'Packages' }).click();
    expect(await rows.first().innerText()).toContain('service-4');
    await page.getByRole('button', { name: 'Packages' }).click();
    expect(await rows.first().innerText()).toContain('service-0');
  });
});

/** The report of an image alone. */
function withoutGraph(): PageAnswers {
  const answers = reportAnswer();
  return Object.fromEntries(Object.entries(answers).filter(([request]) => !request.endsWith('/graph')));
}

/** What axe finds wrong with the page as it is, by the rules of WCAG 2.2 A and AA and good practice. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<axe.AxeResults>('axe.run(document)');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}
