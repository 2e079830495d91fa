import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../test/fixtures/headless-browser.ts';

/** The size of the part of the page that fits beside text, in pixels. The rest of the page is cropped. */
const VIEWPORT = { width: 1000, height: 1290 };

/** The number of pixel rows to crop at a time from a picture that has too many bytes. */
const STEP = 100;

/** The colour schemes of the pictures, which are part of the file names. */
export const COLOR_SCHEMES = ['light', 'dark'] as const;

/**
 * Takes light and dark pictures of a page when the page shows the given words.
 *
 * @param maxBytes the limit of a picture; a larger picture is cropped at the bottom
 * @param pathOf returns the output path of a colour scheme
 * @throws Error if Chromium is not installed, or if the words do not appear within 30 seconds
 */
export async function takePage(
  address: string,
  { words, maxBytes }: { readonly words: string; readonly maxBytes: number },
  pathOf: (scheme: (typeof COLOR_SCHEMES)[number]) => string,
): Promise<void> {
  const browser = await launchBrowser();
  try {
    for (const colorScheme of COLOR_SCHEMES) {
      const page = await browser.newPage({ viewport: VIEWPORT, colorScheme });
      await page.goto(address);
      await page.getByText(words).first().waitFor();
      await page.waitForLoadState('networkidle');
      writeFileSync(pathOf(colorScheme), await screenshotOf(page, maxBytes));
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

async function screenshotOf(page: Page, maxBytes: number): Promise<Buffer> {
  const { width } = VIEWPORT;
  let size = 0;
  for (let { height } = VIEWPORT; height > STEP; height -= STEP) {
    const bytes = await page.screenshot({ animations: 'disabled', clip: { x: 0, y: 0, width, height } });
    if (bytes.length <= maxBytes) return bytes;
    size = bytes.length;
  }
  throw new Error(`even the top of the page is ${size} bytes; the limit is ${maxBytes}`);
}
