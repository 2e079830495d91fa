import { SaxesParser } from 'saxes';
import { type PomFields, pomFields } from './pom-properties.ts';

/** The paths of the fields in a POM. A project without a group or version has the group or version of its parent. */
const FIELDS: ReadonlySet<string> = new Set(
  ['groupId', 'artifactId', 'version', 'parent/groupId', 'parent/version'].map((path) => `project/${path}`),
);

/** The depth of `project/parent/version`. */
const MAX_DEPTH = 3;

/**
 * The number of characters of an element name that are kept; the names of the elements in {@link FIELDS} are shorter.
 */
const MAX_NAME_CHARACTERS = 20;

const MAX_TEXT_CHARACTERS = 1024;

/** The maximum number of elements and texts; the largest real files have about 10,000. */
const MAX_STEPS = 50_000;

/** Reads the coordinates in a `pom.xml` file; returns no coordinates if the file is not well-formed or too long. */
export function readPomXml(bytes: Uint8Array): PomFields {
  const found = new Map<string, string>();
  /** The paths of the open elements that may be fields or contain fields. */
  const paths: string[] = [];
  let depth = 0;
  let steps = 0;
  const countStep = (): void => {
    steps += 1;
    if (steps > MAX_STEPS) throw new Error(`a POM has more than ${MAX_STEPS} elements and texts`);
  };
  // Without an error handler, the parser throws at the first error.
  const parser = new SaxesParser({ xmlns: false });
  parser.on('opentag', ({ name }) => {
    countStep();
    depth += 1;
    if (depth <= MAX_DEPTH) paths.push(`${paths.at(-1) ?? ''}/${name.slice(0, MAX_NAME_CHARACTERS)}`);
  });
  parser.on('closetag', () => {
    if (depth <= MAX_DEPTH) paths.pop();
    depth -= 1;
  });
  parser.on('text', (text) => {
    countStep();
    const path = depth > MAX_DEPTH ? '' : (paths.at(-1)?.slice(1) ?? '');
    const known = found.get(path) ?? '';
    if (FIELDS.has(path) && known.length < MAX_TEXT_CHARACTERS)
      found.set(path, `${known}${text.slice(0, MAX_TEXT_CHARACTERS)}`.trim());
  });
  try {
    parser.write(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch {
    return {};
  }
  const own = (field: string): string | undefined =>
    found.get(`project/${field}`) ?? found.get(`project/parent/${field}`);
  return pomFields(own('groupId'), found.get('project/artifactId'), own('version'));
}
