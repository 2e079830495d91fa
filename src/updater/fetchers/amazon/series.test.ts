import { describe, expect, it } from 'vitest';
import { readSeries, versionLine } from './series.ts';

describe('the identifier of an advisory', () => {
  it.each([
    ['ALAS-2011-1', 'amzn:2018.03', 'ALAS-2011-1.html', undefined],
    ['ALAS2-2018-939', 'amzn:2', 'AL2/ALAS-2018-939.html', undefined],
    ['ALAS2022-2021-001', 'amzn:2022', 'AL2022/ALAS-2021-001.html', undefined],
    ['ALAS2023-2023-126', 'amzn:2023', 'AL2023/ALAS-2023-126.html', undefined],
    ['ALAS2023LIVEPATCH-2023-001', 'amzn:2023', 'AL2023/ALASLIVEPATCH-2023-001.html', undefined],
    ['ALAS2KERNEL-5.15-2022-001', 'amzn:2', 'AL2/ALASKERNEL-5.15-2022-001.html', '5.15'],
    ['ALAS2PHP8.0-2022-003', 'amzn:2', 'AL2/ALASPHP8.0-2022-003.html', '8.0'],
    ['ALAS2DOCKER-2021-001', 'amzn:2', 'AL2/ALASDOCKER-2021-001.html', undefined],
    ['ALAS2HTTPD_MODULES-2023-001', 'amzn:2', 'AL2/ALASHTTPD_MODULES-2023-001.html', undefined],
    ['ALAS2AWS-NITRO-ENCLAVES-CLI-2021-001', 'amzn:2', 'AL2/ALASAWS-NITRO-ENCLAVES-CLI-2021-001.html', undefined],
  ])('%s', (id, namespace, page, line) => {
    const link = `https://alas.aws.amazon.com/${page}`;
    expect(readSeries(id)).toEqual({ namespace, link, ...(line !== undefined && { line }) });
  });

  it.each(['', 'ALAS', 'ALAS-1', 'ALAS3-2023-001', 'RHSA-2023:0001', 'ALAS-2011-1 ', 'alas-2011-1', 'ALAS2x-2021-1'])(
    '%j is rejected',
    (id) => expect(readSeries(id)).toBeUndefined(),
  );
});

describe('the version line of a repository', () => {
  it.each([
    ['5.15', '5.15.43-20.123.amzn2', '5.15'],
    ['5.15', '5.15-1', '5.15'],
    ['1', '1:1.22.1-1.amzn2', '1:1'],
    ['8.0', '8.1.2-1', undefined],
    ['5.1', '5.15.43-1', undefined],
    ['6', '16.2-1', undefined],
    ['5.15', '1.0-0.amzn2', undefined],
    [undefined, '20.10.7-5.amzn2', undefined],
  ])('%s and a fix in %s: from %s', (line, fixed, expected) => {
    const series = { namespace: 'amzn:2', link: '', ...(line !== undefined && { line }) };
    expect(versionLine(series, fixed)).toBe(expected);
  });
});
