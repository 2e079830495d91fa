import type { JsonValue } from './json-value.ts';
import type { JudgedDifference } from './judged-differences.ts';

const MAX_VALUE_LENGTH = 160;

/** Returns a difference as a single line. */
export function differenceLine({ image, kind, where, before, after }: JudgedDifference): string {
  const values = [before, after].flatMap((value) => (value === undefined ? [] : [shown(value)]));
  return `${image}: ${where} ${kind}: ${values.join(' -> ')}`;
}

/** Counts the differences of each kind and path and the files with such differences, in descending order. */
export function countLines(differences: readonly JudgedDifference[]): readonly string[] {
  const groups = new Map<string, { count: number; readonly images: Set<string> }>();
  for (const { image, kind, path, expected } of differences) {
    const name = `${kind} ${path}${expected === undefined ? '' : ` (expected: ${expected.reason})`}`;
    const group = groups.get(name) ?? { count: 0, images: new Set<string>() };
    groups.set(name, group);
    group.count += 1;
    group.images.add(image);
  }
  return [...groups]
    .toSorted(([, one], [, other]) => other.count - one.count)
    .map(([name, { count, images }]) => `${name}: ${count}, in ${images.size} ${images.size === 1 ? 'file' : 'files'}`);
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}
