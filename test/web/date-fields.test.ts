/** Dates that a field does not accept. */
import { expect, it } from 'vitest';
import { CHANGES_ANSWER, ignoreRulesAnswer, overviewAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { DIGEST, imageChangesAnswer, reportAnswer } from './page-image-answers.ts';
import type { PageAnswer } from './page-server.ts';

/** The browser reports an unreadable text, which the value omits, only while the text is in the field. */
const STATE = `(() => {
  const input = document.querySelector('input[type="date"]');
  return {
    isInvalid: input.getAttribute('aria-invalid'),
    reason: document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent ?? null,
    isTyped: input.value !== '' || input.validity.badInput,
  };
})()`;

const UNREADABLE = 'This date is incomplete or does not exist.';

describeInBrowser('a date field', ({ open, page, server, pictures, violations }) => {
  /** Returns what assistive technology reads about the date field, and whether the field contains text. */
  async function state(): Promise<object> {
    return await page().evaluate<object>(STATE);
  }

  const accepted = { isInvalid: 'false', reason: null, isTyped: true };

  async function type(label: string, keys: string): Promise<void> {
    await page().getByLabel(label, { exact: true }).focus();
    for (const key of keys) await page().keyboard.press(key);
  }

  const changesRequests = (): readonly string[] =>
    server()
      .asked.map(({ request }) => request)
      .filter((request) => request.startsWith('GET changes'));

  it.each([
    ['02302026', UNREADABLE],
    ['0230', UNREADABLE],
    ['01021999', 'Enter a date from 2000-01-01 on.'],
    ['01022999', 'Enter a date up to today (UTC).'],
  ])('of the changes says why %s is not accepted, keeps it, and requests nothing', async (keys, reason) => {
    await open({ ...CHANGES_ANSWER, ...overviewAnswer() }, '#/changes');
    await page().getByLabel('a date').check();
    await page().getByText('1,514 changes.').waitFor();
    const before = changesRequests();
    await type('Date', keys);
    expect(await state()).toEqual(accepted);
    await page().keyboard.press('Enter');
    await page().getByText(reason).waitFor();
    expect(await state()).toEqual({ isInvalid: 'true', reason, isTyped: true });
    expect(changesRequests()).toEqual(before);
    expect(await violations()).toEqual([]);
    await page().getByLabel('Date', { exact: true }).fill('2026-01-02');
    await expect.poll(async () => await state(), PATIENT).toEqual(accepted);
    await expect.poll(() => changesRequests().at(-1), PATIENT).toContain('since=2026-01-02T00:00:00.000Z');
  });

  it('of the changes says what is missing when the reader leaves it, and nothing about another period', async () => {
    await open({ ...CHANGES_ANSWER, ...overviewAnswer() }, '#/changes?since=2026-01-02');
    await page().getByText('1,514 changes.').waitFor();
    await page().getByLabel('Date', { exact: true }).fill('');
    await page().getByLabel('First imports of feeds').focus();
    await page().getByText('Enter a date.').waitFor();
    await pictures('changes-date-missing');
    await page().getByLabel('7 days ago').check();
    await page().getByText('Enter a date.').waitFor({ state: 'detached' });
    await page().goBack();
    await page().getByLabel('Date', { exact: true }).waitFor();
    expect(await state()).toEqual(accepted);
  });

  it('of the changes of an image says why it is not accepted', async () => {
    const image = `#/images/${encodeURIComponent(DIGEST)}?tab=changes&since=2026-01-02`;
    await open({ ...reportAnswer(), ...imageChangesAnswer() }, image);
    await type('Date', '02302026');
    await page().getByLabel('24 hours ago').focus();
    await page().getByText(UNREADABLE).waitFor();
    expect(await state()).toEqual({ isInvalid: 'true', reason: UNREADABLE, isTyped: true });
  });

  it.each([
    ['02302099', UNREADABLE],
    ['01022020', 'Enter today or a later date (UTC).'],
  ])('of an ignore rule says why %s is not accepted, keeps it, and creates no rule', async (keys, reason) => {
    const created: PageAnswer = { status: 201, body: { name: 'r9', id: ['CVE-2024-1'], reason: 'r', state: 'active' } };
    await open({ ...ignoreRulesAnswer(), 'POST ignore-rules': created }, '#/ignore-rules');
    const writes = (): number => server().asked.filter(({ request }) => request === 'POST ignore-rules').length;
    await page().getByText('New rule').click();
    await page().getByLabel('Reason').fill('r');
    await type('Until', keys);
    await page().getByRole('button', { name: 'Create rule', exact: true }).click();
    await page().getByText(reason).waitFor();
    expect(await state()).toEqual({ isInvalid: 'true', reason, isTyped: true });
    expect(await page().evaluate('document.activeElement.name')).toBe('expires');
    expect(await page().getByLabel('Reason').inputValue()).toBe('r');
    expect(writes()).toBe(0);
    expect(await violations()).toEqual([]);
    await pictures(`ignore-rule-date-${keys}`);
    await page().getByLabel('Until', { exact: true }).fill('2099-12-31');
    expect(await state()).toEqual(accepted);
    await page().getByRole('button', { name: 'Create rule', exact: true }).click();
    await expect.poll(writes, PATIENT).toBe(1);
  });

  it('of an ignore rule may be empty, because a rule without a date does not expire', async () => {
    await open(ignoreRulesAnswer(), '#/ignore-rules');
    await page().getByText('New rule').click();
    await page().getByLabel('Until', { exact: true }).fill('');
    await page().getByLabel('Author').focus();
    expect(await state()).toEqual({ isInvalid: 'false', reason: null, isTyped: false });
  });
});
