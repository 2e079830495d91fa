import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';
import { writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../src/worker/testing/indexed-image.ts';
import { describeInBrowser, PATIENT } from './page-browser.ts';

/**
 * Tests the web UI against a real server with the demo image. The tag of the demo image previously belonged to another
 * image.
 */
let server: ClairServer;
let api: URL;

beforeAll(async () => {
  server = await startClairServer();
  api = new URL(server.url);
  const first: Record<string, object> = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
  await update({ ...first, openssl: {} });
  await know('before', 2);
  await update(first);
  await know('now', 3);
});
afterAll(() => server.close());

async function update(feed: object): Promise<void> {
  const path = join(server.folder, 'feed.json');
  writeFileSync(path, JSON.stringify(feed));
  await server.clair.updater.update('debian', { from: path });
}

async function know(name: string, layers: number): Promise<void> {
  const folder = join(server.folder, name);
  writeOciLayout(folder, (await buildDemoLayers()).slice(0, layers), 'app:1');
  await knowImage(server.clair.worker, `oci:${folder}`);
}

describeInBrowser('the page of a server', ({ open, page, main, violations, picture }) => {
  it('links from a finding of an image to all images that the vulnerability affects', async () => {
    await open(api);
    const rows = page().getByRole('region', { name: 'Images', exact: true }).locator('tbody tr');
    await expect.poll(async () => await rows.count(), PATIENT).toBe(2);
    await rows.first().getByRole('link').first().click();
    await page().getByRole('link', { name: 'CVE-2099-0004', exact: true }).first().click();
    await page().getByRole('link', { name: 'All images with CVE-2099-0004', exact: true }).click();
    const images = page().getByRole('region', { name: 'Table of affected images', exact: true });
    await images.waitFor();
    expect(await images.locator('tbody tr').count()).toBe(2);
    expect(await images.innerText()).toMatch(
      /7\.88\.1-10\+deb12u4, no fix\s+layer 1[\s\S]*7\.88\.1-10\+deb12u5, no fix\s+layer 2/,
    );
    expect(await violations()).toEqual([]);
  });

  it('shows the changes of an image', async () => {
    await open(api);
    await page()
      .getByRole('region', { name: 'Images', exact: true })
      .locator('tbody tr')
      .first()
      .getByRole('link')
      .first()
      .click();
    const tabs = page().getByRole('navigation', { name: 'Image views' });
    await tabs.getByRole('link', { name: 'Changes', exact: true }).click();
    const changes =
      /The changes start at [\s\S]*, because no image with this reference was indexed before[\s\S]*New \d+[\s\S]*CVE-2099-0002[\s\S]*feed debian/;
    await expect.poll(main, PATIENT).toMatch(changes);
    await picture('changes-of-a-real-image');
    expect(await violations()).toEqual([]);
  });
});
