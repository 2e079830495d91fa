import { expect, it } from 'vitest';
import { notificationsAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import type { PageAnswer } from './page-server.ts';

const DEAD = '#/notifications?state=dead';

const FIRST = 'ec45ec87-bfc8-4129-a1c3-d2b826221750';

const RETRY_FIRST = 'Retry CVE-2024-3000 (new vulnerability)';

function refused(status: number, message: string): PageAnswer {
  return { status, body: { error: { code: 'test/refused', message, remedy: 'Wait.' } } };
}

describeInBrowser('failed notifications', ({ open, page, server, main, picture, violations }) => {
  const writes = (): readonly string[] =>
    server()
      .asked.map(({ request }) => request)
      .filter((request) => request.startsWith('POST '));

  const listings = (): number =>
    server().asked.filter(({ request }) => request === 'GET notifications?limit=50&state=dead').length;

  it('are retried one by one with the keyboard, and the result is announced', async () => {
    const answer: PageAnswer = { body: { retried: 1, names: [FIRST] } };
    await open({ ...notificationsAnswer(), [`POST notifications/${FIRST}/retry`]: answer }, DEAD);
    await page().getByRole('button', { name: RETRY_FIRST }).focus();
    await page().keyboard.press('Enter');
    const outcome = page().getByRole('status').filter({ hasText: 'The notification is back in the queue.' });
    await outcome.waitFor();
    expect(writes()).toEqual([`POST notifications/${FIRST}/retry`]);
    await expect.poll(listings, PATIENT).toBe(2);
    // The button might disappear, so the keyboard focus moves to the result.
    expect(await page().evaluate('document.activeElement.textContent')).toContain('The notification is back');
    await picture('notifications-retried');
    expect(await violations()).toEqual([]);
  });

  it('are retried all at once', async () => {
    const answer: PageAnswer = { body: { retried: 1234, names: [FIRST] } };
    await open({ ...notificationsAnswer(), 'POST notifications/retry': answer }, DEAD);
    await page().getByRole('button', { name: 'Retry all', exact: true }).click();
    await expect.poll(main, PATIENT).toContain('1,234 notifications are back in the queue.');
    expect(writes()).toEqual(['POST notifications/retry']);
  });

  it.each<[string, string, string, PageAnswer, string]>([
    [
      'one',
      RETRY_FIRST,
      `POST notifications/${FIRST}/retry`,
      refused(409, `notification ${FIRST} is not dead: it was read`),
      `Could not retry the notification about CVE-2024-3000. Notification ${FIRST} is not dead: it was read. Wait.`,
    ],
    [
      'all',
      'Retry all',
      'POST notifications/retry',
      refused(503, 'the database does not answer'),
      'Could not retry the notifications. The database does not answer. Wait.',
    ],
  ])('show why %s could not be retried', async (_what, name, request, answer, words) => {
    await open({ ...notificationsAnswer(), [request]: answer }, DEAD);
    await page().getByRole('button', { name }).click();
    await expect.poll(main, PATIENT).toContain(words);
    expect(await page().getByRole('button', { name }).isEnabled()).toBe(true);
    // Another list does not show the result.
    await page().getByRole('link', { name: 'Waiting', exact: true }).click();
    await page().getByText('2 failed attempts').first().waitFor();
    expect(await main()).not.toContain('Could not retry');
  });

  it('have no buttons for a read-only token, nor in other states', async () => {
    await open(notificationsAnswer('read-only'), DEAD);
    await page().getByText('50 failed attempts').first().waitFor();
    await page().waitForLoadState('networkidle');
    expect(await page().getByRole('button', { name: /Retry/ }).count()).toBe(0);
    await open(notificationsAnswer(), '#/notifications');
    await page().getByText('2 failed attempts').first().waitFor();
    await page().waitForLoadState('networkidle');
    expect(await page().getByRole('button', { name: /Retry/ }).count()).toBe(0);
  });
});

describeInBrowser('the history of deliveries', ({ open, page, main, picture, violations }) => {
  it('shows times, channels, attempts and the next step', async () => {
    await open(notificationsAnswer(), '#/notifications?state=delivered');
    const rows = page().getByRole('region', { name: 'Notifications', exact: true }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.nth(0).innerText()).toMatch(
      /Delivered 2026-01-02 04:00 UTC to webhook and amqp\s+5 attempts, 2 deliveries\s+Last failed attempt 2026-01-02 03:30 UTC: webhook: hook\.example answers with 502\s+Next reminder unless read: 2026-01-02 06:00 UTC/,
    );
    expect(await rows.nth(1).innerText()).toMatch(
      /5 attempts\s+Last failed[^]*Marked as read on delivery, so no reminders are sent\.$/,
    );
    expect(await rows.nth(2).innerText()).toMatch(/Read 2026-01-02 05:00 UTC$/);
    await picture('notifications-history');
    expect(await violations()).toEqual([]);
  });

  it('shows that the list is empty', async () => {
    const none: PageAnswer = { body: { notifications: [], nextPage: null } };
    await open({ 'GET notifications': none }, '#/notifications?state=delivered');
    await expect.poll(main, PATIENT).toContain('No delivered notifications');
  });
});
