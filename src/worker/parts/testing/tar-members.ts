/** A member of a tar: its header blocks with extension headers, and its content. */
export type RawMember = {
  readonly raw: Buffer;
  readonly name: string;
  /** The type flag. */
  readonly type: string;
  readonly link: string;
  readonly mode: number;
  readonly content: Buffer;
  /** The bytes between the content and the next header. */
  readonly padding: Buffer;
};

/** Splits a valid tar into members and the rest; supports ustar names and PAX paths. Shares no code with the reader. */
export function tarMembers(tar: Buffer): { readonly members: readonly RawMember[]; readonly rest: Buffer } {
  const members: RawMember[] = [];
  let at = 0;
  let begin = 0;
  let paxPath: string | undefined;
  while (at + 512 <= tar.length && tar.subarray(at, at + 512).some((byte) => byte !== 0)) {
    const text = (from: number, length: number): string => {
      return tar.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '');
    };
    const type = text(156, 1) || '0';
    const size = type === '0' || type === 'x' ? Number.parseInt(text(124, 12), 8) : 0;
    const content = tar.subarray(at + 512, at + 512 + size);
    const end = at + 512 + Math.ceil(size / 512) * 512;
    if (type === 'x') paxPath = /\d+ path=(.*)\n/.exec(content.toString())?.[1];
    else {
      const padding = tar.subarray(at + 512 + size, end);
      const named = {
        name: paxPath ?? text(0, 100),
        type,
        link: text(157, 100),
        mode: Number.parseInt(text(100, 8), 8),
      };
      members.push({ ...named, raw: tar.subarray(begin, at + 512), content, padding });
      begin = end;
      paxPath = undefined;
    }
    at = end;
  }
  return { members, rest: tar.subarray(at) };
}
