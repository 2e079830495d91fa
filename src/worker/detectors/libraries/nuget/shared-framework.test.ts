import { describe, expect, it } from 'vitest';
import { runtimePackage, sharedFrameworkAt } from './shared-framework.ts';

describe('a shared framework', () => {
  it.each([
    [
      'usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json',
      'Microsoft.NETCore.App 8.0.1',
    ],
    [
      'shared/Microsoft.AspNetCore.App/9.0.0-rc.1/Microsoft.AspNetCore.App.deps.json',
      'Microsoft.AspNetCore.App 9.0.0-rc.1',
    ],
    ['usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/other.deps.json', undefined],
    ['usr/share/dotnet/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json', undefined],
    ['shared/Example.App/1.0.0/Example.App.deps.json', undefined],
    ['shared/app.deps.json', undefined],
  ])('is recognised by its directory: %s', (path, expected) => {
    const found = sharedFrameworkAt(path);
    expect(found && `${found.name} ${found.version}`).toBe(expected);
  });

  it.each([
    ['linux-x64', 'linux-x64'],
    ['linux-musl-arm64', 'linux-musl-arm64'],
    ['win-x86', 'win-x86'],
    ['osx-arm64', 'osx-arm64'],
    ['alpine.3.20-x64', 'linux-musl-x64'],
    ['ubuntu.24.04-arm64', 'linux-arm64'],
    ['rhel.8-s390x', 'linux-s390x'],
    [undefined, 'linux-x64'],
    ['any', 'linux-x64'],
  ])('is matched as the package for its runtime: %s', (runtime, expected) => {
    expect(runtimePackage('Microsoft.NETCore.App', runtime)).toBe(`Microsoft.NETCore.App.Runtime.${expected}`);
  });
});
