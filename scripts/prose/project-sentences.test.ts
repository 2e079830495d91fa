import { expect, it } from 'vitest';
import { projectSentences } from './project-sentences.ts';

const FILES: Readonly<Record<string, string>> = {
  'README.md': 'Clair scans a container image.\n\nClair scans a container image.\n',
  'src/errors.ts': "// The table of all errors.\nexport const TEXT = 'The image is not readable.';\n",
  'src/errors.test.ts': "// The test of all errors.\nexport const TEXT = 'A string in a test file.';\n",
  'src/testing/builder.ts': "export const TEXT = 'A string in a test builder.';\n",
  'src/testdata/page.md': 'A page that is test data.\n',
  'web/src/page.tsx': 'export const PAGE = <p>No feed has any data.</p>;\n',
  'package.json': '{"description": "This is not a sentence."}',
};

it('sorts sentences by kind, each text once, with file and line', () => {
  const found = projectSentences(Object.keys(FILES), (path) => FILES[path] ?? '');
  expect(Object.fromEntries(found)).toEqual({
    'help and errors': [{ file: 'src/errors.ts', line: 2, text: 'The image is not readable.' }],
    docs: [{ file: 'README.md', line: 1, text: 'Clair scans a container image.' }],
    comments: [
      { file: 'src/errors.test.ts', line: 1, text: 'The test of all errors.' },
      { file: 'src/errors.ts', line: 1, text: 'The table of all errors.' },
    ],
    'web UI': [{ file: 'web/src/page.tsx', line: 1, text: 'No feed has any data.' }],
  });
});
