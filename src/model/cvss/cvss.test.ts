import { describe, expect, it } from 'vitest';
import { parseCvss, severityOfScore, severityOfVector } from './cvss.ts';

describe('the score of a vector', () => {
  // The examples of first.org for each version, by CVE.
  it.each([
    ['CVE-2002-0392', 'AV:N/AC:L/Au:N/C:N/I:N/A:C', '2.0', 7.8],
    ['CVE-2003-0818', 'AV:N/AC:L/Au:N/C:C/I:C/A:C', '2.0', 10],
    ['CVE-2003-0062', 'AV:L/AC:H/Au:N/C:C/I:C/A:C', '2.0', 6.2],
    ['CVE-2013-0375', 'AV:N/AC:L/Au:S/C:P/I:P/A:N', '2.0', 5.5],
    ['CVE-2013-1937', 'CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', '3.0', 6.1],
    ['CVE-2013-0375', 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', '3.1', 6.4],
    ['CVE-2014-3566', 'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', '3.1', 3.1],
    ['CVE-2012-1516', 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H', '3.1', 9.9],
    ['CVE-2014-0160', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', '3.1', 7.5],
    ['CVE-2008-1447', 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N', '3.1', 6.8],
    ['CVE-2009-0783', 'CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L', '3.1', 4.2],
    ['CVE-2022-41741', 'CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 7.3],
    ['CVE-2020-3549', 'CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 7.7],
    ['CVE-2023-3089', 'CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N', '4.0', 8.3],
    ['CVE-2021-44714', 'CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N', '4.0', 4.6],
    ['CVE-2022-21830', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N', '4.0', 5.1],
    ['CVE-2022-22186', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N', '4.0', 6.9],
    ['CVE-2023-21989', 'CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N', '4.0', 5.9],
    ['CVE-2014-0160', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:A', '4.0', 8.7],
    ['CVE-2021-44228', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A', '4.0', 10],
  ])('%s: %s', (_, vector, version, score) => {
    expect(parseCvss(vector)).toMatchObject({ version, vector, score });
  });

  it.each([
    ['without impact is 0, in version 2', 'AV:N/AC:L/Au:N/C:N/I:N/A:N', 0],
    ['without impact is 0, in version 3', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N', 0],
    ['without impact is 0, in version 4', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N', 0],
    ['is never above 10', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
    ['of version 2 is the base score', 'AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C', 7.8],
    ['of version 3 is the base score', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/MC:N', 9.8],
    [
      'of version 4 includes threat metrics',
      'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U',
      9.1,
    ],
    [
      'of version 4 includes environmental metrics',
      'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/CR:L/MSI:S',
      9.4,
    ],
  ])('%s', (_, vector, score) => {
    expect(parseCvss(vector)?.score).toBe(score);
  });
});

describe('a vector', () => {
  it('may be surrounded by blanks or parentheses', () => {
    expect(parseCvss(' (AV:N/AC:L/Au:N/C:P/I:N/A:N)\n')).toMatchObject({ vector: 'AV:N/AC:L/Au:N/C:P/I:N/A:N' });
  });

  it('may have its metrics in any order', () => {
    const cvss = parseCvss('CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:A/E:X');
    expect(cvss?.score).toBe(8.8);
    expect([cvss?.metrics.get('AV'), cvss?.metrics.get('E'), cvss?.metrics.get('RL')]).toEqual(['A', 'X', undefined]);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'HIGH'],
    ['a score', '9.8'],
    ['a version that does not exist', 'CVSS:3.3/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
    ['a missing required metric', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H'],
    ['a repeated metric', 'CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
    ['an invalid value', 'CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
    ['a metric of another version', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AT:N'],
    ['version 2 with the prefix of version 3', 'CVSS:3.1/AV:N/AC:L/Au:N/C:P/I:N/A:N'],
    ['version 3 without its prefix', 'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
    ['small letters', 'cvss:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h'],
    ['a slash at the end', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/'],
    ['an inherited property name', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/constructor:name'],
    ['an overlong vector', `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H${'/E:X'.repeat(100)}`],
  ])('is invalid: %s', (_, text) => {
    expect(parseCvss(text)).toBeUndefined();
    expect(severityOfVector(text)).toBeUndefined();
  });
});

describe('the severity', () => {
  it.each([
    [0, 'Negligible'],
    [0.1, 'Low'],
    [3.9, 'Low'],
    [4, 'Medium'],
    [6.9, 'Medium'],
    [7, 'High'],
    [8.9, 'High'],
    [9, 'Critical'],
    [10, 'Critical'],
    [-0.1, 'Unknown'],
    [10.1, 'Unknown'],
    [Number.NaN, 'Unknown'],
  ])('of %d is %s', (score, severity) => {
    expect(severityOfScore(score)).toBe(severity);
  });

  it('of a vector is the severity of its score', () => {
    expect(severityOfVector('AV:N/AC:L/Au:N/C:P/I:N/A:N')).toBe('Medium');
    expect(severityOfVector('CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N')).toBe('Critical');
  });
});
