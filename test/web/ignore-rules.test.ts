import { expect, it } from 'vitest';
import { ignoreRulesAnswer } from './page-answers.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { DIGEST, reportAnswer } from './page-image-answers.ts';
import type { PageAnswer } from './page-server.ts';

const IMAGE = `#/images/${encodeURIComponent(DIGEST)}`;

const CREATED: PageAnswer = {
  status: 201,
  body: { name: 'r9', id: ['CVE-2024-1'], package: 'zlib', reason: 'r', state: 'active' },
};

describeInBrowser('ignore rules', ({ open, page, server, main, picture, violations }) => {
  const writes = (): readonly string[] =>
    server()
      .asked.map(({ request }) => request)
      .filter((request) => !request.startsWith('GET '));

  const readings = (part: string): number => server().asked.filter(({ request }) => request.startsWith(part)).length;

  it('are created from the details of a finding, and the report is loaded again', async () => {
    await open({ ...reportAnswer(), ...ignoreRulesAnswer(), 'POST ignore-rules': CREATED }, IMAGE);
    const link = page().getByRole('region', { name: 'Table of findings', exact: true }).locator('tbody th a').first();
    const id = (await link.innerText()).trim();
    await link.click();
    const panel = page().getByRole('complementary');
    await panel.getByText('Ignore …').click();
    expect(await panel.getByLabel('Vulnerabilities').inputValue()).toBe(id);
    expect(await panel.getByLabel('Package').inputValue()).not.toBe('');
    await picture('image-ignore-form', false);
    expect(await violations()).toEqual([]);
    await page().emulateMedia({ colorScheme: 'dark' });
    await page().setViewportSize({ width: 320, height: 800 });
    await picture('image-ignore-form-dark-320', false);
    expect(await violations()).toEqual([]);
    await panel.getByLabel('Reason').fill('Not reachable.');
    await panel.getByLabel('Reason').press('Enter');
    await page()
      .getByRole('status')
      .filter({ hasText: `Created an ignore rule for ${id}` })
      .waitFor();
    expect(writes()).toEqual(['POST ignore-rules']);
    await expect.poll(() => readings(`GET images/${DIGEST}/report`), PATIENT).toBe(2);
    expect(await page().evaluate('document.activeElement.textContent')).toContain('Created an ignore rule');
  });

  it('show why a rule could not be created', async () => {
    const error = { code: 'ignore-rule/invalid', message: 'expires is in the past', remedy: 'Correct the keys.' };
    await open({ ...ignoreRulesAnswer(), 'POST ignore-rules': { status: 400, body: { error } } }, '#/ignore-rules');
    await page().getByText('New rule').click();
    await page().getByLabel('Reason').fill('r');
    await page().getByRole('button', { name: 'Create rule', exact: true }).click();
    await page().getByRole('alert').filter({ hasText: 'Expires is in the past. Correct the keys.' }).waitFor();
    expect(await page().getByLabel('Reason').inputValue()).toBe('r');
    await picture('ignore-rules-refused');
    expect(await violations()).toEqual([]);
  });

  it('end with a button, by the keyboard', async () => {
    await open({ ...ignoreRulesAnswer(), 'DELETE ignore-rules/r1': { status: 204, body: null } }, '#/ignore-rules');
    await page().getByRole('button', { name: 'End rule for CVE-2024-1086', exact: true }).first().focus();
    await page().keyboard.press('Enter');
    await page().getByRole('status').filter({ hasText: 'Ended the rule for CVE-2024-1086.' }).waitFor();
    expect(writes()).toEqual(['DELETE ignore-rules/r1']);
    await expect.poll(() => readings('GET ignore-rules'), PATIENT).toBe(2);
  });

  it('have no buttons for a read-only token', async () => {
    await open({ ...reportAnswer(), ...ignoreRulesAnswer('read-only') }, '#/ignore-rules');
    await page().getByText('The container has no capabilities.').first().waitFor();
    await page().waitForLoadState('networkidle');
    expect(await main()).not.toMatch(/New rule|End rule/);
  });

  it('are searched', async () => {
    await open(ignoreRulesAnswer(), '#/ignore-rules');
    await page().getByRole('searchbox').fill('none');
    await page().getByRole('searchbox').press('Enter');
    await expect.poll(main, PATIENT).toContain('No active rule matches “none”.');
    expect(await page().evaluate('window.location.hash')).toBe('#/ignore-rules?state=active&search=none');
  });
});
