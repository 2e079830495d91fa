import { expect, it } from 'vitest';
import { ecosystemOf } from '../index.ts';

it.each([
  ['npm', '@babel/core', '7.0.0', 'pkg:npm/%40babel/core@7.0.0'],
  ['golang', 'github.com/pkg/errors', 'v0.9.1', 'pkg:golang/github.com/pkg/errors@v0.9.1'],
  ['maven', 'org.apache.logging.log4j:log4j-core', '2.14.1', 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1'],
  ['nuget', 'Newtonsoft.Json', '13.0.1', 'pkg:nuget/Newtonsoft.Json@13.0.1'],
  ['nuget', 'System.Text.Json', '', 'pkg:nuget/System.Text.Json'],
])('a package of %s, %s %s, is %3$s', (type, name, version, expected) => {
  const feature = { type, name, version };
  expect(ecosystemOf(feature).purl(feature, null)).toBe(expected);
});

it.each([
  ['maven', 'org.Example:App', 'org.Example:App'],
  ['nuget', 'Microsoft.NETCore.App.Runtime.linux-x64', 'microsoft.netcore.app.runtime.linux-x64'],
])('a package of %s named %s is looked up as %s', (type, name, expected) => {
  const feature = { type, name, version: '1.0' };
  expect(ecosystemOf(feature).lines(feature)).toEqual([{ name: expected, version: '1.0' }]);
});
