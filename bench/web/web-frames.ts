import type { Browser, Page } from 'playwright-core';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { readPageFiles } from '../../src/api/web-ui/files.ts';
import { BROWSER_PROGRAM } from '../../scripts/preflight/test-programs.ts';
import { hasBrowser, launchBrowser } from '../../test/fixtures/headless-browser.ts';
import { type Course, FigureUnavailable } from '../figure.ts';
import { sized } from '../size.ts';
import { type Frames, framesOf, type TraceEvent } from './frame-trace.ts';
import { fillServer } from './long-lists.ts';

/** The numbers of images and findings. */
const IMAGES = sized(10_000, 150);
const FINDINGS = sized(10_000, 150);

/** The aims: milliseconds of a task, milliseconds until a page has content, and compressed bytes of the first view. */
const AIMS = { frame: 50, content: 300, bytes: 60_000 } as const;

const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'];

/** The number of scroll steps, and the distance and pause of each step. */
const STEPS = sized(60, 3);
const STEP_PIXELS = 900;
const STEP_MS = 30;

/** The time for filters and rows to settle. */
const SETTLE_MS = sized(700, 200);

const VIEWPORT = { width: 1280, height: 800 };
const OPENINGS = 5;
const MAX_WAIT_MS = 60_000;

const ROW = 'tbody tr:not(.gap)';

/** Records when the first row appears, and requests an animation frame in each frame. */
const PROBE = `
  new MutationObserver((_, observer) => {
    if (document.querySelector(${JSON.stringify(ROW)}) === null) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.contentAt = performance.now(); });
  }).observe(document, { childList: true, subtree: true });
  const next = () => requestAnimationFrame(next);
  next();
`;

/**
 * Scrolls and filters a list of many images and an image with many findings in Chromium, against a server on loopback.
 */
export const webFrames: Course = {
  title: `web UI with ${IMAGES.toLocaleString('en')} images and an image with ${FINDINGS.toLocaleString('en')} findings in Chromium`,
  async prepare() {
    if (!hasBrowser()) throw new FigureUnavailable(`${BROWSER_PROGRAM} not found`);
    if (readPageFiles().length === 0) throw new FigureUnavailable('the web UI is not built; run npm run build');
  },
  async observe() {
    const server = await startClairServer();
    try {
      const digest = await fillServer(server, { images: IMAGES, findings: FINDINGS });
      const browser = await launchBrowser();
      try {
        return [
          ...(await listLines(browser, server)),
          ...(await imageLines(browser, server, `#/images/${encodeURIComponent(digest)}`)),
        ];
      } finally {
        await browser.close();
      }
    } finally {
      await server.close();
    }
  },
};

async function listLines(browser: Browser, { url }: ClairServer): Promise<readonly string[]> {
  const overview = await openings(browser, `${url}/#/`);
  const images = await openings(browser, `${url}/#/images`);
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.addInitScript(PROBE);
  await opening(page, `${url}/#/images`);
  const rows = page.locator(ROW);
  const lines = [
    verdict(overview.bytes < AIMS.bytes, `first view: ${(overview.bytes / 1000).toFixed(1)} kB (aim: below 60 kB)`),
    contentLine('overview', overview.contentAt),
    contentLine('images', images.contentAt),
    frameLine('images, scrolling', await traced(browser, page, async () => await scroll(page))),
    frameLine('images, jump to the end', await traced(browser, page, async () => await jump(page))),
    frameLine(
      'images, filters and order',
      await traced(browser, page, async () => {
        await page.getByRole('checkbox', { name: /^Exploited/ }).check();
        await page.waitForTimeout(SETTLE_MS);
        await page.getByLabel('Minimum severity').selectOption('High');
        await page.waitForTimeout(SETTLE_MS);
        await page.getByLabel('Sort by').selectOption('severity');
        await page.waitForTimeout(SETTLE_MS);
      }),
    ),
  ];
  await rows.first().waitFor();
  await page.close();
  return lines;
}

async function imageLines(browser: Browser, { url }: ClairServer, hash: string): Promise<readonly string[]> {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.addInitScript(PROBE);
  const { contentAt } = await opening(page, `${url}/${hash}`);
  const table = page.getByRole('region', { name: 'Table of findings' });
  const lines = [
    `       image: ${contentAt.toFixed(0)} ms to content, with the whole report`,
    frameLine('findings, scrolling', await traced(browser, page, async () => await scroll(page))),
    frameLine('findings, jump to the end', await traced(browser, page, async () => await jump(page))),
    frameLine(
      'findings, typed search',
      await traced(browser, page, async () => {
        await page.getByPlaceholder('CVE or package').pressSequentially('package-77', { delay: 60 });
        await page.waitForTimeout(SETTLE_MS);
      }),
    ),
    frameLine(
      'findings, filters and order',
      await traced(browser, page, async () => {
        await page.getByPlaceholder('CVE or package').fill('');
        await page.getByLabel('Minimum severity').selectOption('Low');
        await page.getByLabel('Fixable').check();
        await page.getByLabel('Fixable').uncheck();
        for (const column of ['Vulnerability', 'Package', 'Fixed in', 'Severity']) {
          await table.getByRole('button', { name: column }).click();
          await page.waitForTimeout(SETTLE_MS);
        }
      }),
    ),
  ];
  await page.close();
  return lines;
}

type Opening = { readonly contentAt: number; readonly bytes: number };

/** Opens a page several times without a browser cache; returns the opening with the median time. */
async function openings(browser: Browser, address: string): Promise<Opening> {
  const all: Opening[] = [];
  for (let count = 0; count < OPENINGS; count += 1) {
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.addInitScript(PROBE);
    all.push(await opening(page, address));
    await page.close();
  }
  const sorted = all.toSorted((one, other) => one.contentAt - other.contentAt);
  return sorted[Math.floor(OPENINGS / 2)] ?? { contentAt: Infinity, bytes: Infinity };
}

/** Opens a page; returns the time until its first row, and the compressed bytes of the document, scripts and styles. */
async function opening(page: Page, address: string): Promise<Opening> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const files = new Set<string>();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (!new URL(response.url).pathname.startsWith('/v2/')) files.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (files.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(address);
  await until(page, 'window.contentAt !== undefined');
  const contentAt = await page.evaluate<number>('window.contentAt');
  await page.waitForTimeout(SETTLE_MS);
  await session.detach();
  return { contentAt, bytes };
}

async function scroll(page: Page): Promise<void> {
  await page.mouse.move(600, 500);
  for (let step = 0; step < STEPS; step += 1) {
    await page.mouse.wheel(0, STEP_PIXELS);
    await page.waitForTimeout(STEP_MS);
  }
  await page.waitForTimeout(SETTLE_MS);
}

/** Jumps to the last row, waits until it is loaded, and returns to the first row. */
async function jump(page: Page): Promise<void> {
  await page.keyboard.press('End');
  await page.waitForTimeout(SETTLE_MS);
  await until(page, 'document.querySelector(".unloaded") === null');
  await page.keyboard.press('Home');
  await page.waitForTimeout(SETTLE_MS);
}

/** Waits for a condition; the content security policy forbids `waitForFunction`. */
async function until(page: Page, condition: string): Promise<void> {
  const end = Date.now() + MAX_WAIT_MS;
  while (!(await page.evaluate<boolean>(condition))) {
    if (Date.now() > end) throw new Error(`not within ${MAX_WAIT_MS} ms: ${condition}`);
    await page.waitForTimeout(20);
  }
}

async function traced(browser: Browser, page: Page, work: () => Promise<void>): Promise<Frames> {
  await browser.startTracing(page, { categories: CATEGORIES });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents }: { readonly traceEvents: readonly TraceEvent[] } = JSON.parse(trace.toString());
  return framesOf(traceEvents);
}

/** The aim applies to processor time, because other programs lengthen frames. */
function frameLine(what: string, { count, longestFrame, longestTask }: Frames): string {
  const task = `longest task ${longestTask.toFixed(0)} ms of processor time (aim: at most ${AIMS.frame} ms)`;
  return verdict(
    longestTask <= AIMS.frame,
    `${what}: ${task}; longest of ${count} frames ${longestFrame.toFixed(0)} ms`,
  );
}

function contentLine(what: string, contentAt: number): string {
  return verdict(
    contentAt <= AIMS.content,
    `${what}: ${contentAt.toFixed(0)} ms to content, median of ${OPENINGS} (aim: ${AIMS.content} ms)`,
  );
}

function verdict(isKept: boolean, words: string): string {
  return `${isKept ? 'kept  ' : 'MISSED'} ${words}`;
}
