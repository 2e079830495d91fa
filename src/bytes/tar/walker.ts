import { ClairError, type ErrorCode } from '../../errors.ts';
import { type ContentHash, contentHashFor } from './content-hash.ts';
import { START_BYTES, type TarEntry, type TarSink, type TarSummary, type TarVisitor, type TarWish } from './entry.ts';
import { BLOCK_BYTES, hasTarMagic, isChecksumRight, isZeroBlock, parseHeader, type TarHeader, TYPE } from './header.ts';
import type { FileContent } from './file-content.ts';
import type { TarLimits } from './limits.ts';
import { hasBody, kindOf, paddingOf } from './member-kind.ts';
import { pathOfName, shownName } from './name.ts';
import { type PaxRecords, parsePax } from './pax.ts';
import { expandSparse, MAX_SPARSE_PARTS, parseSparseExtension, parseSparseHeader, type SparseMap } from './sparse.ts';

/**
 * The push parser behind `walkTar()`. Between two chunks, at most one of `skip`, `body`, `collected`, `received`,
 * `undecided` and a partial header is active.
 */
export class TarWalk {
  readonly #visitor: TarVisitor;
  readonly #where: string;
  readonly #limits: TarLimits;
  #entries = 0;
  #outside = 0;
  #announced = NOTHING_ANNOUNCED;
  #name = '';
  /** The description of the most recent extension header, for messages; empty after the start of the next member. */
  #extension = '';
  /** The number of bytes to skip. At the end of the archive, the last `padding` bytes of `skip` can be missing. */
  #skip = 0;
  #padding = 0;
  #body: Body | null = null;
  #received: ReceivedBody | null = null;
  #undecided: Undecided | null = null;
  readonly #content: FileContent;
  /** The file whose content is collected. */
  #collected: TarEntry | null = null;
  readonly #hash: ContentHash | undefined;
  readonly #start = Buffer.alloc(START_BYTES);
  readonly #header = Buffer.alloc(BLOCK_BYTES);
  #headerBytes = 0;
  #zeroBlocks = 0;
  /** The total size of the previous chunks. */
  #offset = 0;

  /** @param content collects the files; the caller must free it after the walk, also if the walk fails */
  constructor(visitor: TarVisitor, where: string, limits: TarLimits, content: FileContent) {
    this.#content = content;
    this.#visitor = visitor;
    this.#where = where;
    this.#limits = limits;
    this.#hash = contentHashFor(visitor);
  }

  /** Parses the next bytes. After the call, the walk uses the bytes only if it keeps the chunk. */
  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#zeroBlocks < 2) {
      const start = at;
      const isContent = this.#hash !== undefined && this.#hash.left > 0;
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else if (this.#body !== null) at = this.#takeBody(this.#body, chunk, at);
      else if (this.#collected !== null) at = this.#takeCollected(this.#collected, chunk, at);
      else if (this.#received !== null) at = this.#takeReceived(this.#received, chunk, at);
      else if (this.#undecided !== null) at = this.#takeStart(this.#undecided, chunk, at);
      else if (this.#headerBytes === 0 && chunk.length - at >= BLOCK_BYTES) {
        this.#takeHeader(chunk, at, this.#offset + at);
        at += BLOCK_BYTES;
      } else at = this.#takePartialHeader(chunk, at);
      if (isContent) this.#hash?.take(chunk, start, at);
    }
    this.#offset += chunk.length;
  }

  /** The number of upcoming bytes that the caller can skip. */
  get unwanted(): number {
    if (this.#hash !== undefined) return 0;
    return this.#collected === null ? this.#skip : this.#content.unneeded;
  }

  /** Whether the end of the archive was reached; bytes after the end are ignored. */
  get isOver(): boolean {
    return this.#zeroBlocks === 2;
  }

  /** Skips at most `unwanted` bytes without reading them. */
  leap(bytes: number): void {
    if (this.#collected === null) this.#skip -= bytes;
    else this.#content.leap(bytes);
    this.#offset += bytes;
  }

  /** Checks that the archive is complete. */
  end(): TarSummary {
    const isInside = [this.#body, this.#collected, this.#received, this.#undecided].some((each) => each !== null);
    if (isInside || this.#skip > this.#padding) {
      throw this.#error('bytes/truncated', `the archive ends inside ${this.#extension || this.#shownMember()}`);
    }
    if (this.#headerBytes > 0) {
      const isTar = this.#offset > BLOCK_BYTES || hasTarMagic(this.#header.subarray(0, this.#headerBytes), 0);
      if (!isTar) throw this.#error('bytes/corrupt', `the input has ${this.#offset} bytes, too few for a tar archive`);
      throw this.#error('bytes/truncated', 'the archive ends inside a header');
    }
    if (this.#announced !== NOTHING_ANNOUNCED && this.#zeroBlocks === 0) {
      throw this.#error('bytes/truncated', `the archive ends after ${this.#extension}, before its member`);
    }
    return { entries: this.#entries, outside: this.#outside, isEnded: this.#zeroBlocks > 0 };
  }

  #takePartialHeader(chunk: Buffer, at: number): number {
    const step = Math.min(BLOCK_BYTES - this.#headerBytes, chunk.length - at);
    chunk.copy(this.#header, this.#headerBytes, at, at + step);
    this.#headerBytes += step;
    if (this.#headerBytes === BLOCK_BYTES) {
      this.#headerBytes = 0;
      this.#takeHeader(this.#header, 0, this.#offset + at + step - BLOCK_BYTES);
    }
    return at + step;
  }

  #takeBody(body: Body, chunk: Buffer, at: number): number {
    const step = Math.min(body.bytes.length - body.filled, chunk.length - at);
    chunk.copy(body.bytes, body.filled, at, at + step);
    body.filled += step;
    if (body.filled === body.bytes.length) this.#finish(body);
    return at + step;
  }

  #takeCollected(entry: TarEntry, chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#content.missing);
    this.#content.take(chunk.subarray(at, end), (bytes) => {
      this.#collected = null;
      this.#passOver(this.#content.size, this.#content.size);
      this.#visitor.chunks?.(entry, bytes);
    });
    return end;
  }

  #takeReceived(body: ReceivedBody, chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + body.left);
    body.left -= end - at;
    // The sink receives a copy, because the sink may keep the bytes.
    body.sink.write(Buffer.from(chunk.subarray(at, end)));
    if (body.left === 0) this.#finishReceived(body);
    return end;
  }

  #takeStart(undecided: Undecided, chunk: Buffer, at: number): number {
    const end = Math.min(at + START_BYTES - undecided.filled, at + undecided.stored - undecided.filled, chunk.length);
    // A loop is faster than copy() for so few bytes.
    for (let from = at; from < end; from++) this.#start[undecided.filled++] = chunk[from] ?? 0;
    if (undecided.filled === Math.min(START_BYTES, undecided.stored)) this.#decide(undecided);
    return end;
  }

  #decide({ entry, stored, filled }: Undecided): void {
    this.#undecided = null;
    const start = filled === START_BYTES ? this.#start : this.#start.subarray(0, filled);
    if (this.#visitor.start?.(entry, start) === true) {
      this.#checkSize(stored);
      this.#collectChunks(entry, stored, start);
    } else this.#passOver(stored, filled);
  }

  #takeHeader(bytes: Buffer, at: number, offset: number): void {
    if (bytes[at] === 0 && isZeroBlock(bytes, at)) {
      this.#zeroBlocks++;
      return;
    }
    if (this.#zeroBlocks > 0)
      throw this.#error('bytes/corrupt', `there is a single block of zeros before byte ${offset}`);
    if (!isChecksumRight(bytes, at)) {
      const isTar = offset > 0 || hasTarMagic(bytes, at);
      const what = isTar ? `the header at byte ${offset} is damaged: wrong checksum` : 'not a tar archive';
      throw this.#error('bytes/corrupt', what);
    }
    const header = parseHeader(bytes, at, `${this.#where}: the header at byte ${offset}`);
    const { maxNameBytes, maxPaxBytes } = this.#limits;
    switch (header.type) {
      case TYPE.gnuLongName:
        // The limit includes one more byte for the trailing NUL.
        this.#collectExtension('a GNU long name', header.size, maxNameBytes + 1, (body) => {
          this.#announced = { ...this.#announced, gnuName: textOf(body) };
        });
        break;
      case TYPE.gnuLongLink:
        this.#collectExtension('a GNU long link', header.size, maxNameBytes + 1, (body) => {
          this.#announced = { ...this.#announced, gnuLink: textOf(body) };
        });
        break;
      case TYPE.paxNext:
        this.#collectExtension('a PAX header', header.size, maxPaxBytes, (body) => {
          const pax = parsePax(body, `${this.#where}: the PAX header at byte ${offset}`, maxNameBytes);
          this.#announced = { ...this.#announced, pax };
        });
        break;
      case TYPE.paxGlobal:
        this.#collectExtension('a global PAX header', header.size, maxPaxBytes, (body) => {
          parsePax(body, `${this.#where}: the global PAX header at byte ${offset}`, maxNameBytes);
        });
        break;
      default:
        this.#takeMember(header, bytes, at, offset + BLOCK_BYTES);
    }
  }

  #takeMember(header: TarHeader, bytes: Buffer, at: number, offset: number): void {
    const { pax, gnuName, gnuLink } = this.#announced;
    this.#announced = NOTHING_ANNOUNCED;
    this.#entries++;
    const name = pax.sparse?.name ?? gnuName ?? pax.path ?? header.name;
    this.#name = name;
    this.#extension = '';
    if (this.#entries > this.#limits.maxEntries) {
      throw this.#errorIn('bytes/limit-exceeded', `the archive has more than ${this.#limits.maxEntries} members`);
    }
    const kind = kindOf(header.type, name);
    const stored = hasBody(kind, header.type) ? (pax.size ?? header.size) : 0;
    const oldSparse = header.type === TYPE.gnuSparse ? parseSparseHeader(bytes, at, this.#whereMember()) : null;
    const sparse = kind === 'file' ? (oldSparse ?? pax.sparse ?? null) : null;
    const size = kind === 'file' ? (sparse?.realSize ?? stored) : 0;
    const link = gnuLink ?? pax.linkPath ?? header.linkName;
    const { entry, wish: shown } = this.#show(kind, name, size, offset, link);
    const isSparse = sparse !== null;
    const wish = shown === 'start' ? this.#wishByStart(entry, stored, isSparse, bytes, at + BLOCK_BYTES) : shown;
    if (wish === true || wish === 'chunks') this.#checkSize(Math.max(size, stored));
    const member = { entry, stored, wish };
    if (oldSparse?.extended === true) {
      this.#takeSparseMap([...oldSparse.map], (map) => this.#takeSparseBody(member, map));
    } else if (isSparse) this.#takeSparseBody(member, sparse.map);
    else {
      this.#takeContent(member);
      if (entry.kind === 'file') this.#hash?.open(entry, stored);
    }
  }

  #takeContent({ entry, stored, wish }: Member): void {
    if (wish === false) this.#passOver(stored);
    else if (wish === 'start') this.#awaitStart({ entry, stored, filled: 0 });
    else if (wish === 'chunks') this.#collectChunks(entry, stored);
    else if (wish !== true) this.#receive(stored, wish);
    else this.#collect(stored, (body) => this.#visitor.content(entry, body));
  }

  #takeSparseBody({ entry, stored, wish }: Member, map: SparseMap | null): void {
    const sink = typeof wish === 'object' ? wish : undefined;
    if (wish === false || (sink !== undefined && Math.max(entry.size, stored) > this.#limits.maxFileBytes)) {
      this.#passOver(stored);
      sink?.end();
      return;
    }
    this.#collect(stored, (body) => {
      const file = expandSparse(body, map, entry.size, this.#whereMember());
      sink?.write(file);
      if (sink !== undefined) sink.end();
      else this.#visitor.content(entry, file);
    });
  }

  #show(kind: TarEntry['kind'], name: string, size: number, offset: number, link: string): Shown {
    const path = pathOfName(name);
    const target = kind === 'hardlink' ? pathOfName(link) : link;
    if (path === null || target === null) {
      this.#outside++;
      return HIDDEN;
    }
    const isLink = kind === 'symlink' || kind === 'hardlink';
    const entry: TarEntry = isLink ? { kind, path, size: 0, target } : { kind, path, size };
    const wish = this.#visitor.entry(entry, offset);
    return { entry, wish: kind === 'file' && wish };
  }

  /** Decides immediately if the first bytes arrived with the header, as is the case for most members. */
  #wishByStart(entry: TarEntry, stored: number, isSparse: boolean, bytes: Buffer, at: number): TarWish {
    if (isSparse) return this.#visitor.start?.(entry, null) === true && 'chunks';
    if (stored < START_BYTES || bytes.length - at < START_BYTES) return 'start';
    for (let index = 0; index < START_BYTES; index++) this.#start[index] = bytes[at + index] ?? 0;
    return this.#visitor.start?.(entry, this.#start) === true && 'chunks';
  }

  #awaitStart(undecided: Undecided): void {
    if (undecided.stored === 0) this.#decide(undecided);
    else this.#undecided = undecided;
  }

  #checkSize(size: number): void {
    if (size <= this.#limits.maxFileBytes) return;
    throw this.#errorIn('bytes/limit-exceeded', `more than ${this.#limits.maxFileBytes} bytes`);
  }

  #takeSparseMap(parts: number[], finish: (map: SparseMap) => void): void {
    this.#collect(BLOCK_BYTES, (block) => {
      const { map, extended } = parseSparseExtension(block, 0, this.#whereMember());
      if (parts.length + map.length > 2 * MAX_SPARSE_PARTS) {
        throw this.#errorIn('bytes/limit-exceeded', `the file has more than ${MAX_SPARSE_PARTS} sparse parts`);
      }
      parts.push(...map);
      if (extended) this.#takeSparseMap(parts, finish);
      else finish(parts);
    });
  }

  #collectExtension(what: string, size: number, limit: number, finish: (body: Buffer) => void): void {
    this.#extension = what;
    if (size > limit) throw this.#error('bytes/limit-exceeded', `${what} is ${size} bytes long; the limit is ${limit}`);
    this.#collect(size, finish);
  }

  #collect(size: number, finish: (bytes: Buffer) => void): void {
    // The system commits memory only on write, so a large stated size alone costs no memory.
    this.#fill({ bytes: Buffer.allocUnsafeSlow(size), filled: 0, finish });
  }

  #fill(body: Body): void {
    if (body.filled === body.bytes.length) this.#finish(body);
    else this.#body = body;
  }

  /** Collects a file in chunks. `start` contains the first bytes of the file, which were already read. */
  #collectChunks(entry: TarEntry, size: number, start: Uint8Array = NOTHING): void {
    this.#content.open(size, start, this.#visitor.unneeded?.(entry));
    this.#collected = entry;
    if (this.#content.missing === 0) this.#takeCollected(entry, NOTHING, 0);
  }

  #receive(size: number, sink: TarSink): void {
    const body = { size, left: size, sink };
    if (size === 0) this.#finishReceived(body);
    else this.#received = body;
  }

  #finish(body: Body): void {
    this.#body = null;
    this.#padding = paddingOf(body.bytes.length);
    this.#skip = this.#padding;
    body.finish(body.bytes);
  }

  #finishReceived({ size, sink }: ReceivedBody): void {
    this.#received = null;
    this.#padding = paddingOf(size);
    this.#skip = this.#padding;
    sink.end();
  }

  #passOver(size: number, taken: number = 0): void {
    this.#padding = paddingOf(size);
    this.#skip = size - taken + this.#padding;
  }

  #shownMember(): string {
    return `member ${shownName(this.#name)}`;
  }

  #whereMember(): string {
    return `${this.#where}: ${this.#shownMember()}`;
  }

  #error(code: ErrorCode, what: string): ClairError {
    return new ClairError(code, `${this.#where}: ${what}`);
  }

  #errorIn(code: ErrorCode, what: string): ClairError {
    return new ClairError(code, `${this.#whereMember()}: ${what}`);
  }
}

type Body = {
  readonly bytes: Buffer;
  filled: number;
  readonly finish: (bytes: Buffer) => void;
};

type ReceivedBody = { readonly size: number; left: number; readonly sink: TarSink };

type Member = Shown & { readonly stored: number };

type Shown = { readonly entry: TarEntry; readonly wish: TarWish };

const NOTHING: Buffer = Buffer.alloc(0);

const HIDDEN: Shown = { entry: { kind: 'other', path: '', size: 0 }, wish: false };

/** A file for which the visitor decides from the first bytes whether it needs the content. */
type Undecided = {
  readonly entry: TarEntry;
  readonly stored: number;
  /** The number of first bytes read so far. */
  filled: number;
};

type Announced = { readonly pax: PaxRecords; readonly gnuName?: string; readonly gnuLink?: string };

const NOTHING_ANNOUNCED: Announced = { pax: {} };

function textOf(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString('utf8', 0, end === -1 ? body.length : end);
}
