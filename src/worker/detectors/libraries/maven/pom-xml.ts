import { SaxesParser } from 'saxes';
import { type PomFields, pomFields } from './pom-properties.ts';

/** The paths of the fields in a POM. A project without a group or version has the group or version of its parent. */
const FIELDS: ReadonlySet<string> = new Set(
  ['groupId', 'artifactId', 'version', 'parent/groupId', 'parent/version'].map((path) => `project/${path}`),
);

const MAX_DEPTH = 100;

/** Reads the coordinates in a file `pom.xml`; returns no coordinates if the file is not well-formed. */
export function readPomXml(bytes: Uint8Array): PomFields {
  const found = new Map<string, string>();
  const path: string[] = [];
  let isBroken = false;
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', () => (isBroken = true));
  parser.on('opentag', ({ name }) => void path.push(name));
  parser.on('closetag', () => void path.pop());
  parser.on('text', (text) => {
    const at = path.length > MAX_DEPTH ? '' : path.join('/');
    if (FIELDS.has(at)) found.set(at, `${found.get(at) ?? ''}${text}`.trim());
  });
  parser.write(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
  );
  if (isBroken) return {};
  const own = (field: string): string | undefined =>
    found.get(`project/${field}`) ?? found.get(`project/parent/${field}`);
  return pomFields(own('groupId'), found.get('project/artifactId'), own('version'));
}
