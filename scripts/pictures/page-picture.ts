import { writeFileSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

/** As much of the page as is looked at beside text; what is further down is cut off. */
const VIEWPORT = { width: 1000, height: 1290 };

/** By how much a picture that has too many bytes is made lower. */
const STEP = 100;

/** In which schemes the page is taken, which are a part of the names of the files. */
export const COLOR_SCHEMES = ['light', 'dark'] as const;

/**
 * Takes pictures of a place of the page, light and dark, once the words can be read there.
 *
 * @param maxBytes how many bytes a picture may have; more is cut off below
 * @param pathOf where the picture in a scheme goes
 * @throws Error where there is no chromium, or the words do not come within half a minute.
 */
export async function takePage(
  address: string,
  { words, maxBytes }: { readonly words: string; readonly maxBytes: number },
  pathOf: (scheme: (typeof COLOR_SCHEMES)[number]) => string,
): Promise<void> {
  // What runs as root has no sandbox; all that is loaded is ours.
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
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
  throw new Error(`even the top of the page has ${size} bytes, more than ${maxBytes}`);
}
