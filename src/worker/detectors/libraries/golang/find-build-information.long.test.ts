import { expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { readExecutables } from '../executables/read-executables.ts';
import { peFile } from '../executables/testing/pe-file.ts';
import { findBuildInformation } from './find-build-information.ts';
import { inlineInformation, linesOf } from './testing/build-information.ts';

it('build information is searched in the first 16 MiB of the data', () => {
  const limit = 16 * 1024 * 1024;
  const information = inlineInformation('go1.22.1', linesOf('path example.com/app'));
  const foundAfter = (length: number) => {
    const content = Buffer.concat([Buffer.alloc(length), information]);
    const program = peFile([{ name: '.data', content, address: 0x2000 }]);
    return readExecutables(new ChunkedBytes([program])).map(findBuildInformation);
  };
  expect(foundAfter(limit - 32)).toEqual([{ goVersion: 'go1.22.1', modules: 'path\texample.com/app\n' }]);
  expect(foundAfter(limit)).toEqual([undefined]);
});
