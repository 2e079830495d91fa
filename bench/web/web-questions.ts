import type { Locator, Page } from 'playwright-core';
import { startClairServer } from '../../src/api/testing/clair-server.ts';
import { readPageFiles } from '../../src/api/web-ui/files.ts';
import { BROWSER_PROGRAM } from '../../scripts/preflight/test-programs.ts';
import { hasBrowser, launchBrowser } from '../../test/fixtures/headless-browser.ts';
import { type Course, FigureUnavailable } from '../figure.ts';
import { sized } from '../size.ts';
import { fillServer } from './long-lists.ts';

const MAX_CLICKS = 3;

/** Simulates a user who answers a question. Counts clicks, but not typing. */
type Hand = {
  readonly page: Page;
  readonly click: (target: Locator) => Promise<void>;
  /** Opens the palette, types, and selects the first entry with these words. */
  readonly find: (text: string, words: string) => Promise<void>;
  readonly read: (words: RegExp) => Promise<void>;
};

/** The questions of a new reader. Each answer starts at the overview and ends at the words that answer the question. */
const QUESTIONS: readonly { readonly question: string; readonly answer: (hand: Hand) => Promise<void> }[] = [
  {
    question: 'Which images have a known exploited vulnerability?',
    answer: async ({ page, click, read }) => {
      await click(page.getByRole('link', { name: 'with a known exploited vulnerability' }));
      await read(/service-\d+:/);
    },
  },
  {
    question: 'What must I upgrade first in image X?',
    answer: async ({ page, click, find, read }) => {
      await find('large:1', 'large:1');
      await click(page.getByRole('link', { name: 'Upgrades' }));
      await read(/apt-get install/);
    },
  },
  {
    question: 'Which layer brought Y in?',
    answer: async ({ page, click, find, read }) => {
      await find('large:1', 'large:1');
      await page.getByPlaceholder('CVE or package').fill('package-7');
      await click(page.getByRole('region', { name: 'Table of findings' }).locator('td[data-label="Layer"] a'));
      await read(/COPY rootfs/);
    },
  },
  {
    question: 'What changed since Monday?',
    answer: async ({ page, click, read }) => {
      await click(page.getByRole('link', { name: 'Changes' }));
      await click(page.getByLabel('a date'));
      await page.getByLabel('Date', { exact: true }).fill(new Date().toISOString().slice(0, 10));
      await read(/First import of debian \([\d,]+ advisories\) hidden/);
    },
  },
  {
    question: 'Which images does CVE Z touch?',
    answer: async ({ find, read }) => {
      await find('CVE-2024-10028', 'CVE-2024-10028');
      await read(/large:1/);
    },
  },
];

/** Answers five questions of a new reader in Chromium, and counts clicks and seconds, excluding the time to read. */
export const webQuestions: Course = {
  title: `five questions in the web UI, from the overview (aim: at most ${MAX_CLICKS} clicks each; seconds without reading and typing)`,
  async prepare() {
    if (!hasBrowser()) throw new FigureUnavailable(`${BROWSER_PROGRAM} not found`);
    if (readPageFiles().length === 0) throw new FigureUnavailable('the web UI is not built; run npm run build');
  },
  async observe() {
    const server = await startClairServer();
    try {
      await fillServer(server, { images: sized(500, 50), findings: sized(2000, 150) });
      const browser = await launchBrowser();
      try {
        const lines: string[] = [];
        for (const { question, answer } of QUESTIONS) {
          const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
          await page.goto(server.url);
          await page.getByRole('heading', { name: 'Overview' }).waitFor();
          const start = performance.now();
          const clicks = await clicksOf(page, answer);
          const seconds = (performance.now() - start) / 1000;
          const verdict = clicks <= MAX_CLICKS ? 'kept  ' : 'MISSED';
          lines.push(`${verdict} ${question} ${clicks} clicks, ${seconds.toFixed(1)} s`);
          await page.close();
        }
        return lines;
      } finally {
        await browser.close();
      }
    } finally {
      await server.close();
    }
  },
};

async function clicksOf(page: Page, answer: (hand: Hand) => Promise<void>): Promise<number> {
  let clicks = 0;
  const click = async (target: Locator): Promise<void> => {
    clicks += 1;
    await target.first().click();
  };
  await answer({
    page,
    click,
    find: async (text, words) => {
      await click(page.getByRole('button', { name: 'Search', exact: true }));
      await page.getByRole('combobox', { name: 'Search everything' }).fill(text);
      await click(page.getByRole('option', { name: words }));
    },
    read: async (words) => await page.locator('main').getByText(words).filter({ visible: true }).first().waitFor(),
  });
  return clicks;
}
