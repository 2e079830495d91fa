import { isUtf8 } from 'node:buffer';
import type { ByteStream } from '../byte-stream.ts';
import { asClairError, ClairError } from '../../errors.ts';
import { type DocumentErrors, FEED_DOCUMENT } from './document-errors.ts';

/** The maximum size of a member with its key and value; the member is held in memory. */
const MAX_MEMBER_BYTES = 64 * 1024 * 1024;

const MAX_DEPTH = 100;

/** A member of the outermost object, or an item of a member whose value is an array. */
export type JsonMember = { readonly key: string; readonly value: unknown };

export type JsonMembersOptions = {
  /** The name of the text in messages: a path, or a URL without query string and credentials. */
  readonly where: string;
  /**
   * The keys of members, such as `vulnerabilities`, whose array items are returned one by one, each item with the key.
   */
  readonly itemsOf?: readonly string[];
  /** Whether a second array for a key in `itemsOf` is an error; false by default. */
  readonly areArraysUnique?: boolean;
  readonly maxMemberBytes?: number;
  readonly maxDepth?: number;
  /** The error codes of the document; by default, the error codes for feeds. */
  readonly errors?: DocumentErrors;
};

/**
 * Reads the members of a JSON object (RFC 8259) of any size in document order. Holds only one member or item in memory.
 * Returns each occurrence of a repeated key. Skips a byte order mark (section 8.1).
 *
 * @throws ClairError during iteration, with the codes of `errors`: `feed/empty` for a text that is empty or only white
 * space; `feed/invalid`, with the byte offset, for a text that is not a single well-formed object; `feed/truncated` if
 * the text ends inside the object; `feed/limit-exceeded` for a member that is too large or too deep; the errors of
 * `stream`
 */
export async function* jsonMembers(stream: ByteStream, options: JsonMembersOptions): AsyncGenerator<JsonMember> {
  const splitter = new MemberSplitter(options);
  for await (const chunk of stream) {
    splitter.append(chunk);
    for (let member = splitter.next(); member !== undefined; member = splitter.next()) yield member;
  }
  splitter.end();
}

/** The states of the splitter. Each value describes the expected text, for messages. */
const EXPECTED = {
  start: 'an object',
  'byte-order-mark': 'a byte order mark',
  object: 'an object',
  'key-or-end': 'a key or the end of the object',
  key: 'a key',
  'in-key': 'a key',
  colon: 'a colon',
  value: 'a value',
  'in-value': 'a value',
  'item-or-end': 'a value or the end of the array',
  item: 'a value',
  'in-item': 'a value',
  'item-comma-or-end': 'a comma or the end of the array',
  'comma-or-end': 'a comma or the end of the object',
  done: 'nothing after the object',
} as const;

type State = keyof typeof EXPECTED;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LESS_THAN = 0x3c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** U+FEFF in UTF-8. */
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

const SHOWN_KEY_LENGTH = 80;

/**
 * Finds the boundaries of members and passes each value to JSON.parse. Tracks only strings and brackets, because in
 * well-formed JSON only a string can hide a bracket. In malformed JSON, the splitter can return any piece of the text;
 * JSON.parse then rejects the piece.
 */
class MemberSplitter {
  readonly #where: string;
  readonly #itemsOf: ReadonlySet<string>;
  /** The keys of the arrays so far; undefined if an array may be repeated. */
  readonly #arrays: Set<string> | undefined;
  readonly #maxMemberBytes: number;
  readonly #maxDepth: number;
  readonly #errors: DocumentErrors;
  #state: State = 'start';
  #storage: Buffer = Buffer.alloc(0);
  /** The buffered bytes, which start at `#offset` in the text. */
  #window: Buffer = this.#storage;
  #offset = 0;
  /**
   * The indices in the window of the next byte, the start of the current member, and the start of the current token.
   */
  #position = 0;
  #memberStart: number | undefined;
  #tokenStart = 0;
  #key = '';
  #depth = 0;
  #inString = false;

  constructor(options: JsonMembersOptions) {
    this.#where = options.where;
    this.#itemsOf = new Set(options.itemsOf);
    this.#arrays = options.areArraysUnique === true ? new Set() : undefined;
    this.#maxMemberBytes = options.maxMemberBytes ?? MAX_MEMBER_BYTES;
    this.#maxDepth = options.maxDepth ?? MAX_DEPTH;
    this.#errors = options.errors ?? FEED_DOCUMENT;
  }

  /** Appends bytes and drops the bytes before the current member. */
  append(chunk: Uint8Array): void {
    const gone = this.#memberStart ?? this.#position;
    const kept = this.#window.length - gone;
    const size = kept + chunk.length;
    if (size > this.#storage.length) this.#storage = Buffer.allocUnsafe(size * 2);
    this.#window.copy(this.#storage, 0, gone);
    this.#storage.set(chunk, kept);
    this.#window = this.#storage.subarray(0, size);
    this.#offset += gone;
    this.#position -= gone;
    this.#tokenStart -= gone;
    if (this.#memberStart !== undefined) this.#memberStart = 0;
  }

  /** Returns the next member, or undefined when more bytes are needed. */
  next(): JsonMember | undefined {
    while (this.#position < this.#window.length) {
      if (this.#state !== 'in-key' && this.#state !== 'in-value' && this.#state !== 'in-item') {
        this.#readStructure(this.#window.readUInt8(this.#position));
      } else if (this.#skipToken()) {
        const token = this.#parseToken();
        if (this.#state !== 'in-key') return this.#finishMember(token);
        this.#key = String(token);
        this.#state = 'colon';
      }
      this.#checkSize();
    }
    return undefined;
  }

  end(): void {
    if (this.#state === 'done') return;
    if (this.#state === 'start' || this.#state === 'byte-order-mark' || this.#state === 'object') {
      throw new ClairError(this.#errors.empty, `${this.#where} is empty`);
    }
    const size = this.#offset + this.#window.length;
    throw new ClairError(this.#errors.truncated, `${this.#where} ends after ${size} bytes, inside its JSON object`);
  }

  #readStructure(byte: number): void {
    const offset = this.#offset + this.#position;
    if (this.#state === 'start') this.#state = byte === BYTE_ORDER_MARK[0] ? 'byte-order-mark' : 'object';
    if (this.#state === 'byte-order-mark') {
      if (byte !== BYTE_ORDER_MARK[offset]) throw this.#invalid(offset, `expected ${EXPECTED[this.#state]}`);
      if (offset === BYTE_ORDER_MARK.length - 1) this.#state = 'object';
    } else if (!isWhiteSpace(byte)) {
      if (this.#startToken(byte)) return;
      this.#state = this.#stateAfter(byte, offset);
    }
    this.#position += 1;
  }

  /** Returns whether a key or value starts at this byte. */
  #startToken(byte: number): boolean {
    const isKey = byte === QUOTE && (this.#state === 'key' || this.#state === 'key-or-end');
    const isItem = this.#state === 'item' || (this.#state === 'item-or-end' && byte !== CLOSING_BRACKET);
    const isValue = this.#state === 'value' && !(byte === OPENING_BRACKET && this.#itemsOf.has(this.#key));
    if (!isKey && !isItem && !isValue) return false;
    if (isKey || isItem) this.#memberStart = this.#position;
    this.#tokenStart = this.#position;
    this.#state = isKey ? 'in-key' : isItem ? 'in-item' : 'in-value';
    this.#inString = byte === QUOTE;
    this.#depth = byte === OPENING_BRACE || byte === OPENING_BRACKET ? 1 : 0;
    if (this.#inString || this.#depth === 1) this.#position += 1;
    return true;
  }

  #stateAfter(byte: number, offset: number): State {
    const state = this.#state;
    if (state === 'object' && byte === OPENING_BRACE) return 'key-or-end';
    if (state === 'colon' && byte === COLON) return 'value';
    if (state === 'comma-or-end' && byte === COMMA) return 'key';
    if (state === 'item-comma-or-end' && byte === COMMA) return 'item';
    if (state === 'value' && byte === OPENING_BRACKET) {
      if (this.#arrays?.has(this.#key) === true) throw this.#invalid(offset, `${this.#shownKey()} occurs twice`);
      this.#arrays?.add(this.#key);
      return this.#afterMember('item-or-end');
    }
    if ((state === 'item-comma-or-end' || state === 'item-or-end') && byte === CLOSING_BRACKET) return 'comma-or-end';
    if ((state === 'comma-or-end' || state === 'key-or-end') && byte === CLOSING_BRACE) return 'done';
    if (state === 'object' && byte === LESS_THAN)
      throw this.#invalid(offset, 'the text looks like an HTML or XML page');
    throw this.#invalid(offset, `expected ${EXPECTED[state]}`);
  }

  /** Skips the buffered bytes of the key or value; returns whether the key or value ends in the window. */
  #skipToken(): boolean {
    const window = this.#window;
    const { length } = window;
    let position = this.#position;
    let inString = this.#inString;
    let ended = false;
    while (!ended && position < length) {
      if (inString) {
        position = endOfString(window, position);
        // The byte after a backslash can be in the next chunk, so the position can be beyond the window.
        if (position >= length) break;
        position += 1;
        inString = false;
        ended = this.#depth === 0;
      } else if (this.#depth === 0) {
        ended = endsScalar(window[position]);
        if (!ended) position += 1;
      } else {
        position = endOfPlainText(window, position);
        if (position === length) break;
        const byte = window[position];
        position += 1;
        if (byte === QUOTE) inString = true;
        else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) this.#deepen();
        else ended = --this.#depth === 0;
      }
    }
    this.#position = position;
    this.#inString = inString;
    return ended;
  }

  #deepen(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw this.#beyondLimit(`${this.#shownKey()} is nested deeper than ${this.#maxDepth} levels`);
    }
  }

  #parseToken(): unknown {
    this.#checkSize();
    const bytes = this.#window.subarray(this.#tokenStart, this.#position);
    const offset = this.#offset + this.#tokenStart;
    const what = this.#state === 'in-key' ? 'a key' : `the value of ${this.#shownKey()}`;
    if (!isUtf8(bytes)) throw this.#invalid(offset, `${what} is not UTF-8`);
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      throw asClairError(
        error,
        this.#errors.invalid,
        `${this.#where} is invalid at byte ${offset}: ${what} is malformed`,
      );
    }
  }

  #finishMember(value: unknown): JsonMember {
    this.#state = this.#afterMember(this.#state === 'in-item' ? 'item-comma-or-end' : 'comma-or-end');
    return { key: this.#key, value };
  }

  /** Marks the bytes of the current member as no longer needed. */
  #afterMember(state: State): State {
    this.#memberStart = undefined;
    return state;
  }

  #checkSize(): void {
    if (this.#memberStart === undefined || this.#position - this.#memberStart <= this.#maxMemberBytes) return;
    throw this.#beyondLimit(`a member is larger than ${this.#maxMemberBytes} bytes`);
  }

  #shownKey(): string {
    return JSON.stringify(this.#key.slice(0, SHOWN_KEY_LENGTH));
  }

  #invalid(offset: number, why: string): ClairError {
    return new ClairError(this.#errors.invalid, `${this.#where} is not a JSON object; byte ${offset}: ${why}`);
  }

  #beyondLimit(why: string): ClairError {
    return new ClairError(this.#errors.beyondLimit, `${this.#where}: ${why}`);
  }
}

/** Returns the position of the quotation mark at the end of a string; at or beyond the end of the window if absent. */
function endOfString(window: Uint8Array, start: number): number {
  const { length } = window;
  let position = start;
  while (position < length) {
    const byte = window[position];
    if (byte === QUOTE) break;
    position += byte === BACKSLASH ? 2 : 1;
  }
  return position;
}

/** Returns the position of the next bracket or quotation mark; the end of the window if absent. */
function endOfPlainText(window: Uint8Array, start: number): number {
  const { length } = window;
  let position = start;
  while (position < length) {
    const byte = window[position];
    if (byte === QUOTE || byte === OPENING_BRACE || byte === CLOSING_BRACE) break;
    if (byte === OPENING_BRACKET || byte === CLOSING_BRACKET) break;
    position += 1;
  }
  return position;
}

function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSING_BRACE || byte === CLOSING_BRACKET || isWhiteSpace(byte);
}
