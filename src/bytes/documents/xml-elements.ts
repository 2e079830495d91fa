import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { ByteStream } from '../byte-stream.ts';
import { asClairError, ClairError } from '../../errors.ts';
import { type DocumentErrors, FEED_DOCUMENT } from './document-errors.ts';

/** The maximum nesting depth; openSUSE OVAL documents have 8 levels. */
export const MAX_DEPTH = 64;

/** The maximum size of a returned element including nested elements. The element is held in memory. */
export const MAX_ELEMENT_BYTES: number = 16 * 1024 * 1024;
export const MAX_ELEMENTS_INSIDE = 500_000;

/** The number of bytes to pass to the parser per call, to limit the output of a call. */
const BYTES_AT_ONCE = 64 * 1024;

/** An element with its content. Names have no namespace prefix. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in the element, without the text of child elements, trimmed. */
  readonly text: string;
};

export type XmlElementsOptions = {
  /** The name of the document in messages. */
  readonly where: string;
  /** The name of the outermost element. */
  readonly root: string;
  /** The level of the returned elements: 1 for children of the root element. */
  readonly depth: number;
  readonly maxElementBytes?: number;
  readonly maxElementsInside?: number;
  /** The error codes of the document; by default, the error codes for feeds. */
  readonly errors?: DocumentErrors;
};

export type PlacedElement = { readonly parent: string; readonly element: XmlElement };

/**
 * Reads an XML document (XML 1.0, in UTF-8) of any size. Holds only one element in memory. Drops prefixes without
 * resolving them, because in the formats that Clair reads, no two elements differ only in their namespace.
 *
 * Rejects document type declarations, so only the five predefined entities exist, and no entity expands to other
 * entities.
 *
 * @throws ClairError during iteration, with the codes of `errors`: `feed/empty` for a text that is empty or only white
 *   space; `feed/invalid` for malformed XML, a document type declaration, an encoding other than UTF-8, or an
 *   unexpected root element; `feed/truncated`; `feed/limit-exceeded`; the errors of `stream`.
 */
export async function* xmlElements(stream: ByteStream, options: XmlElementsOptions): AsyncGenerator<PlacedElement> {
  const reader = new ElementReader(options);
  for await (const chunk of stream) {
    for (let start = 0; start < chunk.length; start += BYTES_AT_ONCE) {
      yield* reader.read(chunk.subarray(start, start + BYTES_AT_ONCE));
    }
  }
  reader.end();
}

type OpenElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
};

class ElementReader {
  readonly #options: Required<XmlElementsOptions>;
  readonly #parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** The open elements, outermost first. */
  readonly #open: OpenElement[] = [];
  #found: PlacedElement[] = [];
  #isEmpty = true;
  #hasEnded = false;
  #elementsInside = 0;
  #bytesInside = 0;

  constructor(options: XmlElementsOptions) {
    this.#options = {
      maxElementBytes: MAX_ELEMENT_BYTES,
      maxElementsInside: MAX_ELEMENTS_INSIDE,
      errors: FEED_DOCUMENT,
      ...options,
    };
    this.#parser.on('xmldecl', ({ encoding = 'UTF-8' }) => {
      if (!/^(utf-8|us-ascii)$/i.test(encoding)) throw this.#invalid(`the encoding is ${encoding}, not UTF-8`);
    });
    this.#parser.on('doctype', () => {
      throw this.#invalid('a document type declaration is not accepted');
    });
    this.#parser.on('error', (error) => {
      throw this.#hasEnded && !this.#isEmpty ? this.#truncated() : this.#invalid(error.message);
    });
    this.#parser.on('opentag', (tag) => this.#start(tag));
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('closetag', () => this.#close());
  }

  /** @returns the elements that ended in these bytes */
  read(bytes: Uint8Array): readonly PlacedElement[] {
    this.#bytesInside += bytes.length;
    if (this.#bytesInside > this.#options.maxElementBytes + BYTES_AT_ONCE) {
      throw this.#beyond(`an element is larger than ${this.#options.maxElementBytes} bytes`);
    }
    const text = this.#decoded(bytes);
    // `end()` reports a blank document, because the parser would report white space as malformed.
    const isBlank = this.#isEmpty && text.trim() === '';
    if (isBlank) return [];
    this.#parser.write(this.#isEmpty ? text.trimStart() : text);
    this.#isEmpty = false;
    const found = this.#found;
    this.#found = [];
    return found;
  }

  end(): void {
    this.#decoded();
    if (this.#isEmpty) throw new ClairError(this.#options.errors.empty, `${this.#options.where} is empty`);
    this.#hasEnded = true;
    this.#parser.close();
  }

  #start({ name, attributes }: SaxesTagPlain): void {
    const { root, depth, maxElementsInside } = this.#options;
    const element = { name: localName(name), attributes, children: [], text: '' };
    if (this.#open.length === 0 && element.name !== root) {
      throw this.#invalid(`the root element is ${element.name}, not ${root}`);
    }
    this.#open.push(element);
    if (this.#open.length > MAX_DEPTH) throw this.#beyond(`elements are nested more than ${MAX_DEPTH} levels deep`);
    if (this.#open.length > depth) this.#elementsInside += 1;
    if (this.#elementsInside > maxElementsInside)
      throw this.#beyond(`an element contains more than ${maxElementsInside} elements`);
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined && this.#open.length > this.#options.depth) element.text += text;
  }

  #close(): void {
    const { name, attributes, children, text } = this.#open.pop() ?? NO_ELEMENT;
    const parent = this.#open.at(-1);
    if (parent === undefined) return;
    const level = this.#open.length - this.#options.depth;
    const element = { name, attributes, children, text: text.trim() };
    if (level > 0) parent.children.push(element);
    if (level <= 0) {
      this.#elementsInside = 0;
      this.#bytesInside = 0;
    }
    if (level === 0) this.#found.push({ parent: parent.name, element });
  }

  #decoded(bytes?: Uint8Array): string {
    try {
      return bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, { stream: true });
    } catch (error) {
      if (bytes === undefined) throw this.#truncated();
      throw asClairError(error, this.#options.errors.invalid, `${this.#options.where} is not UTF-8`);
    }
  }

  #invalid(reason: string): ClairError {
    return new ClairError(
      this.#options.errors.invalid,
      `${this.#options.where} is not a valid XML document: ${reason}`,
    );
  }

  #truncated(): ClairError {
    return new ClairError(
      this.#options.errors.truncated,
      `${this.#options.where} ends before the end of its root element`,
    );
  }

  #beyond(what: string): ClairError {
    return new ClairError(this.#options.errors.beyondLimit, `${this.#options.where}: ${what}`);
  }
}

/** A fallback for the type checker: the parser closes only elements that it opened, so the stack is never empty. */
const NO_ELEMENT: OpenElement = { name: '', attributes: {}, children: [], text: '' };

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
