import { zipInMemory } from './bytes.ts';
import {
  DEFLATED,
  DESCRIPTOR,
  DIRECTORY_HEADER,
  END,
  END_64,
  LOCAL_HEADER,
  LOCAL_HEADER_BYTES,
  localHeaderBytes,
  parseLocalHeader,
  STORED,
  type ZipMember,
} from './headers.ts';
import { giveMember, memberFault, type OpenZip, type ReadWish, readMember, unreadableMember } from './member.ts';
import { readZip } from './read.ts';
import {
  BYTES_AFTER_MEMBER,
  type Descriptor,
  descriptorAt,
  type InflatedStart,
  inflatedStart,
  MAX_DESCRIPTOR_BYTES,
  signedDescriptorBytes,
} from './unsized.ts';
import { directorySum, type DirectorySum } from './directory-sum.ts';
import type { ZipUse } from './use.ts';
import type { ZipVisitor } from './visitor.ts';

/**
 * Reads a zip archive that is too large for memory in one forward pass, by its local headers; then compares the headers
 * with the central directory. Wanted members are held in memory, except for large stored archives, which are read in
 * the same way as the outer archive. Members whose sizes follow their content, as Java writes them, are inflated to
 * find their end.
 */
export class ZipStream {
  readonly #zip: OpenZip;
  readonly #sum: DirectorySum = directorySum();
  /** Bytes that are not read yet, from a position in the archive on. */
  #pending: Buffer = Buffer.alloc(0);
  #position = 0;
  #state: State = { kind: 'start' };
  /** The bytes of the members that are inflated to find their end. */
  #inflatedBytes = 0;

  /** @param depth the number of archives around this archive */
  constructor(visitor: ZipVisitor, use: ZipUse, depth = 0) {
    this.#zip = { visitor, use, depth, nested: (bytes, inside) => readZip(bytes, inside, use, depth + 1) };
    const exceeded = use.countArchive();
    if (exceeded !== undefined) this.#stop(exceeded);
  }

  /** Reads the next bytes, which must not be modified later. */
  write(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#step());
  }

  /** Ends the archive. */
  end(): void {
    if (this.#state.kind === 'pass') this.#state.inside.end();
    if (this.#state.kind !== 'over') this.#stop(this.#state.kind === 'start' ? 'has no members' : 'is cut off');
    this.#zip.visitor.end();
  }

  /** Reads the next header or content from the pending bytes; returns false if it needs more bytes. */
  #step(): boolean {
    const state = this.#state;
    const before = this.#pending.length;
    if (state.kind === 'over') this.#pending = NOTHING;
    else if (before === 0) return false;
    else if (state.kind === 'start') this.#findStart();
    else if (state.kind === 'header') this.#takeHeader(this.#pending);
    else if (state.kind === 'inflate') this.#inflate(state, this.#pending);
    else this.#takeBody(state);
    return this.#state !== state || this.#pending.length !== before;
  }

  #takeBody(state: BodyState): void {
    const part = this.#pending.subarray(0, state.left);
    state.left -= part.length;
    this.#advance(part.length);
    if (state.kind === 'pass') state.inside.write(part);
    if (state.kind === 'collect') part.copy(state.bytes, state.bytes.length - state.left - part.length);
    if (state.left > 0) return;
    this.#state = HEADER;
    if (state.kind === 'pass') state.inside.end();
    if (state.kind === 'collect') readMember(this.#zip, state.member, state.wish, zipInMemory(state.bytes));
  }

  /** Finds the first member: after a script, or a mark of a few bytes (`JM` of Java modules). */
  #findStart(): void {
    const at = this.#pending.indexOf(MEMBER_MARK);
    if (at !== -1) {
      this.#advance(at);
      this.#state = HEADER;
    } else if (this.#pending.length > MAX_SCRIPT_BYTES) this.#stop('has no members at its start');
  }

  #takeHeader(bytes: Buffer): void {
    if (bytes.length < 4) return;
    const mark = bytes.readUInt32LE(0);
    if (mark === LOCAL_HEADER) this.#takeLocalHeader(bytes);
    else if (mark === DESCRIPTOR) this.#takeDescriptor(bytes);
    else if (mark === DIRECTORY_HEADER) {
      const entryBytes = this.#sum.takeEntry(bytes);
      if (entryBytes !== undefined) this.#advance(entryBytes);
    } else if (mark === END || mark === END_64) {
      const fault = this.#sum.fault();
      if (fault !== undefined) this.#stop(fault);
      else this.#state = OVER;
    } else this.#stop('is damaged');
  }

  #takeLocalHeader(bytes: Buffer): void {
    if (bytes.length < LOCAL_HEADER_BYTES) return;
    const member = (localHeaderBytes(bytes) ?? 0) > bytes.length ? undefined : parseLocalHeader(bytes);
    if (member === undefined) return;
    const exceeded = this.#zip.use.countMember(member.headerBytes);
    if (exceeded !== undefined) {
      this.#stop(exceeded);
      return;
    }
    this.#sum.addMember(
      bytes.subarray(LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + bytes.readUInt16LE(26)),
      this.#position,
    );
    this.#advance(member.headerBytes);
    this.#state = this.#stateOf(member);
  }

  /** Reads the descriptor after a member whose header has the sizes, too. */
  #takeDescriptor(bytes: Buffer): void {
    if (bytes.length >= MAX_DESCRIPTOR_BYTES) this.#advance(signedDescriptorBytes(bytes));
  }

  #stateOf(member: ZipMember): State {
    const { visitor, use, depth } = this.#zip;
    const wished = member.name.endsWith('/') ? 'skip' : visitor.member(member.name);
    const why = wished === 'skip' ? undefined : unreadableMember(member, wished, this.#zip);
    if (why !== undefined) memberFault(this.#zip, member.name, why);
    const wish = why === undefined ? wished : 'skip';
    const { deflatedSize: left, method, hasDescriptor, name } = member;
    if (hasDescriptor && left === 0) {
      if (method === DEFLATED) return { kind: 'inflate', member, wish, tryAt: 1 };
      return this.#stopped(`states no size of the member ${JSON.stringify(name.slice(0, MAX_SHOWN_CHARACTERS))}`);
    }
    if (wish === 'skip') return left === 0 ? HEADER : { kind: 'skip', left };
    if (left === 0) {
      readMember(this.#zip, member, wish, zipInMemory(NOTHING));
      return HEADER;
    }
    const exceeded = use.excessOf(left, left, wish);
    if (exceeded === undefined) return { kind: 'collect', left, member, wish, bytes: Buffer.allocUnsafeSlow(left) };
    if (wish === 'archive' && method === STORED) {
      return { kind: 'pass', left, inside: new ZipStream(visitor.archive(name), use, depth + 1) };
    }
    memberFault(this.#zip, name, exceeded);
    return { kind: 'skip', left };
  }

  /** Inflates a member to find its end, which is certain only if other bytes follow. */
  #inflate(state: Extract<State, { kind: 'inflate' }>, bytes: Buffer): void {
    if (bytes.length < state.tryAt) return;
    const { maxHeldBytes, maxContentBytes } = this.#zip.use.limits;
    const shown = JSON.stringify(state.member.name.slice(0, MAX_SHOWN_CHARACTERS));
    const found = inflatedStart(bytes, state.wish === 'content' ? maxContentBytes : maxHeldBytes);
    this.#inflatedBytes += found.content.length;
    if (found.fault !== undefined) this.#stop(`is not read after the start of ${shown}, which ${found.fault}`);
    else if (this.#inflatedBytes > this.#maxInflatedBytes())
      this.#stop(`inflates to more than ${MAX_EXPANSION} times its size`);
    else if (found.used === bytes.length) {
      // The next attempt has twice as many bytes, so that a large member is inflated a few times only.
      state.tryAt = 2 * bytes.length;
      if (state.tryAt > maxHeldBytes) this.#stop(`exceeds the limit of ${maxHeldBytes} bytes in memory with ${shown}`);
    } else if (found.used + BYTES_AFTER_MEMBER > bytes.length) state.tryAt = found.used + BYTES_AFTER_MEMBER;
    else this.#finishInflated(state, found, descriptorAt(bytes, found.used, found.content.length));
  }

  #finishInflated(
    { member, wish }: Extract<State, { kind: 'inflate' }>,
    { content, used }: InflatedStart,
    descriptor: Descriptor | undefined,
  ): void {
    if (descriptor === undefined) {
      this.#stop(`has wrong sizes after ${JSON.stringify(member.name.slice(0, MAX_SHOWN_CHARACTERS))}`);
      return;
    }
    this.#advance(used + descriptor.bytes);
    this.#state = HEADER;
    if (wish === 'skip') return;
    const { use } = this.#zip;
    const exceeded = use.excessOf(content.length, used, wish) ?? use.countRead(content.length, wish);
    if (exceeded !== undefined) memberFault(this.#zip, member.name, exceeded);
    else giveMember(this.#zip, { ...member, checksum: descriptor.checksum }, wish, content);
  }

  #maxInflatedBytes(): number {
    return Math.max(this.#zip.use.limits.maxReadBytes, MAX_EXPANSION * this.#position);
  }

  #advance(bytes: number): void {
    this.#pending = this.#pending.subarray(bytes);
    this.#position += bytes;
  }

  #stop(what: string): void {
    this.#state = this.#stopped(what);
  }

  #stopped(what: string): State {
    this.#zip.visitor.fault(`the archive ${what}`);
    this.#pending = NOTHING;
    return OVER;
  }
}

type BodyState =
  | { readonly kind: 'skip'; left: number }
  | {
      readonly kind: 'collect';
      left: number;
      readonly member: ZipMember;
      readonly wish: ReadWish;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'pass'; left: number; readonly inside: ZipStream };

type State =
  | { readonly kind: 'start' }
  | { readonly kind: 'header' }
  | { readonly kind: 'over' }
  | { readonly kind: 'inflate'; readonly member: ZipMember; readonly wish: ReadWish | 'skip'; tryAt: number }
  | BodyState;

const HEADER: State = { kind: 'header' };
const OVER: State = { kind: 'over' };
const NOTHING: Buffer = Buffer.alloc(0);

const MEMBER_MARK: Buffer = Buffer.from('PK\u0003\u0004', 'latin1');

const MAX_SHOWN_CHARACTERS = 200;

/** The scripts of executable archives have some KiB. */
const MAX_SCRIPT_BYTES = 1024 * 1024;

/**
 * The maximum ratio of inflated to read bytes, beyond `maxReadBytes`, for members that are inflated to find their end;
 * classes deflate to less than half.
 */
const MAX_EXPANSION = 20;
