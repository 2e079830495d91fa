import { expect, it } from 'vitest';
import { feedsAnswer, imagesAnswer, overviewAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { DIGEST, reportAnswer } from './page-image-answers.ts';
import type { PageAnswers } from './page-server.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

const FAULT = { error: { code: 'database/unavailable', message: 'the database does not answer', remedy: 'Wait.' } };

describeInBrowser('the page', ({ open, page, server, main, violations }) => {
  it('shows what is urgent first, and links each number to its images', async () => {
    await open({ ...overviewAnswer(), ...imagesAnswer(5) }, '#/');
    await page().getByText('at least').waitFor();
    expect(server().asked.map(({ request }) => request)).toEqual(['GET overview']);
    const text = await main();
    expect(text).toMatch(/1 feed may lack recent data: alpine \(stale, 9 days old\)/);
    expect(text).toContain('2 images not counted yet.');
    expect(text).toContain('230 images scanned; at least 1,518 advisory changes (1,204 added');
    const numbers = await page().locator('.tile').allInnerTexts();
    expect(numbers.map((number) => number.replaceAll(/\s+/g, ' '))).toEqual([
      '10,024 images',
      '17 with a known exploited vulnerability',
      '412 with fixable findings of High or above',
      '13 with an end-of-life distribution',
      '31 with an incomplete report',
      '16 stale, failing or never updated feeds',
    ]);
    await page().getByRole('link', { name: '412 with fixable' }).click();
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
    expect(server().asked.map(({ request }) => request)).toContain(
      'GET images?limit=100&sort=severity&fixableHigh=true',
    );
    await page().goBack();
    await page()
      .getByRole('row', { name: /debian:9/ })
      .getByRole('link')
      .click();
    await expect
      .poll(() => server().asked.map(({ request }) => request), PATIENT)
      .toContain('GET images?limit=100&sort=severity&distribution=debian:9');
  });

  it('says that KEV data is missing wherever it shows known exploited vulnerabilities', async () => {
    const { body } = feedsAnswer(true)['GET feeds'] as { readonly body: { readonly feeds: readonly object[] } };
    const kev = { ...body.feeds[0], name: 'kev', state: 'never updated', ageSeconds: null, holds: 'enrichments' };
    const feeds = { 'GET feeds': { body: { feeds: [...body.feeds, kev] } } };
    await open({ ...overviewAnswer(true), ...imagesAnswer(3), ...feeds, ...reportAnswer() }, '#/');
    const tile = page().getByRole('link', { name: /with a known exploited vulnerability/ });
    await tile.getByText('KEV feed not loaded').waitFor();
    // The words are not as large as the number.
    const size = await page().evaluate<string>("getComputedStyle(document.querySelector('.tile .mark')).fontSize");
    expect(Number.parseFloat(size)).toBeLessThan(17);
    expect(await page().locator('.tile').last().innerText()).toMatch(/24\s+stale, failing or never updated feeds/);
    expect(await violations()).toEqual([]);
    await page().getByRole('link', { name: 'Images', exact: true }).click();
    await page().locator('label').filter({ hasText: 'Exploited KEV feed not loaded' }).waitFor();
    // Without KEV data, 0 would mean that no exploit is known.
    const exploited = page().getByRole('region', { name: 'Images', exact: true }).locator('td[data-label="Exploited"]');
    expect(await exploited.allInnerTexts()).toEqual(['–', '1', '–']);
    expect(await violations()).toEqual([]);
    await page().getByRole('region', { name: 'Images', exact: true }).getByRole('link').first().click();
    await page().locator('label').filter({ hasText: 'Known exploited KEV feed not loaded' }).waitFor();
  });

  it('requests a token, sends it from then on, and shows when it is rejected', async () => {
    await open({ 'GET images': { status: 401, body: FAULT } });
    await page().getByLabel('Bearer token').fill('wrong');
    await page().getByRole('button', { name: 'Continue', exact: true }).click();
    await page().getByText('The server rejected the token').waitFor();
    expect(server().asked.at(-1)?.token).toBe('Bearer wrong');
    server().answer(imagesAnswer(2));
    await page().getByLabel('Bearer token').fill('right');
    await page().getByRole('button', { name: 'Continue', exact: true }).click();
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
    expect(server().asked.at(-1)?.token).toBe('Bearer right');
  });

  it('retries on request', async () => {
    await open({ 'GET images': { status: 503, body: FAULT } });
    await page().getByText('Could not load the images.').waitFor();
    server().answer(imagesAnswer(1));
    await page().getByRole('button', { name: 'Try again', exact: true }).click();
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
    expect(await main()).not.toContain('Could not load');
  });

  it('submits an image by reference, and follows its progress', async () => {
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
    await page().getByLabel('Name').fill('debian:12');
    await page().getByRole('button', { name: 'Submit', exact: true }).click();
    await page().getByText('debian:12 is indexed:').waitFor();
    expect(await page().locator('.way a').getAttribute('href')).toBe(IMAGE);
    // The list is reloaded, because it might contain the image now.
    const lists = (): number => server().asked.filter(({ request }) => request.startsWith('GET images?')).length;
    await expect.poll(lists, PATIENT).toBeGreaterThan(1);
  });

  it('follows an image after the event stream breaks', async () => {
    const layers = { total: 4, done: 2, known: 1 };
    const submission = { id: 's3', target: 'debian:12', platform: null, images: [], layers, error: null };
    const told = (state: string): PageAnswers => ({
      ...imagesAnswer(0),
      'POST images': { status: 202, body: { submission: { ...submission, state: 'queued' } } },
      'GET submissions/s3/events': { events: [`data: ${JSON.stringify({ ...submission, state })}\n\n`] },
    });
    await open(told('reading'));
    await page().getByLabel('Name').fill('debian:12');
    await page().getByRole('button', { name: 'Submit', exact: true }).click();
    await page().getByText('Reading debian:12: 2 of 4 layers, 1 already indexed').waitFor();
    server().answer(told('done'));
    await page().getByText('debian:12 is indexed:').waitFor();
    expect(server().asked[0]?.request).toBe('GET submissions/s3/events');
  });

  it('states what to do when it cannot read an event of a submission', async () => {
    const layers = { total: 0, done: 0, known: 0 };
    const submission = { id: 's4', target: 'debian:12', platform: null, images: [], layers, error: null };
    await open({
      ...imagesAnswer(0),
      'POST images': { status: 202, body: { submission: { ...submission, state: 'queued' } } },
      'GET submissions/s4/events': { events: ['data: <html>\n\n'] },
    });
    await page().getByLabel('Name').fill('debian:12');
    await page().getByRole('button', { name: 'Submit', exact: true }).click();
    await page().getByText('The server sent an event that the web UI cannot read.').waitFor();
    expect(await main()).toContain('check any proxy in front of the server');
  });

  it('submits an archive, and shows why its analysis failed', async () => {
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
    await page().getByLabel('or an archive').setInputFiles({ name: 'app.tar', mimeType: 'application/x-tar', buffer });
    await page().getByRole('button', { name: 'Submit', exact: true }).click();
    await page().getByText('The archive has no manifest.').waitFor();
    expect(server().asked.map(({ request }) => request)).toContain('POST images?name=app.tar');
    expect(await violations()).toEqual([]);
  });

  it('searches, filters and sorts images on the server', async () => {
    const asked = async (request: string): Promise<void> =>
      await expect.poll(() => server().asked.at(-1)?.request, PATIENT).toBe(`GET images?limit=100&${request}`);
    await open(imagesAnswer(5));
    await page().getByLabel('Search').fill('service');
    await page().keyboard.press('Enter');
    await asked('search=service');
    await page().getByLabel('Minimum severity').selectOption('High');
    await asked('search=service&severity=High');
    await page().getByLabel('Fixable', { exact: true }).check();
    await asked('search=service&severity=High&fixable=true');
    await page().getByRole('button', { name: 'Vulnerabilities', exact: true }).click();
    await asked('search=service&sort=severity&severity=High&fixable=true');
    const heading = page().getByRole('columnheader', { name: 'Vulnerabilities' });
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    await page().getByLabel('Sort by').selectOption('reference');
    await asked('search=service&sort=reference&severity=High&fixable=true');
    await page().goBack();
    await asked('search=service&sort=severity&severity=High&fixable=true');
    expect(await violations()).toEqual([]);
  });

  it('shows whether the counts of an image are missing or stale', async () => {
    await open(imagesAnswer(5, { isCurrent: false }));
    const row = page().getByRole('row', { name: /service-1/ });
    expect(await row.innerText()).toContain('Out of date');
    await page().getByText('Some counts are missing or out of date').waitFor();
    await open(imagesAnswer(0, { isCurrent: false }), '#/images?severity=High');
    await page().getByText('No image matches these filters.').waitFor();
    await expect.poll(main, PATIENT).toContain('Filters may miss images');
  });

  it('keeps the search in its address, and restores it', async () => {
    await open(imagesAnswer(5), '#/images?search=service');
    expect(await page().getByLabel('Search').inputValue()).toBe('service');
    await page().getByLabel('Search').fill('team/');
    await page().keyboard.press('Enter');
    await expect.poll(() => server().asked.at(-1)?.request, PATIENT).toBe('GET images?limit=100&search=team/');
    await page().goBack();
    await expect.poll(() => server().asked.at(-1)?.request, PATIENT).toBe('GET images?limit=100&search=service');
    expect(await page().getByLabel('Search').inputValue()).toBe('service');
  });

  it('does not claim that no image matches before it has read all pages', async () => {
    await open({ 'GET images': { body: { images: [], nextPage: 'on' } } }, '#/images?search=rare');
    await page().getByText('No image matches “rare” so far').waitFor();
    expect(server().asked.filter(({ request }) => request.startsWith('GET images'))).toHaveLength(21);
    server().answer({ 'GET images?limit=100&search=rare&page=on': imagesAnswer(1)['GET images']! });
    await page().getByRole('button', { name: 'Search further', exact: true }).click();
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
  });

  it('works with the keyboard alone', async () => {
    await open(imagesAnswer(2));
    await page().getByRole('region', { name: 'Images', exact: true }).waitFor();
    await page().keyboard.press('Tab');
    await page().keyboard.press('Enter');
    expect(await page().evaluate('document.activeElement.id')).toBe('content');
    await page().keyboard.press('Tab');
    await page().keyboard.press('Enter');
    const reached = new Set<unknown>();
    for (let presses = 0; presses < 40; presses += 1) {
      await page().keyboard.press('Tab');
      reached.add(await page().evaluate('document.activeElement.textContent || document.activeElement.name'));
    }
    const wanted = ['reference', 'archive', 'platform', 'Submit', 'search', 'Search'];
    expect([...reached]).toEqual(expect.arrayContaining(wanted));
    expect([...reached].join(' ')).toMatch(/service-1:1\.1.*service-0:1\.0/s);
  });
});
