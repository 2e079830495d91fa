import { ChunkList } from '../chunks/chunk-list.ts';
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
import { memberFault, type OpenZip, type ReadWish, readMember, unreadableMember } from './member.ts';
import { readZip } from './read.ts';
import { endRecords } from './end-records.ts';
import { findDescriptor, KEPT_BYTES, MAX_DESCRIPTOR_BYTES, MARK_BYTES, signedDescriptorBytes } from './unsized.ts';
import { directorySum, type DirectorySum } from './directory-sum.ts';
import type { ZipUse } from './use.ts';
import type { ZipVisitor } from './visitor.ts';

/**
 * Reads a zip archive that is too large for memory. Reads the archive in a single forward pass with the local headers,
 * and then compares the headers with the central directory. Wanted members are held in memory, except large stored
 * archives, which are read in the same way as the outer archive. If the sizes of a member follow its
 * content, as in archives that Java writes, the class finds the end of the member by these sizes. The memory and time
 * for all other members do not depend on the size of the members.
 */
export class ZipStream {
  readonly #zip: OpenZip;
  readonly #sum: DirectorySum = directorySum();
  /** The unread bytes, and the position in the archive of the first unread byte. */
  #pending: Buffer = Buffer.alloc(0);
  #position = 0;
  /** The position of the first header of the central directory. */
  #directoryAt: number | undefined;
  #state: State = { kind: 'start' };

  /** @param depth the number of archives that contain this archive */
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

  /** Reports a truncated archive, and ends the visit. */
  end(): void {
    if (this.#state.kind === 'pass') this.#state.inside.end();
    const fault = endFault(this.#state);
    if (fault !== undefined) this.#stop(fault);
    this.#zip.visitor.end();
  }

  /** Reads the next header or content from the pending bytes; returns false if more bytes are needed. */
  #step(): boolean {
    const state = this.#state;
    const before = this.#pending.length;
    if (state.kind === 'over') this.#pending = NOTHING;
    else if (before === 0) return false;
    else if (state.kind === 'start') this.#findStart();
    else if (state.kind === 'header') this.#takeHeader(this.#pending);
    else if (state.kind === 'unsized') this.#takeUnsized(state, this.#pending);
    else if (state.kind === 'comment') this.#takeComment(state.bytes, this.#pending);
    else if (state.kind === 'ended') this.#stop('is followed by bytes that were not read');
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

  /** Finds the first member, which can follow a script or a few bytes such as `JM` in a Java module. */
  #findStart(): void {
    const at = this.#pending.indexOf(MEMBER_MARK);
    if (at !== -1) {
      this.#advance(at);
      this.#state = HEADER;
    } else if (this.#position + this.#pending.length > MAX_SCRIPT_BYTES)
      this.#stop(`has no member in its first ${MAX_SCRIPT_BYTES} bytes`);
    else this.#advance(Math.max(0, this.#pending.length - MEMBER_MARK.length + 1));
  }

  #takeHeader(bytes: Buffer): void {
    if (bytes.length < 4) return;
    const mark = bytes.readUInt32LE(0);
    if (mark === LOCAL_HEADER) this.#takeLocalHeader(bytes);
    else if (mark === DESCRIPTOR) this.#takeDescriptor(bytes);
    else if (mark === DIRECTORY_HEADER) {
      this.#directoryAt ??= this.#position;
      const entryBytes = this.#sum.takeEntry(bytes);
      if (entryBytes !== undefined) this.#advance(entryBytes);
    } else if (mark === END || mark === END_64) this.#takeEnd(bytes);
    else this.#stop('is damaged');
  }

  #takeEnd(bytes: Buffer): void {
    const end = endRecords(bytes);
    if (end === undefined) return;
    if (end === 'damaged') {
      this.#stop('is damaged');
      return;
    }
    const fault = this.#sum.fault() ?? this.#directoryFault(end.directoryBytes);
    if (fault !== undefined) {
      this.#stop(fault);
      return;
    }
    this.#advance(end.bytes);
    this.#state = end.commentBytes === 0 ? ENDED : { kind: 'comment', bytes: end.commentBytes };
  }

  /**
   * Checks the stated size of the central directory, because Java uses this size to find the directory before the
   * records at the end.
   */
  #directoryFault(statedBytes: number): string | undefined {
    const isSame = this.#position - (this.#directoryAt ?? this.#position) === statedBytes;
    return isSame ? undefined : 'states a wrong size for its central directory';
  }

  /** Skips the comment. Programs search for the last end record, which can be inside the comment. */
  #takeComment(commentBytes: number, bytes: Buffer): void {
    if (bytes.length < commentBytes) return;
    if (bytes.subarray(0, commentBytes).includes(END_MARK)) {
      this.#stop('may have another archive in its comment');
      return;
    }
    this.#advance(commentBytes);
    this.#state = ENDED;
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

  /** Reads the descriptor after a member whose header also contains the sizes. */
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
      if (method === DEFLATED) return { kind: 'unsized', member, wish, content: new ChunkList(), before: 0, from: 0 };
      return this.#stopped(`does not state the size of the member ${shownMember(name)}`);
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

  #takeUnsized(state: Extract<State, { kind: 'unsized' }>, bytes: Buffer): void {
    const { member } = state;
    const found = findDescriptor(bytes, state, this.#zip.use.countMark);
    if (typeof found === 'string') {
      this.#stop(found);
      return;
    }
    const bodyBytes = found?.at ?? Math.max(0, bytes.length - KEPT_BYTES);
    state.before += bodyBytes;
    const exceeded = state.wish === 'skip' ? undefined : this.#zip.use.excessOf(state.before, state.before, state.wish);
    if (exceeded !== undefined) {
      memberFault(this.#zip, member.name, exceeded);
      state.wish = 'skip';
      state.content = new ChunkList();
    }
    if (state.wish !== 'skip' && bodyBytes > 0) state.content.add(bytes.subarray(0, bodyBytes));
    this.#advance(bodyBytes + (found?.bytes ?? 0));
    if (found === undefined) {
      state.from = Math.max(0, this.#pending.length - MARK_BYTES + 1);
      return;
    }
    this.#state = HEADER;
    const { size, checksum } = found;
    if (state.wish !== 'skip') readMember(this.#zip, { ...member, size, checksum }, state.wish, state.content.end());
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
  | { readonly kind: 'comment'; readonly bytes: number }
  | { readonly kind: 'ended' }
  | {
      readonly kind: 'unsized';
      readonly member: ZipMember;
      wish: ReadWish | 'skip';
      content: ChunkList;
      /** The number of bytes of the member that precede the pending bytes. */
      before: number;
      /** No header starts in the pending bytes before this position. */
      from: number;
    }
  | BodyState;

/**
 * Returns the fault of an archive that ends in this state; undefined if the archive is complete or already has a fault.
 */
function endFault(state: State): string | undefined {
  if (state.kind === 'over' || state.kind === 'ended') return undefined;
  if (state.kind === 'start') return 'has no members';
  return state.kind === 'unsized'
    ? `is cut off in ${shownMember(state.member.name)}, or states a wrong size after this member`
    : 'is cut off';
}

function shownMember(name: string): string {
  return JSON.stringify(name.slice(0, MAX_SHOWN_CHARACTERS));
}

const HEADER: State = { kind: 'header' };
const ENDED: State = { kind: 'ended' };
const OVER: State = { kind: 'over' };
const NOTHING: Buffer = Buffer.alloc(0);

const MEMBER_MARK: Buffer = Buffer.from('PK\u0003\u0004', 'latin1');
const END_MARK: Buffer = Buffer.from('PK\u0005\u0006', 'latin1');

const MAX_SHOWN_CHARACTERS = 200;

/** The maximum size of a script before the archive; the scripts of executable archives are a few KiB. */
const MAX_SCRIPT_BYTES = 1024 * 1024;
