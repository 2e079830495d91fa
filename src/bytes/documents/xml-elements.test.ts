import { describe, expect, it } from 'vitest';
import { MAX_DEPTH, type PlacedElement, type XmlElementsOptions, xmlElements } from './xml-elements.ts';

const OPTIONS = { where: 'feed.xml', root: 'list', depth: 1 };

describe('the elements of a document', () => {
  it('are returned with attributes, text and content', async () => {
    const xml = '<?xml version="1.0"?><list><a id="1">one<b>two</b></a><!-- nothing --><c/></list>';
    expect(await elementsOf(xml)).toEqual([
      {
        parent: 'list',
        element: {
          name: 'a',
          attributes: { id: '1' },
          text: 'one',
          children: [{ name: 'b', attributes: {}, text: 'two', children: [] }],
        },
      },
      { parent: 'list', element: { name: 'c', attributes: {}, text: '', children: [] } },
    ]);
  });

  it('are the elements of the requested depth, with the name of their parent', async () => {
    const found = await elementsOf('<list><x><a/><b/></x><y><c/></y></list>', { depth: 2 });
    expect(found.map(({ parent, element }) => `${parent}/${element.name}`)).toEqual(['x/a', 'x/b', 'y/c']);
  });

  it('have no namespace prefixes', async () => {
    const [found] = await elementsOf('<o:list xmlns:o="urn:o"><o:a/></o:list>');
    expect(found?.element.name).toBe('a');
  });

  it('have the five XML entities and character references resolved, and CDATA as text', async () => {
    const [found] = await elementsOf('<list><a b="&lt;">&amp;&#228;<![CDATA[<raw>]]></a></list>');
    expect(found?.element).toMatchObject({ attributes: { b: '<' }, text: '&ä<raw>' });
  });

  it.each([1, 2, 3, 7])('are the same when the bytes arrive %i at a time', async (size) => {
    const xml = '\ufeff<list>\n <a n="ä">größer 𝄞</a><b/></list>\n';
    expect(await elementsOf(xml, {}, size)).toEqual(await elementsOf(xml));
  });

  it('are returned before the document has ended', async () => {
    const elements = xmlElements(unending(), OPTIONS);
    expect((await elements.next()).value).toMatchObject({ element: { name: 'a' } });
    await elements.return(undefined);
  });
});

describe('a document is rejected', () => {
  it.each([
    ['that is empty', '', 'feed/empty'],
    ['of white space', ' \n\t', 'feed/empty'],
    ['truncated inside an element', '<list><a>', 'feed/truncated'],
    ['truncated inside a tag', '<list><a', 'feed/truncated'],
    ['without its last end tag', '<list><a/>', 'feed/truncated'],
    ['of plain text', 'too many requests', 'feed/invalid'],
    ['of JSON', '{"a": 1}', 'feed/invalid'],
    ['of HTML', '<html><body/></html>', 'feed/invalid'],
    ['with overlapping tags', '<list><a></list></a>', 'feed/invalid'],
    ['with a repeated attribute', '<list><a b="1" b="2"/></list>', 'feed/invalid'],
    ['with an unknown entity', '<list><a>&secret;</a></list>', 'feed/invalid'],
    ['with a document type', '<!DOCTYPE list [<!ENTITY a "b">]><list><a>&a;</a></list>', 'feed/invalid'],
    ['with an external document type', '<!DOCTYPE list SYSTEM "file:///etc/passwd"><list/>', 'feed/invalid'],
    ['in another encoding', '<?xml version="1.0" encoding="UTF-16"?><list/>', 'feed/invalid'],
    ['with too deep nesting', `<list>${'<a>'.repeat(MAX_DEPTH)}`, 'feed/limit-exceeded'],
    ['with an element that is too long', `<list><a>${'x'.repeat(70_000)}</a></list>`, 'feed/limit-exceeded'],
    ['with an attribute that is too long', `<list><a b="${'x'.repeat(70_000)}"/></list>`, 'feed/limit-exceeded'],
    ['with a comment that is too long', `<list><!--${'x'.repeat(70_000)}--></list>`, 'feed/limit-exceeded'],
    ['with too many elements in one', `<list><a>${'<b/>'.repeat(200)}</a></list>`, 'feed/limit-exceeded'],
  ])('%s', async (_, xml, code) => {
    const bounds = { maxElementBytes: 1000, maxElementsInside: 100 };
    await expect(elementsOf(xml, bounds)).rejects.toMatchObject({ name: 'ClairError', code });
  });

  it.each([
    [`<list>${'<a>'.repeat(MAX_DEPTH)}`, `elements are nested more than ${MAX_DEPTH} levels deep`],
    [`<list><a>${'x'.repeat(70_000)}</a></list>`, 'an element is larger than 1000 bytes'],
    [`<list><a>${'<b/>'.repeat(200)}</a></list>`, 'an element contains more than 100 elements'],
  ])('with a message that states the exceeded limit (%#)', async (xml, message) => {
    const bounds = { maxElementBytes: 1000, maxElementsInside: 100 };
    await expect(elementsOf(xml, bounds)).rejects.toThrow(`${OPTIONS.where}: ${message}`);
  });

  it('that is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('<list><a>'), Buffer.of(0xff), Buffer.from('</a></list>')]);
    await expect(all(xmlElements(inParts(bytes, 4), OPTIONS))).rejects.toMatchObject({ code: 'feed/invalid' });
  });

  it('that ends inside a character', async () => {
    const bytes = Buffer.concat([Buffer.from('<list><a>'), Buffer.of(0xc3)]);
    await expect(all(xmlElements(inParts(bytes, 64), OPTIONS))).rejects.toMatchObject({ code: 'feed/truncated' });
  });

  it('but not for many elements, or many bytes, that are each small', async () => {
    const xml = `<list>${'<a><b/>some text</a>'.repeat(5000)}</list>`;
    expect(await elementsOf(xml, { maxElementBytes: 70_000, maxElementsInside: 2 })).toHaveLength(5000);
  });
});

async function elementsOf(
  xml: string,
  options: Partial<XmlElementsOptions> = {},
  size = 64 * 1024,
): Promise<PlacedElement[]> {
  return await all(xmlElements(inParts(Buffer.from(xml), size), { ...OPTIONS, ...options }));
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function* unending(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('<list><a/>');
  throw new Error('was read further');
}
