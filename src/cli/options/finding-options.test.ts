import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { addFindingOptions, findingFilter, type FindingOptions, severityList } from './finding-options.ts';

function filterOf(...args: readonly string[]): object {
  const command = addFindingOptions(new Command('scan')).action(() => undefined);
  return findingFilter(command.parse([...args], { from: 'user' }).opts<FindingOptions>());
}

describe('the options that choose findings', () => {
  it.each([
    [[], { onlyFixed: false }],
    [['--severity', 'high,LOW'], { severities: ['High', 'Low'], onlyFixed: false }],
    [['--severity', 'high', '--severity', 'low'], { severities: ['High', 'Low'], onlyFixed: false }],
    [['--reachable'], { onlyFixed: false, onlyReachable: true }],
    [['--only-fixed'], { onlyFixed: true }],
    [['--ignore-unfixed'], { onlyFixed: true }],
    [['--type', 'os,LIBRARY'], { onlyFixed: false, kinds: ['os', 'library'] }],
    [['--type', 'os', '--type', 'library'], { onlyFixed: false, kinds: ['os', 'library'] }],
  ])('for %j give the filter %j', (args, filter) => {
    expect(filterOf(...args)).toEqual(filter);
  });

  it('include Defcon1 with critical, so that a list written for another scanner hides nothing worse', () => {
    expect(severityList('critical,high', severityList('critical'))).toEqual(['Critical', 'Defcon1', 'High']);
  });

  it('reject an unknown severity and name the valid severities', () => {
    expect(() => severityList('high,moderate')).toThrow(InvalidArgumentError);
    expect(() => severityList('moderate')).toThrow('"moderate" must be one of unknown, negligible, low,');
  });
});
