import { expect, it } from 'vitest';
import { CHANGES_ANSWER, overviewAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import type { PageAnswer } from './page-server.ts';

const DAY_MS = 86_400_000;

/** The list since a date, whose requests do not depend on the time. */
const SINCE = '#/changes?since=2026-01-01&firstImports=true';
const REQUEST = 'GET changes?limit=100&since=2026-01-01T00:00:00.000Z';

function pageOf(count: number, nextPage: string | null, total?: number): PageAnswer {
  const change = { feed: 'debian', vulnerability: 'CVE-2024-1', kind: 'added', at: '2026-01-02T00:00:00.000Z' };
  const changes = Array.from({ length: count }, () => ({ ...change, isInitial: false, before: null, after: 'Low' }));
  return {
    body: { changes, nextPage },
    ...(total !== undefined && { headers: { 'x-total-count': String(total) } }),
  };
}

describeInBrowser('the page of changes', ({ open, page, server, main, violations }) => {
  const asked = (): string | undefined => server().asked.at(-1)?.request;
  const parametersOf = (text: string | undefined): Record<string, string> =>
    Object.fromEntries(new URLSearchParams(text?.split('?')[1]));

  it('shows what changed since a date after three clicks, without first imports', async () => {
    await open({ ...overviewAnswer(), ...CHANGES_ANSWER }, '#/');
    await page().getByRole('link', { name: 'Changes', exact: true }).first().click();
    await page().getByLabel('a date').check();
    await page().getByLabel('Date', { exact: true }).fill('2026-01-02');
    await expect
      .poll(() => parametersOf(asked()), PATIENT)
      .toEqual({ limit: '100', since: '2026-01-02T00:00:00.000Z', firstImports: 'false' });
    await page().getByText('1,514 changes.').waitFor();
    await expect.poll(main, PATIENT).toContain('First import of debian (2,000 advisories) hidden · Show');
    expect(await violations()).toEqual([]);
    await page().getByRole('link', { name: 'Show', exact: true }).click();
    await expect
      .poll(() => parametersOf(asked()), PATIENT)
      .toEqual({ limit: '100', since: '2026-01-02T00:00:00.000Z' });
    expect(parametersOf(page().url())).toEqual({ since: '2026-01-02', firstImports: 'true' });
    await page().getByLabel('First imports of feeds').click();
    await expect.poll(() => parametersOf(page().url()), PATIENT).toEqual({ since: '2026-01-02' });
  });

  it('opens from the overview with the period and the exclusion of its count', async () => {
    await open({ ...overviewAnswer(), ...CHANGES_ANSWER }, '#/');
    await page().getByRole('link', { name: '1,518 advisory changes', exact: true }).click();
    await page().getByRole('region', { name: 'Changes', exact: true }).waitFor();
    const { since = '', ...rest } = parametersOf(asked());
    expect(rest).toEqual({ limit: '100', firstImports: 'false' });
    expect(Math.round((Date.now() - Date.parse(since)) / DAY_MS)).toBe(7);
    expect(await page().getByLabel('7 days ago').isChecked()).toBe(true);
  });

  it('has no link from the overview without changes', async () => {
    await open(overviewAnswer(true), '#/');
    await expect.poll(main, PATIENT).toContain('no advisory changes, excluding first imports of feeds.');
    expect(await page().locator('main').getByRole('link', { name: 'changes' }).count()).toBe(0);
  });

  it('keeps the position in the address, through reloads and back', async () => {
    const second = pageOf(3, null);
    await open({ [REQUEST]: pageOf(100, 'more', 103), [`${REQUEST}&page=more`]: second }, SINCE);
    await page().getByText('1–100 of 103').waitFor();
    await page().getByRole('button', { name: 'Next', exact: true }).click();
    await page().getByText('101–103 of 103').waitFor();
    expect(parametersOf(page().url())['page']).toBe('2');
    await page().reload();
    await page().getByText('101–103 of 103').waitFor();
    await page().getByRole('button', { name: 'Previous', exact: true }).click();
    await page().getByText('1–100 of 103').waitFor();
    await page().goBack();
    await page().getByText('101–103 of 103').waitFor();
  });

  it('says that the total is unknown if the server does not count', async () => {
    await open({ [REQUEST]: pageOf(99, 'more') }, SINCE);
    await page().getByText('1–99 of at least 99').waitFor();
    await expect.poll(main, PATIENT).toContain('At least 99 changes.');
  });

  it('shows the period of the list in its form after Back', async () => {
    await open({ ...CHANGES_ANSWER, ...overviewAnswer() }, '#/changes');
    const date = page().getByLabel('Date', { exact: true });
    await page().getByLabel('a date').check();
    await date.fill('2026-01-02');
    await expect.poll(() => parametersOf(asked())['since'], PATIENT).toBe('2026-01-02T00:00:00.000Z');
    await date.fill('2026-01-03');
    await expect.poll(() => parametersOf(asked())['since'], PATIENT).toBe('2026-01-03T00:00:00.000Z');
    await page().goBack();
    await expect.poll(async () => await date.inputValue(), PATIENT).toBe('2026-01-02');
    await page().goBack();
    await expect.poll(async () => await page().getByLabel('7 days ago').isChecked(), PATIENT).toBe(true);
    expect(await date.count()).toBe(0);
  });

  it('requests no changes since a year that the reader has only typed in part', async () => {
    await open({ ...CHANGES_ANSWER, ...overviewAnswer() }, '#/changes?since=2025-11-03');
    const date = page().getByLabel('Date', { exact: true });
    await date.waitFor();
    await date.focus();
    for (const key of '01022026') await page().keyboard.press(key);
    await expect.poll(() => parametersOf(asked())['since'], PATIENT).toBe('2026-01-02T00:00:00.000Z');
    expect(await date.inputValue()).toBe('2026-01-02');
    const years = server().asked.flatMap(({ request }) => parametersOf(request)['since']?.split('-')[0] ?? []);
    expect(new Set(years)).toEqual(new Set(['2025', '2026']));
  });

  it('returns to the first page when the page token has expired', async () => {
    await open({ [REQUEST]: pageOf(100, 'more', 103) }, SINCE);
    const error = { code: 'request/page-invalid', message: 'the page token is too old', remedy: 'Start anew.' };
    server().answer({
      [REQUEST]: pageOf(100, 'more', 103),
      [`${REQUEST}&page=more`]: { status: 400, body: { error } },
    });
    await page().getByRole('button', { name: 'Next', exact: true }).click();
    await page().getByText('The page token is too old. Start anew.').waitFor();
    expect(await violations()).toEqual([]);
    server().answer({
      [REQUEST]: pageOf(100, 'new', 103),
      [`${REQUEST}&page=more`]: { status: 400, body: { error } },
      [`${REQUEST}&page=new`]: pageOf(3, null),
    });
    await page().getByRole('button', { name: 'Go to the first page', exact: true }).click();
    await page().getByRole('region', { name: 'Changes', exact: true }).waitFor();
    expect(asked()).toBe(REQUEST);
    await page().getByRole('button', { name: 'Next', exact: true }).click();
    await page().getByText('101–103 of 103').waitFor();
  });
});
