/** Checks the committed output of `npm run pictures`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAX_BYTES = 200_000;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

describe.each(['page-light.png', 'page-dark.png', 'scan.svg'])('docs/pictures/%s', (name) => {
  const content = readFileSync(`${ROOT}docs/pictures/${name}`);

  it('is in the README with a text alternative', () => {
    const readme = readFileSync(`${ROOT}README.md`, 'utf8');
    expect(readme).toContain(`"docs/pictures/${name}"`);
    for (const [image] of readme.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="[^"]{20,}"/);
  });

  it('is small and has the type of its file name', () => {
    expect(content.length).toBeLessThanOrEqual(MAX_BYTES);
    const signature = name.endsWith('.png') ? Buffer.from(PNG) : Buffer.from('<svg ');
    expect(content.subarray(0, signature.length)).toEqual(signature);
  });
});

describe('the picture of a terminal', () => {
  const svg = readFileSync(`${ROOT}docs/pictures/scan.svg`, 'utf8');

  it('is well-formed, and loads and runs nothing', () => {
    const names = new Set<string>();
    const parser = new SaxesParser();
    parser.on('opentag', ({ name, attributes }) => {
      names.add(name);
      expect(Object.keys(attributes).filter((key) => /^on|href|src/i.test(key))).toEqual([]);
    });
    parser.write(svg).close();
    expect([...names].toSorted()).toEqual(['circle', 'desc', 'g', 'rect', 'style', 'svg', 'text', 'title']);
    const markup = svg.replace('xmlns="http://www.w3.org/2000/svg"', '').replaceAll(/>[^<]*<\/text>/g, '>');
    expect(markup).not.toMatch(/url\(|@import|https?:/);
  });

  it('is a cast of about 30 seconds with four commands, which stands still with reduced motion', () => {
    const times = [...svg.matchAll(/animation:hide (\d+(?:\.\d+)?)s/g)].map(([, seconds]) => Number(seconds));
    expect(Math.max(...times)).toBeGreaterThan(25);
    expect(Math.max(...times)).toBeLessThan(40);
    const words = svg.replaceAll(/<[^>]*>/g, ' ');
    for (const command of ['clair scan', 'clair explain', 'clair diff']) expect(words).toContain(command);
    expect(svg).toContain('@media (prefers-reduced-motion: reduce) { g { animation: none !important } }');
  });

  it('ends with the report by layers and the text before and after it', () => {
    const atEnd = [...svg.matchAll(/<g(?! class="gone")[^>]*>([^]*?)<\/g>/g)].map(([, rows = '']) => rows);
    const words = atEnd.join('').replaceAll(/<[^>]*>/g, ' ');
    for (const part of [
      'clair scan checkout.tar --ignore',
      'suppression-expired',
      'Base image',
      'Your own layers',
      'Upgrades',
      'Suppressed findings: 1',
      'findings with a fix of severity high or higher',
    ]) {
      expect(words).toContain(part);
    }
  });
});
